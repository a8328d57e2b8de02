use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use protocol::{
    handoff::{IssuedSession, MatchRequest, OpenHandoffRequest, OpenHandoffResponse},
    ids::HandoffId,
};

use super::{error::HandoffError, issue::match_and_issue, open};
use crate::{
    http::{Answer, JsonBody},
    proof::Device,
    state::AppState,
};

pub(super) async fn post(
    State(state): State<AppState>,
    device: Device,
    body: JsonBody<OpenHandoffRequest>,
) -> Answer<Json<OpenHandoffResponse>> {
    Ok(Json(open::open(&state, device.id, &body.value).await?))
}

pub(super) async fn delete(State(state): State<AppState>, device: Device, Path(id): Path<String>) -> Answer<StatusCode> {
    open::leave(&state, device.id, read(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn post_match(
    State(state): State<AppState>,
    device: Device,
    Path(id): Path<String>,
    body: JsonBody<MatchRequest>,
) -> Answer<Json<IssuedSession>> {
    Ok(Json(match_and_issue(&state, device.id, read(&id)?, &body.value.digits).await?))
}

fn read(id: &str) -> Result<HandoffId, HandoffError> {
    id.parse().map_err(|_| HandoffError::NotFound)
}
