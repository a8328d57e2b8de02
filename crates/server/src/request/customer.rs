//! What the customer who asks does.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use protocol::{
    ids::ServiceRequestId,
    profile::Dashboard,
    routes,
    staff::{Lead, NewServiceRequest, RequestChange},
};
use serde_json::{Map, Value};

use super::{RequestError, dashboard, operations, wire};
use crate::{
    caller::VisitorProof,
    http::{Answer, JsonBody, OptionalJsonBody},
    profile,
    state::AppState,
};

pub(super) fn read(id: &str) -> Result<ServiceRequestId, RequestError> {
    id.parse().map_err(|_| RequestError::NotFound)
}

/// Ask staff for something.
#[utoipa::path(post, path = routes::SERVICE_REQUESTS, tag = "requests", request_body = NewServiceRequest,
    responses((status = 201, body = Lead), (status = 401), (status = 403), (status = 409)),
    security(("account" = []), ("bearer" = []), ("guest" = []), ("session_token" = [])))]
pub(super) async fn post(
    State(state): State<AppState>,
    proof: VisitorProof,
    body: JsonBody<NewServiceRequest>,
) -> Answer<Response> {
    let owner = proof.judge(&state).await?.owner()?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let request = operations::create(&mut tx, owner, body.value).await?;
    body.idempotency.finish(tx, StatusCode::CREATED, &wire::lead(request, false)).await
}

/// Change an own request that waits for an answer.
#[utoipa::path(patch, path = routes::LEAD, tag = "requests", request_body = RequestChange, params(("id" = String, Path)),
    responses((status = 200, body = Lead), (status = 400), (status = 401), (status = 403), (status = 404)),
    security(("account" = []), ("bearer" = []), ("guest" = []), ("session_token" = [])))]
pub(super) async fn patch(
    State(state): State<AppState>,
    proof: VisitorProof,
    Path(id): Path<String>,
    body: JsonBody<RequestChange>,
) -> Answer<Json<Lead>> {
    let owner = proof.judge(&state).await?.owner()?;
    let mut tx = state.write().await?;
    let request = operations::change(&mut tx, owner.profile(), read(&id)?, body.value).await?;
    tx.commit().await?;
    Ok(Json(wire::lead(request, false)))
}

/// Withdraw an own request.
#[utoipa::path(post, path = routes::LEAD_CANCEL, tag = "requests", request_body = Option<Object>, params(("id" = String, Path)),
    responses((status = 200, body = Lead), (status = 400), (status = 401), (status = 403), (status = 404)),
    security(("account" = []), ("bearer" = []), ("guest" = []), ("session_token" = [])))]
pub(super) async fn post_cancel(
    State(state): State<AppState>,
    proof: VisitorProof,
    Path(id): Path<String>,
    body: OptionalJsonBody<Map<String, Value>>,
) -> Answer<Response> {
    let owner = proof.judge(&state).await?.owner()?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let request = operations::cancel(&mut tx, owner.profile(), read(&id)?).await?;
    body.idempotency.finish(tx, StatusCode::OK, &wire::lead(request, false)).await
}

/// What the customer asked staff for.
///
/// The id is the caller's own, `me` for somebody signed in, or what a client called its guest; staff may name anybody.
#[utoipa::path(get, path = routes::PROFILE_REQUESTS, tag = "requests",
    params(("id" = String, Path, description = "`me` or an id.")),
    responses((status = 200, body = Dashboard), (status = 401), (status = 404)),
    security(("account" = []), ("bearer" = []), ("guest" = []), ("session_token" = [])))]
pub(super) async fn get_dashboard(
    State(state): State<AppState>,
    proof: VisitorProof,
    Path(id): Path<String>,
) -> Answer<Json<Dashboard>> {
    let visit = proof.judge(&state).await?;
    if id == "me" {
        visit.account()?;
    }
    let mut tx = state.read().await?;
    let owner = profile::readable(&mut *tx, &visit, &id).await?;
    Ok(Json(dashboard(&mut *tx, owner.profile()).await?))
}
