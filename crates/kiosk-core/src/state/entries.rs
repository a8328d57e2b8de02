//! The conversation's entries: the server's, and the customer's own that are on their way.

use std::collections::BTreeMap;

use protocol::{
    Timestamp,
    catalogue::ProductCard,
    ids::{EntryId, OpKey, Sku},
    session::{Channel, ChatEntry, Sender},
    view::Delivery,
};

use serde_json::{Map, Value};

use super::cards::cards;

/// Who answers an entry of the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    /// The server, for as long as it is in reach.
    Server,
    /// The server alone: the kiosk cannot do what is asked for.
    ServerAlone,
    /// The kiosk's own assistant, or nobody: it said this itself.
    Kiosk,
    /// The kiosk's own assistant, instead of a server that went out of reach meanwhile.
    Instead,
}

/// One entry.
pub(crate) struct Entry {
    /// Stable for the life of the screen, whatever the server calls the entry later.
    pub(crate) key: String,
    /// Once the server has it.
    id: Option<EntryId>,
    /// The kiosk's own change that wrote it.
    op: Option<OpKey>,
    pub(crate) sender: Sender,
    pub(crate) text: String,
    pub(crate) channel: Channel,
    pub(crate) at: Timestamp,
    pub(crate) delivery: Delivery,
    pub(crate) cards: Vec<ProductCard>,
    /// What belongs to it; the assistant reads it again.
    metadata: Option<Map<String, Value>>,
    answers: Answers,
    /// When the stock on its cards was so.
    pub(crate) stock_as_of: Timestamp,
}

impl Entry {
    fn from_server(entry: ChatEntry, currency: &str) -> Self {
        Self {
            key: entry.id.to_string(),
            id: Some(entry.id),
            op: None,
            sender: entry.sender,
            cards: cards(entry.metadata.as_ref(), currency),
            metadata: entry.metadata,
            text: entry.message,
            channel: entry.channel,
            at: entry.timestamp,
            delivery: Delivery::Sent,
            answers: Answers::Server,
            stock_as_of: entry.timestamp,
        }
    }

    fn waits_for_server(&self) -> bool {
        self.sender == Sender::User && self.delivery == Delivery::Waiting && self.answers == Answers::Server
    }

    /// As the assistant reads it.
    fn read(&self) -> Option<ChatEntry> {
        Some(ChatEntry {
            id: self.id.or(self.op.map(|op| EntryId(op.0)))?,
            sender: self.sender,
            message: self.text.clone(),
            timestamp: self.at,
            channel: self.channel,
            metadata: self.metadata.clone(),
        })
    }

    /// The server has it.
    fn confirm(&mut self, entry: ChatEntry, currency: &str) {
        self.id = Some(entry.id);
        self.cards = cards(entry.metadata.as_ref(), currency);
        self.metadata = entry.metadata;
        self.text = entry.message;
        self.delivery = Delivery::Sent;
    }
}

/// The entries, oldest first; the customer's own that the server has not confirmed stand at the end.
pub(crate) struct Entries {
    list: Vec<Entry>,
    currency: String,
}

/// What an entry from the server was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was there already.
    Known,
    /// The customer's own, seen on the server for the first time.
    Own,
    /// Somebody else's, or from another channel.
    New,
}

impl Entries {
    pub(crate) fn new(history: Vec<ChatEntry>, currency: &str) -> Self {
        let list = history.into_iter().map(|entry| Entry::from_server(entry, currency)).collect();
        Self { list, currency: currency.to_owned() }
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.list.iter()
    }

    pub(crate) fn find(&self, key: &str) -> Option<&Entry> {
        self.list.iter().find(|entry| entry.key == key)
    }

    /// The newest card of a product.
    pub(crate) fn card(&self, sku: &Sku) -> Option<&ProductCard> {
        self.list.iter().rev().flat_map(|entry| &entry.cards).find(|card| card.sku == *sku)
    }

    /// The customer wrote something here; the server answers it, or the kiosk's own assistant does.
    pub(crate) fn write(&mut self, op: OpKey, text: String, at: Timestamp, answered_here: bool) {
        self.list.push(Entry {
            key: op.to_string(),
            id: None,
            op: Some(op),
            sender: Sender::User,
            text,
            channel: Channel::Kiosk,
            at,
            delivery: if answered_here { Delivery::Kept } else { Delivery::Waiting },
            cards: Vec::new(),
            metadata: None,
            answers: if answered_here { Answers::Kiosk } else { Answers::Server },
            stock_as_of: at,
        });
    }

