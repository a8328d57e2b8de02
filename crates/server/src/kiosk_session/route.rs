use axum::{Json, extract::State};
use protocol::{
    handoff::{GuestRequest, IssuedSession},
    kiosk_session::KioskSession,
};

use super::{guest, operations::show};
use crate::{
    http::{Answer, JsonBody},
    proof::Device,
    session::SessionError,
    state::AppState,
};

pub(super) async fn post_guest(
    State(state): State<AppState>,
    device: Device,
    body: JsonBody<GuestRequest>,
) -> Answer<Json<IssuedSession>> {
    Ok(Json(guest::start(&state, device.id, &body.value).await?))
}

pub(super) async fn get(State(state): State<AppState>, device: Device) -> Answer<Json<KioskSession>> {
    let hold = device.hold.ok_or(SessionError::NotFound)?;
    let mut reader = state.read().await?;
    let shown = show(&mut *reader, &hold, state.lifetimes.now()).await?;
    Ok(Json(shown.ok_or(SessionError::Expired)?))
}
