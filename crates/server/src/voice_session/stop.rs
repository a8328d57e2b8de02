use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use protocol::{routes, voice_session::VoiceEnd, voice_start::VoiceStopped};

use super::{
    end,
    history::not_found,
    starter::{Claimant, was_started_by},
};
use crate::{caller::cookie, http::Answer, state::AppState};

/// Stop a spoken conversation.
///
/// For whoever began it (cookie `voice_session` or header `X-Voice-Ticket`), its account, staff and the shop's agent. Its
/// listeners are told.
#[utoipa::path(delete, path = routes::VOICE_STOP, tag = "spoken conversations", params(("session_id" = String, Path)),
    responses((status = 200, body = VoiceStopped), (status = 401), (status = 403), (status = 404)),
    security(("voice_session" = []), ("voice_ticket" = []), ("account" = []), ("bearer" = []), ("channel_key" = [])))]
pub(super) async fn delete(
    State(state): State<AppState>,
    claimant: Claimant,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let id = claimant.judge(&state, &id).await?.id;
    let mut tx = state.write().await?;
    // It may have ended since it was judged.
    let mut session = tx.voice_session(id).await?.ok_or_else(not_found)?.session;
    let own_cookie = cookie::voice(&headers).is_some_and(|value| was_started_by(&session, &[value]));
    let now = tx.now();
    let told = end::end(&mut tx, &mut session, now, VoiceEnd::Stopped).await?.map_err(|_| not_found())?;
    let announced = state.transcripts.announce(id, vec![told]);
    tx.commit().await?;
    announced.committed();
    let mut response = Json(VoiceStopped { stopped: true }).into_response();
    if own_cookie {
        cookie::clear_voice(response.headers_mut(), &state);
    }
    Ok(response)
}
