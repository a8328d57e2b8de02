use axum::{Json, extract::State};
use protocol::{
    handoff::{GuestRequest, IssuedSession},
    kiosk_session::KioskSession,
    routes,
};

use super::{guest, operations::show};
use crate::{
    http::{Answer, JsonBody},
    proof::Device,
    session::SessionError,
    state::AppState,
};

/// Begin a guest's session at this kiosk.
#[utoipa::path(post, path = routes::KIOSK_GUEST, tag = "kiosks", request_body = GuestRequest,
    responses((status = 200, body = IssuedSession)), security(("device" = [])))]
pub(super) async fn post_guest(
    State(state): State<AppState>,
    device: Device,
    body: JsonBody<GuestRequest>,
) -> Answer<Json<IssuedSession>> {
    Ok(Json(guest::start(&state, device.id, &body.value).await?))
}

/// What this kiosk sees of the session it holds.
#[utoipa::path(get, path = routes::KIOSK_SESSION, tag = "kiosks", responses((status = 200, body = KioskSession)),
    security(("device" = [], "session_token" = [])))]
pub(super) async fn get(State(state): State<AppState>, device: Device) -> Answer<Json<KioskSession>> {
    let hold = device.hold.ok_or(SessionError::NotFound)?;
    let mut reader = state.read().await?;
    let shown = show(&mut *reader, &hold, state.lifetimes.now()).await?;
    Ok(Json(shown.ok_or(SessionError::Expired)?))
}
