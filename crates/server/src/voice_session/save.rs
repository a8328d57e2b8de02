use axum::{Json, extract::State, http::HeaderMap};
use protocol::{
    ids::VoiceSessionId,
    routes,
    voice_session::{HistoryItem, SaveSessionRequest, VoiceEnd},
};
use server_store::records::CountedVoiceSession;

use super::{end, history::not_found, starter::was_started_by, wire};
use crate::{
    caller::{
        AccountProof,
        cookie::{self, Value},
    },
    http::{Answer, JsonBody},
    state::AppState,
};

/// End a conversation and keep it.
///
/// The server's own transcript is the truth: what the client says was said is left aside.
#[utoipa::path(post, path = routes::ACCOUNT_SAVE_SESSION, tag = "spoken conversations", request_body = SaveSessionRequest, responses((status = 200, body = HistoryItem), (status = 400), (status = 401), (status = 403), (status = 404)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn post(
    State(state): State<AppState>,
    proof: AccountProof,
    headers: HeaderMap,
    body: JsonBody<SaveSessionRequest>,
) -> Answer<Json<HistoryItem>> {
    let account = proof.required(&state).await?.record.id;
    let started: Vec<Value> =
        [cookie::voice(&headers), body.value.ticket.as_deref().and_then(Value::of)].into_iter().flatten().collect();
    let Ok(id) = body.value.session_id.parse::<VoiceSessionId>() else { return Err(not_found()) };
    let mut tx = state.write().await?;
    let CountedVoiceSession { mut session, utterances } = tx.voice_session(id).await?.ok_or_else(not_found)?;
    match session.account_id {
        Some(owner) if owner == account => {}
        None if session.ended_at.is_none() && was_started_by(&session, &started) => session.account_id = Some(account),
        _ => return Err(not_found()),
    }
    let now = tx.now();
    let told = end::end(&mut tx, &mut session, now, VoiceEnd::Stopped).await?;
    // One that had ended before has told so then.
    let announced = state.transcripts.announce(id, told.into_iter().collect());
    tx.commit().await?;
    announced.committed();
    Ok(Json(wire::item(CountedVoiceSession { session, utterances })))
}
