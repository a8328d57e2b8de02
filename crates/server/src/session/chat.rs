use std::{collections::BTreeMap, time::Duration};

use protocol::{
    Timestamp,
    event::EventBody,
    ids::{EntryId, OpKey, Sku},
    session::{Channel, ChatEntry, Sender},
};
use serde_json::{Map, Value};
use server_store::records::{SessionRecord, Topic};

use super::{SessionError, look::Look, snapshot::SHOWN_ENTRIES, summary, token};
use crate::{event, state::AppState, transaction::Tx};

/// Longest message in characters.
pub(super) const LONGEST_MESSAGE: usize = 4_000;
/// Largest metadata of an entry in bytes of JSON.
const LARGEST_METADATA: usize = 16 * 1024;
/// Two equal entries within this time are one that was saved twice.
const SAME_WITHIN: Duration = Duration::from_secs(2);
pub(super) const RECOMMENDED: usize = 20;

/// An entry to append.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Who wrote it.
    pub sender: Sender,
    /// The text.
    pub message: String,
    /// Where.
    pub channel: Channel,
    /// `cards`, `intent` and whatever else.
    pub metadata: Option<Map<String, Value>>,
    /// The kiosk's change that this is.
    pub op: Option<OpKey>,
    /// The last entry may be the same one, saved by another program; see [`append_chat`].
    pub mergeable: bool,
}

/// What a conversation is after an entry was appended.
pub(super) struct Said {
    /// The new one.
    pub(super) entry: ChatEntry,
    /// Oldest first, the last 200.
    pub(super) conversation: Vec<ChatEntry>,
}

/// Appends an entry to the conversation. A mergeable entry equal to the last one within two seconds is the same entry
/// saved twice: their metadata is merged, the newer winning.
///
/// # Errors
/// The message or its metadata is too long.
pub async fn append_chat(tx: &mut Tx, session: &mut SessionRecord, new: NewEntry) -> Result<ChatEntry, SessionError> {
    say(tx, session, new).await.map(|said| said.entry)
}

/// As [`append_chat`]; answers with the conversation as well.
///
/// # Errors
/// As [`append_chat`].
pub(super) async fn say(tx: &mut Tx, session: &mut SessionRecord, new: NewEntry) -> Result<Said, SessionError> {
    check(&new)?;
    let now = tx.now();
    if let Some(address) = address_in(&new) {
        keep_address(tx, session, address).await?;
    }
    let changed_channel = note(session, &new, now);
    let mut conversation = tx.chat_entries(session.id, SHOWN_ENTRIES).await?;
    if let Some(last) = repeated(&mut conversation, &new, now) {
        if let Some(metadata) = new.metadata {
            last.metadata.get_or_insert_default().extend(metadata);
            tx.set_chat_metadata(last.id, last.metadata.as_ref()).await?;
        }
        let entry = last.clone();
        summary::refresh(tx, session, &conversation, changed_channel).await?;
        token::save(tx, session).await?;
        let body = EventBody::ChatAppended { session_id: session.id, entry: entry.clone(), op: new.op, version: session.version };
        event::append(tx, Topic::Session(session.id), &body).await?;
        return Ok(Said { entry, conversation });
    }
    // A kiosk finds its own entry in a snapshot by the key it gave its change.
    let id = EntryId(new.op.map_or_else(|| tx.state().new_id(), |op| op.0));
    let (said, body) = compose(&mut Look::In(tx.reader()), session, new, conversation, changed_channel, (id, now)).await?;
    tx.keep_entry(session, &said.entry, &body).await?;
    Ok(said)
}

/// What [`say`] would do, worked out without a transaction: `conversation` as it is then, and the event that tells of it. None
/// where more than the conversation would change.
///
/// # Errors
/// As [`append_chat`].
pub(super) async fn say_beside(
    look: &mut Look<'_>,
    state: &AppState,
    session: &mut SessionRecord,
    new: NewEntry,
    mut conversation: Vec<ChatEntry>,
) -> Result<Option<(Said, EventBody)>, SessionError> {
    check(&new)?;
    let now = state.now();
    if address_in(&new).is_some() || repeated(&mut conversation, &new, now).is_some() {
        return Ok(None);
    }
    let changed_channel = note(session, &new, now);
    let id = EntryId(state.new_id());
    compose(look, session, new, conversation, changed_channel, (id, now)).await.map(Some)
}