    /// The kiosk's own assistant said something.
    pub(crate) fn answer(&mut self, op: OpKey, entry: ChatEntry, stock_as_of: Timestamp) {
        self.list.push(Entry {
            key: op.to_string(),
            id: None,
            op: Some(op),
            delivery: Delivery::Kept,
            answers: Answers::Kiosk,
            stock_as_of,
            ..Entry::from_server(entry, &self.currency)
        });
    }

    /// Whether something waits for the server that the kiosk's own assistant could answer.
    pub(crate) fn wait_for_server(&self) -> bool {
        self.list.iter().any(Entry::waits_for_server)
    }

    /// The kiosk's own assistant answers what waits for the server; oldest first.
    pub(crate) fn take_over(&mut self) -> Vec<OpKey> {
        let waiting = self.list.iter_mut().filter(|entry| entry.waits_for_server());
        let taken = waiting.filter_map(|entry| {
            (entry.answers, entry.delivery) = (Answers::Instead, Delivery::Kept);
            entry.op
        });
        taken.collect()
    }

    /// Whether the kiosk's own assistant answers a message instead of the server, which may have it by now.
    pub(crate) fn is_taken_over(&self, op: OpKey) -> bool {
        self.list.iter().any(|entry| entry.op == Some(op) && entry.answers == Answers::Instead)
    }

    /// A message that was taken over is the server's to answer after all.
    pub(crate) fn give_back(&mut self, op: OpKey) {
        for entry in self.list.iter_mut().filter(|entry| entry.op == Some(op) && entry.answers == Answers::Instead) {
            entry.answers = Answers::ServerAlone;
            if entry.delivery == Delivery::Kept {
                entry.delivery = Delivery::Waiting;
            }
        }
    }

    /// A message that was written here, and what was said before it.
    pub(crate) fn asked(&self, op: OpKey) -> Option<(String, Vec<ChatEntry>)> {
        let place = self.list.iter().position(|entry| entry.op == Some(op))?;
        Some((self.list[place].text.clone(), self.list[..place].iter().filter_map(Entry::read).collect()))
    }

    /// The server appended an entry; `op` is the kiosk's own change that wrote it.
    pub(crate) fn take(&mut self, entry: ChatEntry, op: Option<OpKey>) -> Taken {
        let own = op.and_then(|op| self.list.iter().position(|known| known.op == Some(op) && known.id.is_none()));
        let known = self.list.iter().position(|known| known.id == Some(entry.id));
        match (known, own) {
            (Some(known), own) => {
                self.list[known].confirm(entry, &self.currency);
                // The server took two equal messages as one.
                if let Some(own) = own {
                    self.list.remove(own);
                }
                Taken::Known
            }
            (None, Some(own)) => {
                let mut confirmed = self.list.remove(own);
                confirmed.confirm(entry, &self.currency);
                self.insert(confirmed);
                Taken::Own
            }
            (None, None) => {
                self.insert(Entry::from_server(entry, &self.currency));
                Taken::New
            }
        }
    }

    /// Puts an entry of the server before those it has not confirmed.
    fn insert(&mut self, entry: Entry) {
        let end = self.list.iter().position(|known| known.id.is_none()).unwrap_or(self.list.len());
        self.list.insert(end, entry);
    }

    /// The server has a change. True where that was news about an entry which it answers.
    pub(crate) fn delivered(&mut self, key: OpKey) -> bool {
        let on_its_way =
            |entry: &&mut Entry| entry.op == Some(key) && matches!(entry.delivery, Delivery::Waiting | Delivery::Kept);
        let before = self.list.iter_mut().find(on_its_way).map(|entry| std::mem::replace(&mut entry.delivery, Delivery::Sent));
        before == Some(Delivery::Waiting)
    }

    /// The server will never have a change. True where it was an entry of the customer.
    pub(crate) fn refuse(&mut self, key: OpKey) -> bool {
        let own = |entry: &&mut Entry| entry.op == Some(key) && entry.sender == Sender::User;
        self.list.iter_mut().find(own).map(|entry| entry.delivery = Delivery::Refused).is_some()
    }

