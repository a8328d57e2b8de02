use protocol::session::ChatEntry;
use server_store::records::SessionRecord;

use super::{SessionError, chat, snapshot::SHOWN_ENTRIES, summary, token};
use crate::transaction::Tx;

/// Takes in what was said before, with its own times, oldest first.
///
/// # Errors
/// The store failed.
pub async fn import_history(tx: &mut Tx, session: &mut SessionRecord, entries: Vec<ChatEntry>) -> Result<(), SessionError> {
    for entry in entries {
        session.channel = entry.channel;
        if !session.state.channels.contains(&entry.channel) {
            session.state.channels.push(entry.channel);
        }
        if let Some(metadata) = &entry.metadata {
            chat::note_recommendations(session, entry.sender, metadata);
        }
        tx.append_chat_entry(session.id, &entry).await?;
    }
    let conversation = tx.chat_entries(session.id, SHOWN_ENTRIES).await?;
    summary::refresh(tx, session, &conversation, true).await?;
    token::save(tx, session).await
}
