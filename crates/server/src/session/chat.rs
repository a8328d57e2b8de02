use std::{collections::BTreeMap, time::Duration};

use protocol::{
    event::EventBody,
    ids::{EntryId, OpKey, Sku},
    session::{Channel, ChatEntry, Sender},
};
use serde_json::{Map, Value};
use server_store::records::{SessionRecord, Topic};

use super::{SessionError, snapshot::SHOWN_ENTRIES, summary, token};
use crate::{event, transaction::Tx};

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
    entry: ChatEntry,
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
    if new.message.chars().count() > LONGEST_MESSAGE {
        return Err(SessionError::BadRequest(format!("'message' may have at most {LONGEST_MESSAGE} characters")));
    }
    if new
        .metadata
        .as_ref()
        .is_some_and(|metadata| serde_json::to_string(metadata).map_or(0, |text| text.len()) > LARGEST_METADATA)
    {
        return Err(SessionError::BadRequest("'metadata' may have at most 16 KiB".into()));
    }
    let now = tx.now();
    let changed_channel = session.channel != new.channel;
    session.channel = new.channel;
    if !session.state.channels.contains(&new.channel) {
        session.state.channels.push(new.channel);
    }
    if let Some(metadata) = &new.metadata {
        note_recommendations(session, new.sender, metadata);
        note_address(tx, session, metadata).await?;
    }
    session.state.last_action = Some(super::action::last_action("chat_message", now, []));
    if let Some(Value::String(intent)) = new.metadata.as_ref().and_then(|metadata| metadata.get("intent")) {
        session.state.last_action.get_or_insert_default().insert("intent".into(), intent.clone().into());
    }

    let mut conversation = tx.chat_entries(session.id, SHOWN_ENTRIES).await?;
    let double = conversation.last_mut().filter(|last| {
        new.mergeable && last.sender == new.sender && last.message == new.message && now.since(last.timestamp) <= SAME_WITHIN
    });
    if let Some(last) = double {
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
    let entry = ChatEntry {
        // A kiosk finds its own entry in a snapshot by the key it gave its change.
        id: EntryId(new.op.map_or_else(|| tx.state().new_id(), |op| op.0)),
        sender: new.sender,
        message: new.message,
        timestamp: now,
        channel: new.channel,
        metadata: new.metadata,
    };
    summary::refresh_with(tx, session, &conversation, &entry, changed_channel).await?;
    token::advance(session, now);
    let body = EventBody::ChatAppended { session_id: session.id, entry: entry.clone(), op: new.op, version: session.version };
    tx.keep_entry(session, &entry, &body).await?;
    if conversation.len() == SHOWN_ENTRIES as usize {
        conversation.remove(0);
    }
    conversation.push(entry.clone());
    Ok(Said { entry, conversation })
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

/// A shipping address in the metadata is kept with the session and copied to the customer.
async fn note_address(tx: &mut Tx, session: &mut SessionRecord, metadata: &Map<String, Value>) -> Result<(), SessionError> {
    match metadata.get("shipping_address") {
        Some(Value::Object(sent)) => keep_address(tx, session, sent).await,
        _ => Ok(()),
    }
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
