//! Guests who begin, and go on, while the server is out of reach.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kiosk_store::{MemoryShelf, Shelf as _, Store as _};
use protocol::{
    Timestamp,
    catalogue::{CataloguePage, Product, ProductStock},
    event::EventBody,
    ids::KioskSessionId,
    intent::Intent,
    kiosk_session::EndReason,
    session::Sender,
    sync::{Op, OpBody},
    view::{ConversationView, Delivery, Notice, Screen, View, Who},
};
use tokio::time::Instant;

use crate::{answers::entry, is_attract, last, server::FakeServer, table::Table, talk};

const AS_OF: i64 = 1_770_880_000_000;

fn shoes(sku: &str, name: &str, price_minor: i64) -> Product {
    Product {
        sku: sku.into(),
        name: name.into(),
        description: "Light and sturdy.".into(),
        price: 0.0,
        price_minor,
        currency: "INR".into(),
        rating: Some(4.5),
        stock: 5,
        category: "Footwear".into(),
        subcategory: Some("Shoes".into()),
        brand: None,
        gender: None,
        color: Some("Rust".into()),
        // A picture would be fetched over the real network, where time is not under control.
        image_url: String::new(),
        attributes: BTreeMap::new(),
    }
}

/// A copy of a small catalogue.
async fn shelf() -> Arc<MemoryShelf> {
    let products = vec![shoes("SKU-1", "Trail Knit", 345_000), shoes("SKU-2", "Court Low", 295_000)];
    let stock = |product: &Product| ProductStock { sku: product.sku.clone(), in_this_store: Some(2), everywhere: 5 };
    let page = CataloguePage {
        revision: "1".into(),
        complete: true,
        as_of: Timestamp::from_unix_millis(AS_OF),
        total: 2,
        stock: products.iter().map(stock).collect(),
        products,
        removed: Vec::new(),
    };
    let shelf = Arc::new(MemoryShelf::default());
    assert!(shelf.take(None, &page).await.unwrap());
    shelf
}

/// A kiosk that knows who it is, and has lost its server.
async fn away() -> Table {
    let server = Arc::new(FakeServer::default());
    server.script(|script| script.enrolled = true);
    let mut table = Table::start_with(server, Arc::default(), shelf().await, Arc::default());
    table.attract().await;
    table.server.go_offline();
    table.until(|view| is_attract(view) && !view.frame.online).await;
    table
}

impl Table {
    async fn begin(&mut self) -> Arc<View> {
        self.intend(Intent::ContinueAsGuest);
        self.until(|view| talk(view).is_some_and(|talk| talk.who == Who::Guest)).await
    }

    /// Asks something, and waits for the answer.
    async fn ask(&mut self, text: &str) -> ConversationView {
        self.write(text);
        let answered =
            |talk: &ConversationView| !talk.thinking && talk.entries.last().is_some_and(|entry| entry.sender == Sender::Agent);
        let view = self.until(|view| last(view).is_some_and(|(said, _)| said != text) && talk(view).is_some_and(answered)).await;
        talk(&view).unwrap().clone()
    }

    /// The changes that the server has applied, as words.
    fn applied(&self) -> Vec<(KioskSessionId, &'static str)> {
        let word = |op: &Op| match &op.body {
            OpBody::BeginGuest { .. } => "begin",
            OpBody::Chat { answered_here: true, .. } => "chat",
            OpBody::Chat { .. } => "chat for the server",
            OpBody::Answer { answers: Some(_), .. } => "answer instead",
            OpBody::Answer { .. } => "answer",
            OpBody::AddToCart { .. } => "add",
            OpBody::SetQuantity { .. } => "set",
            OpBody::ChangeProfile { .. } => "profile",
            OpBody::End { .. } => "end",
        };
        self.server.script(|script| script.applied.iter().map(|op| (op.kiosk_session_id, word(op))).collect())
    }
}

fn add(sku: &str) -> Intent {
    Intent::AddToCart { sku: sku.into(), options: BTreeMap::new() }
}

