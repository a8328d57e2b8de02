//! A message of a conversation, the busiest of all changes, worked out beside the writers and stored together with those that
//! come at the same time. Whatever is out of the ordinary, a refusal too, is left to a transaction.

use bytes::Bytes;
use protocol::session::{ChatEntry, RestoreResponse, Session, UpdateRequest, UpdateResponse};
use server_store::records::SeenEntry;

use super::{action, chat, http::restored_of, look::Look, snapshot::SHOWN_ENTRIES, wire};
use crate::{
    caller::{Caller, Own},
    http::{Answer, Failure},
    state::AppState,
};

/// The answer to a request for a message that could be stored this way; none where it could not, and nothing was changed.
///
/// # Errors
/// The store failed.
pub(super) async fn message(state: &AppState, caller: &Caller, request: &UpdateRequest) -> Answer<Option<Bytes>> {
    // What a kiosk may do depends on its hold.
    let (Some(together), Some(token), None) = (state.store.together(), caller.token(), &caller.device) else { return Ok(None) };
    if request.action != action::CHAT_MESSAGE {
        return Ok(None);
    }
    let Some(Seen { mut own, shown, conversation, mut look }) = seen(state, caller, token).await? else { return Ok(None) };
    let version = own.session.version;
    if request.if_version.is_some_and(|wanted| wanted != version) {
        return Ok(None);
    }
    let Ok(new) = action::chat_message(&own.session, caller.bound_channel(), &request.payload) else { return Ok(None) };
    let said = chat::say_beside(&mut look, state, &mut own.session, new, conversation).await;
    let Ok(Some((said, body))) = said else { return Ok(None) };
    let session = match shown {
        Some(shown) => wire::own_said(&state.key, &own, shown, said.conversation),
        None => wire::own_saying(look.tx().await?, &state.key, &own, Some(said.conversation)).await?,
    };
    drop(look);
    let at = said.entry.timestamp;
    let seen = SeenEntry { session: own.session.clone(), version, entry: said.entry, body, at };
    let Some(cursor) = state.append_seen(together, seen).await? else { return Ok(None) };
    let token = session.session_token.clone();
    let updated = Bytes::from(serde_json::to_vec(&UpdateResponse { session }).map_err(Failure::internal)?);
    if let Some(body) = restored_of(&updated, &token) {
        state.live.keep(&own.session, cursor, body);
    }
    Ok(Some(updated))
}

/// The caller's session before the message.
struct Seen<'a> {
    own: Own,
    /// As it was answered last, where memory has it.
    shown: Option<Session>,
    conversation: Vec<ChatEntry>,
    look: Look<'a>,
}

/// From memory, or else from the database; none where that refuses it.
async fn seen<'a>(state: &'a AppState, caller: &Caller, token: &str) -> Answer<Option<Seen<'a>>> {
    let mut look = Look::own(state);
    if let Some((session, body)) = state.live.known(token, state.now()) {
        let RestoreResponse { session: mut shown, .. } = serde_json::from_slice(&body).map_err(Failure::internal)?;
        let conversation = std::mem::take(&mut shown.data.chat_context);
        return Ok(Some(Seen { own: Own::whole(session), shown: Some(shown), conversation, look }));
    }
    let tx = look.tx().await?;
    let Ok(own) = caller.own(tx, state, token).await else { return Ok(None) };
    let conversation = tx.chat_entries(own.session.id, SHOWN_ENTRIES).await?;
    Ok(Some(Seen { own, shown: None, conversation, look }))
}
