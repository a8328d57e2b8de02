use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use protocol::{
    handoff::{IssuedSession, MatchRequest, OpenHandoffRequest, OpenHandoffResponse},
    ids::HandoffId,
    routes,
};

use super::{error::HandoffError, issue::match_and_issue, open};
use crate::{
    http::{Answer, JsonBody},
    proof::Device,
    state::AppState,
};

/// Open a handoff.
///
/// Everything that the kiosk shows for the next two minutes. What it showed before is over.
#[utoipa::path(post, path = routes::HANDOFFS, tag = "handoffs", request_body = OpenHandoffRequest,
    responses((status = 200, body = OpenHandoffResponse)), security(("device" = [])))]
pub(super) async fn post(
    State(state): State<AppState>,
    device: Device,
    body: JsonBody<OpenHandoffRequest>,
) -> Answer<Json<OpenHandoffResponse>> {
    Ok(Json(open::open(&state, device.id, &body.value).await?))
}

/// Give a handoff up.
#[utoipa::path(delete, path = routes::HANDOFF, tag = "handoffs", params(("handoff_id" = HandoffId, Path)),
    responses((status = 204, description = "It is over."), (status = 404), (status = 409)), security(("device" = [])))]
pub(super) async fn delete(State(state): State<AppState>, device: Device, Path(id): Path<String>) -> Answer<StatusCode> {
    open::leave(&state, device.id, read(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Type the two digits of the phone.
///
/// One try. The answer holds the kiosk's own token, sealed to its key of this handoff.
#[utoipa::path(post, path = routes::HANDOFF_MATCH, tag = "handoffs", params(("handoff_id" = HandoffId, Path)),
    request_body = MatchRequest, responses((status = 200, body = IssuedSession), (status = 404), (status = 409)),
    security(("device" = [])))]
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