#[tokio::test(start_paused = true)]
async fn a_visit_without_the_server_is_delivered_once_and_in_order() {
    let mut table = away().await;
    table.begin().await;
    table.eventually(|| table.store.writes() > 0).await;
    let talk = table.ask("do you have shoes?").await;
    let answer = talk.entries.last().unwrap();
    assert_eq!((answer.cards.len(), answer.cards[0].in_this_store), (2, Some(2)));
    assert!(answer.stock_as_of.is_some_and(|as_of| as_of >= Timestamp::from_unix_millis(AS_OF)));
    table.intend(add("SKU-2"));
    let view = table.until(|view| crate::talk(view).is_some_and(|talk| talk.cart.quantity == 1)).await;
    assert_eq!(view.notice, Some(Notice::AddedToCart));
    table.intend(Intent::Done);
    table.until(|view| view.screen == Screen::Goodbye { reason: EndReason::Done, guest: true }).await;
    table.until(is_attract).await;
    assert_eq!(table.store.cached().await.unwrap(), None);

    table.server.go_online();
    let back = Instant::now();
    table.eventually(|| table.applied().len() == 5).await;
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    let (holds, words): (Vec<_>, Vec<_>) = table.applied().into_iter().unzip();
    assert_eq!(words, ["begin", "chat", "answer", "add", "end"]);
    assert!(holds.iter().all(|hold| *hold == holds[0]));
    table.attract().await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(table.applied().len(), 5, "once");
    assert_eq!(table.server.script(|script| script.holding.last().copied().flatten()), None, "nobody is there any more");
}

#[tokio::test(start_paused = true)]
async fn a_guest_who_is_still_there_goes_on_with_the_server() {
    let mut table = away().await;
    table.begin().await;
    table.ask("do you have shoes?").await;
    table.server.go_online();
    let back = Instant::now();
    let is_settled = |view: &View| {
        view.frame.online && talk(view).is_some_and(|talk| talk.entries.iter().all(|entry| entry.delivery == Delivery::Sent))
    };
    table.until(is_settled).await;
    table.eventually(|| table.server.script(|script| script.streams.len() == 2)).await;
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    let (hold, session) = table.server.script(|script| match &script.applied[0] {
        Op { kiosk_session_id, body: OpBody::BeginGuest { session_id, .. }, .. } => (*kiosk_session_id, *session_id),
        other => panic!("{other:?}"),
    });
    assert!(table.server.script(|script| script.holding.contains(&Some(hold))), "the server is told that they are there");

    table.write("and socks?");
    table.until(|view| last(view) == Some(("and socks?", Delivery::Sent))).await;
    assert_eq!(table.applied().last().unwrap().1, "chat for the server");
    let op = table.server.script(|script| script.applied.last().unwrap().key);
    let said = |entry, op| EventBody::ChatAppended { session_id: session, entry, op, version: 2 };
    let own = protocol::session::ChatEntry { id: protocol::ids::EntryId(op.0), ..entry(Sender::User, "and socks?") };
    table.server.happens(said(own, Some(op)));
    table.server.happens(said(entry(Sender::Agent, "Wool ones."), None));
    let view = table.until(|view| last(view) == Some(("Wool ones.", Delivery::Sent))).await;
    assert_eq!(talk(&view).unwrap().entries.len(), 4);
    table.eventually(|| table.speaker.spoken.lock().unwrap().iter().any(|said| said == "Wool ones.")).await;
}

#[tokio::test(start_paused = true)]
async fn a_guest_who_lost_the_server_is_answered_by_the_kiosk() {
    let server = Arc::new(FakeServer::default());
    server.script(|script| script.enrolled = true);
    let mut table = Table::start_with(server, Arc::default(), shelf().await, Arc::default());
    table.attract().await;
    table.begin().await;
    table.server.go_offline();
    table.until(|view| !view.frame.online).await;
    let talk = table.ask("do you have shoes?").await;
    assert_eq!(talk.entries.last().unwrap().cards.len(), 2);
    table.server.go_online();
    table.eventually(|| table.applied().len() == 2).await;
    let words: Vec<_> = table.applied().into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, ["chat", "answer"], "the server's own assistant answers neither");
}

#[tokio::test(start_paused = true)]
async fn what_a_guest_wrote_as_the_server_went_is_answered_by_the_kiosk() {
    const ASKED: &str = "do you have shoes?";
    let server = Arc::new(FakeServer::default());
    server.script(|script| (script.enrolled, script.falls) = (true, Some(ASKED.into())));
    let mut table = Table::start_with(server, Arc::default(), shelf().await, Arc::default());
    table.attract().await;
    table.begin().await;
    table.write(ASKED);
    table.until(|view| last(view) == Some((ASKED, Delivery::Waiting))).await;
    table.server.go_offline();
    let lost = Instant::now();
    let answered = |view: &View| talk(view).is_some_and(|talk| talk.entries.len() == 2 && talk.entries[1].cards.len() == 2);
    table.until(answered).await;
    assert!(lost.elapsed() < Duration::from_secs(5), "{:?}", lost.elapsed());
    table.server.script(|script| script.falls = None);
    table.server.go_online();
    table.eventually(|| table.applied().len() == 2).await;
    let words: Vec<_> = table.applied().into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, ["chat for the server", "answer instead"]);
    table.until(|view| talk(view).is_some_and(|talk| talk.entries.iter().all(|entry| entry.delivery == Delivery::Sent))).await;
}

