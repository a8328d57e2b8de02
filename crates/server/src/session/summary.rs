use std::fmt::Write as _;

use protocol::session::{ChatEntry, Sender};
use server_store::records::SessionRecord;

use super::{SessionError, look::Look, snapshot::SHOWN_ENTRIES, token};
use crate::transaction::Tx;

/// Entries between two summaries.
const EVERY: u64 = 6;
/// Entries a summary looks at.
const LOOKS_AT: usize = 40;

/// Longest summary in characters.
pub(crate) const LONGEST: usize = 2_000;

/// Writes the summary anew after every six entries and when the channel changes; one that an agent or a person wrote within
/// the last six entries stays. `conversation` is all of it, or its last entries.
pub(super) async fn refresh(
    tx: &mut Tx,
    session: &mut SessionRecord,
    conversation: &[ChatEntry],
    changed_channel: bool,
) -> Result<(), SessionError> {
    let mut look = Look::In(tx.reader());
    let length = length(&mut look, session, conversation).await?;
    write_anew(&mut look, session, conversation.iter(), length, changed_channel).await
}

/// As [`refresh`], with an entry that is about to be appended.
pub(super) async fn refresh_with(
    look: &mut Look<'_>,
    session: &mut SessionRecord,
    conversation: &[ChatEntry],
    next: &ChatEntry,
    changed_channel: bool,
) -> Result<(), SessionError> {
    let length = length(look, session, conversation).await? + 1;
    write_anew(look, session, conversation.iter().chain([next]), length, changed_channel).await
}

/// How long a conversation is whose last entries these are.
async fn length(look: &mut Look<'_>, session: &SessionRecord, conversation: &[ChatEntry]) -> Result<u64, SessionError> {
    if conversation.len() < SHOWN_ENTRIES as usize {
        Ok(conversation.len() as u64)
    } else {
        Ok(look.tx().await?.chat_length(session.id).await?)
    }
}

async fn write_anew(
    look: &mut Look<'_>,
    session: &mut SessionRecord,
    entries: impl DoubleEndedIterator<Item = &ChatEntry> + Send,
    length: u64,
    changed_channel: bool,
) -> Result<(), SessionError> {
    if length == 0 || !(changed_channel || length.is_multiple_of(EVERY)) {
        return Ok(());
    }
    if session.state.summarised_at.is_some_and(|written| length.saturating_sub(written) < EVERY) {
        return Ok(());
    }
    session.state.summarised_at = None;
    let mut topics: Vec<String> = Vec::new();
    for sku in session.state.last_recommended_skus.iter().rev() {
        let kind = look.tx().await?.product(sku).await?.and_then(|product| product.subcategory.or(Some(product.category)));
        if let Some(kind) = kind.map(|kind| kind.to_lowercase()).filter(|kind| !topics.contains(kind)) {
            topics.push(kind);
        }
        if topics.len() == 3 {
            break;
        }
    }
    session.state.conversation_summary = write(entries.rev().take(LOOKS_AT), &topics, length);
    Ok(())
}

/// Keeps what an agent or a person wrote about the conversation. Nothing at all gives the word back to the server.
///
/// # Errors
/// The store failed.
pub async fn set_summary(tx: &mut Tx, session: &mut SessionRecord, text: &str) -> Result<(), SessionError> {
    let length = tx.chat_length(session.id).await?;
    let text = text.trim();
    text.clone_into(&mut session.state.conversation_summary);
    session.state.summarised_at = Some(length).filter(|_| !text.is_empty());
    token::save(tx, session).await
}

/// `entries` come newest first.
fn write<'a>(entries: impl Iterator<Item = &'a ChatEntry>, topics: &[String], length: u64) -> String {
    let said: Vec<String> =
        entries.filter(|entry| entry.sender == Sender::User).take(3).map(|entry| entry.message.to_lowercase()).collect();
    let says = |words: &[&str]| said.iter().any(|message| words.iter().any(|word| message.contains(word)));
    let mood = if says(&["buy", "checkout", "add", "take it", "order"]) {
        "ready to purchase"
    } else if says(&["compare", "difference", "better", " or "]) {
        "comparing options"
    } else {
        "browsing"
    };
    let mut text = format!("Customer is {mood}");
    if !topics.is_empty() {
        let _ = write!(text, " - interested in {}", topics.join(", "));
    }
    let _ = write!(text, ". {length} interactions so far.");
    text
}

#[cfg(test)]
mod tests {
    use protocol::{Timestamp, ids::EntryId, session::Channel};

    use super::*;

    fn said(message: &str) -> ChatEntry {
        ChatEntry {
            id: EntryId(uuid::Uuid::nil()),
            sender: Sender::User,
            message: message.into(),
            timestamp: Timestamp::from_unix_millis(0),
            channel: Channel::Web,
            metadata: None,
        }
    }

    #[test]
    fn a_summary_has_the_documented_form() {
        let topics = ["shoes".to_owned(), "polos".to_owned()];
        assert_eq!(
            write([said("white shoes?")].iter(), &topics, 4),
            "Customer is browsing - interested in shoes, polos. 4 interactions so far."
        );
        assert_eq!(write([said("Add the first one")].iter(), &[], 6), "Customer is ready to purchase. 6 interactions so far.");
    }
}