    /// It could not even be kept.
    pub(crate) fn forget(&mut self, key: OpKey) {
        self.list.retain(|entry| entry.op != Some(key));
    }

    /// Takes a snapshot's history in. The server's entry of a change has the change's own key for its id. What the server has comes
    /// into the order it has there; what it has no more, or not yet, keeps its place before or after that.
    pub(crate) fn resync(&mut self, history: Vec<ChatEntry>) {
        let places: BTreeMap<EntryId, usize> = history.iter().enumerate().map(|(place, entry)| (entry.id, place)).collect();
        for entry in history {
            let op = OpKey(entry.id.0);
            let own = self.list.iter().any(|known| known.op == Some(op));
            self.take(entry, own.then_some(op));
        }
        let place = |entry: &Entry| entry.id.and_then(|id| places.get(&id).copied());
        let first = self.list.iter().position(|entry| place(entry).is_some()).unwrap_or(self.list.len());
        // Sorting keeps the order of what has the same place.
        self.list[first..].sort_by_key(|entry| (entry.id.is_none(), place(entry).unwrap_or(usize::MAX)));
    }

    /// The last entry that the server has is the customer's, written here for it to answer, so an answer may be on its way.
    pub(crate) fn awaits_answer(&self) -> bool {
        let last = self.list.iter().rev().find(|entry| entry.delivery == Delivery::Sent);
        let by_server = |entry: &Entry| matches!(entry.answers, Answers::Server | Answers::ServerAlone);
        last.is_some_and(|entry| entry.sender == Sender::User && entry.op.is_some() && by_server(entry))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn at() -> Timestamp {
        Timestamp::from_unix_millis(1_770_890_400_000)
    }

    fn from_server(id: u128, sender: Sender, message: &str) -> ChatEntry {
        ChatEntry {
            id: EntryId(Uuid::from_u128(id)),
            sender,
            message: message.into(),
            timestamp: at(),
            channel: Channel::Kiosk,
            metadata: None,
        }
    }

    fn key(number: u128) -> OpKey {
        OpKey(Uuid::from_u128(number))
    }

    fn texts(entries: &Entries) -> Vec<(&str, Delivery)> {
        entries.iter().map(|entry| (entry.text.as_str(), entry.delivery)).collect()
    }

    #[test]
    fn ones_own_message_waits_is_sent_and_is_never_there_twice() {
        let mut entries = Entries::new(vec![from_server(1, Sender::Agent, "hello")], "INR");
        entries.write(key(9), "hi".into(), at(), false);
        assert_eq!(texts(&entries), [("hello", Delivery::Sent), ("hi", Delivery::Waiting)]);
        assert!(entries.delivered(key(9)));
        assert!(!entries.delivered(key(9)), "no news any more");
        assert_eq!(entries.take(from_server(2, Sender::User, "hi"), Some(key(9))), Taken::Own);
        assert_eq!(entries.take(from_server(2, Sender::User, "hi"), Some(key(9))), Taken::Known);
        assert_eq!(texts(&entries), [("hello", Delivery::Sent), ("hi", Delivery::Sent)]);
        assert_eq!(entries.iter().next_back().unwrap().key, key(9).to_string(), "its key does not change");
    }

    #[test]
    fn an_event_before_the_answer_of_the_push_is_enough() {
        let mut entries = Entries::new(vec![], "INR");
        entries.write(key(9), "hi".into(), at(), false);
        assert_eq!(entries.take(from_server(2, Sender::User, "hi"), Some(key(9))), Taken::Own);
        assert!(!entries.delivered(key(9)));
        assert_eq!(texts(&entries), [("hi", Delivery::Sent)]);
    }

    #[test]
    fn what_others_write_stands_before_what_still_waits() {
        let mut entries = Entries::new(vec![], "INR");
        entries.write(key(8), "first".into(), at(), false);
        entries.write(key(9), "second".into(), at(), false);
        entries.take(from_server(1, Sender::User, "first"), Some(key(8)));
        entries.take(from_server(2, Sender::Agent, "answer"), None);
        let order: Vec<_> = entries.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(order, ["first", "answer", "second"]);
    }

    #[test]
    fn a_snapshot_finds_ones_own_messages_by_their_keys_and_not_by_their_text() {
        let mut entries = Entries::new(vec![], "INR");
        entries.write(key(8), "yes".into(), at(), false);
        entries.write(key(9), "yes".into(), at(), false);
        let history = |ids: &[u128]| ids.iter().map(|id| from_server(*id, Sender::User, "yes")).collect();
        entries.resync(history(&[1, 8]));
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.clone()).collect();
        assert_eq!(texts(&entries), [("yes", Delivery::Sent), ("yes", Delivery::Sent), ("yes", Delivery::Waiting)]);
        assert_eq!(keys[1..], [key(8).to_string(), key(9).to_string()], "the first one is somebody else's");
        entries.resync(history(&[1, 8, 9]));
        assert_eq!(texts(&entries), [("yes", Delivery::Sent); 3]);
    }