fn check(new: &NewEntry) -> Result<(), SessionError> {
    if new.message.chars().count() > LONGEST_MESSAGE {
        return Err(SessionError::BadRequest(format!("'message' may have at most {LONGEST_MESSAGE} characters")));
    }
    let metadata = new.metadata.as_ref().map(|metadata| serde_json::to_string(metadata).map_or(0, |text| text.len()));
    if metadata.is_some_and(|length| length > LARGEST_METADATA) {
        return Err(SessionError::BadRequest("'metadata' may have at most 16 KiB".into()));
    }
    Ok(())
}

/// Notes in the session what an entry tells beside its words; answers whether the channel is another one than before.
fn note(session: &mut SessionRecord, new: &NewEntry, now: Timestamp) -> bool {
    let changed_channel = session.channel != new.channel;
    session.channel = new.channel;
    if !session.state.channels.contains(&new.channel) {
        session.state.channels.push(new.channel);
    }
    if let Some(metadata) = &new.metadata {
        note_recommendations(session, new.sender, metadata);
    }
    session.state.last_action = Some(super::action::last_action("chat_message", now, []));
    if let Some(Value::String(intent)) = new.metadata.as_ref().and_then(|metadata| metadata.get("intent")) {
        session.state.last_action.get_or_insert_default().insert("intent".into(), intent.clone().into());
    }
    changed_channel
}

/// The last entry, if the new one is the same, saved twice.
fn repeated<'a>(conversation: &'a mut [ChatEntry], new: &NewEntry, now: Timestamp) -> Option<&'a mut ChatEntry> {
    conversation.last_mut().filter(|last| {
        new.mergeable && last.sender == new.sender && last.message == new.message && now.since(last.timestamp) <= SAME_WITHIN
    })
}

/// The entry, the conversation with it, and the event; the session becomes what it is with it.
async fn compose(
    look: &mut Look<'_>,
    session: &mut SessionRecord,
    new: NewEntry,
    mut conversation: Vec<ChatEntry>,
    changed_channel: bool,
    (id, now): (EntryId, Timestamp),
) -> Result<(Said, EventBody), SessionError> {
    let NewEntry { sender, message, channel, metadata, op, .. } = new;
    let entry = ChatEntry { id, sender, message, timestamp: now, channel, metadata };
    summary::refresh_with(look, session, &conversation, &entry, changed_channel).await?;
    token::advance(session, now);
    let body = EventBody::ChatAppended { session_id: session.id, entry: entry.clone(), op, version: session.version };
    if conversation.len() == SHOWN_ENTRIES as usize {
        conversation.remove(0);
    }
    conversation.push(entry.clone());
    Ok((Said { entry, conversation }, body))
}

fn address_in(new: &NewEntry) -> Option<&Map<String, Value>> {
    new.metadata.as_ref()?.get("shipping_address")?.as_object()
}

/// Products of an agent's cards become the last recommended ones.
pub(super) fn note_recommendations(session: &mut SessionRecord, sender: Sender, metadata: &Map<String, Value>) {
    let Some(Value::Array(cards)) = metadata.get("cards").filter(|_| sender == Sender::Agent) else { return };
    let skus = cards.iter().filter_map(|card| ["sku", "SKU", "product_id"].iter().find_map(|name| card.get(*name)?.as_str()));
    let list = &mut session.state.last_recommended_skus;
    for sku in skus {
        let sku = Sku::from(sku);
        list.retain(|other| *other != sku);
        list.push(sku);
    }
    list.drain(..list.len().saturating_sub(RECOMMENDED));
}

/// Keeps a shipping address with the session and copies it to the customer: `city`, `landmark` and `building`, blanks dropped.
///
/// # Errors
/// The store failed.
pub async fn keep_address(tx: &mut Tx, session: &mut SessionRecord, sent: &Map<String, Value>) -> Result<(), SessionError> {
    let text = |name: &str| {
        sent.get(name)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| text.chars().take(100).collect::<String>())
    };
    let parts = [
        ("city", text("city")),
        ("landmark", text("landmark")),
        ("building", text("building").or_else(|| text("building_name"))),
    ];
    let address: BTreeMap<String, String> = parts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect();
    if address.is_empty() {
        return Ok(());
    }
    if !session.guest
        && let Some(mut customer) = tx.customer(&session.customer_id).await?
    {
        let keep = |name: &str, field: &mut String| {
            if let Some(text) = address.get(name) {
                field.clone_from(text);
            }
        };
        keep("city", &mut customer.city);
        keep("building", &mut customer.building_name);
        keep("landmark", &mut customer.address_landmark);
        tx.put_customer(&customer).await?;
    }
    session.state.shipping_address = Some(address);
    Ok(())
}