#[tokio::test(start_paused = true)]
async fn a_guest_whose_call_gets_no_answer_begins_here_and_once() {
    let server = Arc::new(FakeServer::default());
    server.script(|script| (script.enrolled, script.no_guests) = (true, true));
    let mut table = Table::start_with(server, Arc::default(), shelf().await, Arc::default());
    table.attract().await;
    let view = table.begin().await;
    assert_eq!(view.notice, None);
    table.eventually(|| table.applied().len() == 1).await;
    assert_eq!(table.applied()[0].1, "begin");
}

#[tokio::test(start_paused = true)]
async fn a_customer_who_lost_the_server_waits_for_its_answer() {
    let server = Arc::new(FakeServer::default());
    server.script(|script| script.enrolled = true);
    let mut table = Table::start_with(server, Arc::default(), shelf().await, Arc::default());
    table.sign_in().await;
    table.server.go_offline();
    table.until(|view| !view.frame.online).await;
    table.write("where is my order?");
    let view = table.until(|view| last(view) == Some(("where is my order?", Delivery::Waiting))).await;
    assert!(!talk(&view).unwrap().thinking);
    table.server.go_online();
    table.until(|view| last(view) == Some(("where is my order?", Delivery::Sent))).await;
    assert_eq!(table.applied().last().unwrap().1, "chat for the server");
}

#[tokio::test(start_paused = true)]
async fn a_power_cut_in_the_middle_loses_nothing_of_the_visit_and_shows_nothing_of_it() {
    let mut first = away().await;
    first.begin().await;
    first.ask("do you have shoes?").await;
    let store = Arc::new(first.store.after_power_cut());
    let (server, keys, shelf) = (Arc::clone(&first.server), Arc::clone(&first.keys), Arc::clone(&first.shelf));
    drop(first);
    assert_eq!(store.cached().await.unwrap(), None);
    assert_eq!(store.pending(10, &[]).await.unwrap().len(), 3);

    let mut second = Table::start_with(server, store, shelf, keys);
    let view = second.until(is_attract).await;
    assert!(!view.frame.online);
    second.server.go_online();
    second.eventually(|| second.applied().len() == 4).await;
    let (holds, words): (Vec<_>, Vec<_>) = second.applied().into_iter().unzip();
    assert_eq!(words, ["begin", "chat", "answer", "end"]);
    assert!(holds.iter().all(|hold| *hold == holds[0]));
    assert!(second.server.script(|script| script.holding.iter().all(Option::is_none)));
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_begins_no_visit_that_the_server_would_never_hear_of() {
    let mut table = away().await;
    table.store.set_failing(true);
    table.intend(Intent::ContinueAsGuest);
    table.until(|view| is_attract(view) && matches!(view.notice, Some(Notice::Refused { .. }))).await;
    table.store.set_failing(false);
    table.begin().await;
    table.intend(Intent::Done);
    table.server.go_online();
    table.eventually(|| table.applied().len() == 2).await;
    let words: Vec<_> = table.applied().into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, ["begin", "end"]);
}

#[tokio::test(start_paused = true)]
async fn three_days_without_the_server() {
    let mut table = away().await;
    let mut visits = 0;
    for _ in 0..3 {
        for _ in 0..8 {
            table.begin().await;
            table.ask("do you have shoes?").await;
            table.intend(add("SKU-1"));
            table.until(|view| talk(view).is_some_and(|talk| talk.cart.quantity == 1)).await;
            table.intend(Intent::Done);
            table.until(is_attract).await;
            visits += 1;
            tokio::time::sleep(Duration::from_mins(90)).await;
        }
        // The night.
        let writes = table.store.writes();
        tokio::time::sleep(Duration::from_hours(12)).await;
        assert_eq!(table.store.writes(), writes);
    }
    table.begin().await;
    table.server.go_online();
    let back = Instant::now();
    table.eventually(|| table.applied().len() == visits * 5 + 1).await;
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    let mut seen: Vec<KioskSessionId> = Vec::new();
    let mut words = BTreeMap::<_, Vec<_>>::new();
    for (hold, word) in table.applied() {
        if seen.last() != Some(&hold) {
            assert!(!seen.contains(&hold), "visits are told one after the other");
            seen.push(hold);
        }
        words.entry(hold).or_default().push(word);
    }
    let whole = words.values().filter(|words| **words == ["begin", "chat", "answer", "add", "end"]).count();
    assert_eq!((seen.len(), whole), (visits + 1, visits));
    table.until(|view| view.frame.online && talk(view).is_some()).await;
}