    #[test]
    fn a_snapshot_puts_everything_into_the_servers_order() {
        let mut entries = Entries::new(vec![from_server(1, Sender::Agent, "first")], "INR");
        entries.write(key(9), "waits".into(), at(), false);
        entries.take(from_server(4, Sender::Agent, "came before the snapshot"), None);
        entries.take(from_server(5, Sender::Agent, "came after it"), None);
        let history = [(2, "missed"), (3, "missed, too"), (4, "came before the snapshot")];
        entries.resync(history.map(|(id, text)| from_server(id, Sender::Agent, text)).to_vec());
        let order: Vec<_> = entries.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(order, ["first", "missed", "missed, too", "came before the snapshot", "came after it", "waits"]);
    }

    #[test]
    fn two_messages_that_the_server_took_as_one_are_one() {
        let mut entries = Entries::new(vec![], "INR");
        entries.write(key(8), "yes".into(), at(), false);
        entries.write(key(9), "yes".into(), at(), false);
        entries.take(from_server(1, Sender::User, "yes"), Some(key(8)));
        entries.take(from_server(1, Sender::User, "yes"), Some(key(9)));
        assert_eq!(texts(&entries), [("yes", Delivery::Sent)]);
    }

    #[test]
    fn a_refused_message_stays_and_says_so() {
        let mut entries = Entries::new(vec![], "INR");
        entries.write(key(8), "no".into(), at(), false);
        assert!(entries.refuse(key(8)));
        assert_eq!(texts(&entries), [("no", Delivery::Refused)]);
    }

    #[test]
    fn an_answer_is_awaited_after_ones_own_sent_message_only() {
        let mut entries = Entries::new(vec![from_server(1, Sender::User, "on the web")], "INR");
        assert!(!entries.awaits_answer());
        entries.write(key(8), "hi".into(), at(), false);
        assert!(!entries.awaits_answer(), "nobody has it yet");
        entries.delivered(key(8));
        assert!(entries.awaits_answer());
        entries.take(from_server(2, Sender::User, "hi"), Some(key(8)));
        entries.take(from_server(3, Sender::Agent, "hello"), None);
        assert!(!entries.awaits_answer());
    }

    #[test]
    fn what_waits_for_a_server_out_of_reach_is_taken_over_once() {
        let mut entries = Entries::new(vec![], "INR");
        for (number, text) in [(7, "sent"), (8, "waits"), (9, "waits, too")] {
            entries.write(key(number), text.into(), at(), false);
        }
        entries.delivered(key(7));
        assert!(entries.wait_for_server());
        assert_eq!(entries.take_over(), [key(8), key(9)]);
        let deliveries: Vec<_> = texts(&entries).into_iter().map(|(_, delivery)| delivery).collect();
        assert_eq!(deliveries, [Delivery::Sent, Delivery::Kept, Delivery::Kept]);
        entries.give_back(key(9));
        assert_eq!((entries.is_taken_over(key(8)), entries.is_taken_over(key(9))), (true, false));
        assert_eq!((texts(&entries)[2].1, entries.take_over()), (Delivery::Waiting, vec![]));
        assert!(!entries.delivered(key(8)) && entries.delivered(key(9)), "the server answers the second one");
        assert!(entries.awaits_answer());
    }

    #[test]
    fn the_newest_card_of_a_product_is_found() {
        let mut entry = from_server(1, Sender::Agent, "look");
        let metadata = json!({ "cards": [{ "sku": "A", "name": "Kurta", "price": 10 }] });
        entry.metadata = metadata.as_object().cloned();
        let entries = Entries::new(vec![entry], "INR");
        assert_eq!(entries.card(&"A".into()).unwrap().name, "Kurta");
        assert!(entries.card(&"B".into()).is_none());
    }
}
