//! A message of a conversation, the busiest of all changes, worked out beside the writers and stored together with those that
//! come at the same time. Whatever is out of the ordinary, a refusal too, is left to a transaction.

use bytes::Bytes;
use protocol::session::{UpdateRequest, UpdateResponse};
use server_store::records::SeenEntry;

use super::{action, chat, http::restored_of, wire};
use crate::{
    caller::Caller,
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
    let mut tx = state.store.look().await?;
    let Ok(mut own) = caller.own(&mut *tx, state, token).await else { return Ok(None) };
    let version = own.session.version;
    if request.if_version.is_some_and(|wanted| wanted != version) {
        return Ok(None);
    }
    let Ok(new) = action::chat_message(&own.session, caller.bound_channel(), &request.payload) else { return Ok(None) };
    let Ok(Some((said, body))) = chat::say_beside(&mut *tx, state, &mut own.session, new).await else { return Ok(None) };
    let session = wire::own_saying(&mut *tx, &state.key, &own, Some(said.conversation)).await?;
    drop(tx);
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
