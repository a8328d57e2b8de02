//! What managers decide.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use protocol::{
    ErrorCode, routes,
    staff::{Enrolment, EnrolmentStatus},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    http::{read, wire},
    operations,
};
use crate::{
    caller::role::Manager,
    http::{Answer, Failure, OptionalJsonBody},
    state::AppState,
};

const MOST: u32 = 500;
const DEFAULT: u32 = 100;

/// Which enrolments are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only those with this status.
    #[param(value_type = Option<EnrolmentStatus>)]
    status: Option<String>,
    /// 1 to 500; default 100.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
}

impl Wanted {
    fn read(&self) -> Answer<(Option<EnrolmentStatus>, u32)> {
        let wrong = |name: &str, detail: &str| Failure::field(name, ErrorCode::ValidationError, detail);
        let status = match self.status.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => Some(EnrolmentStatus::parse(name).ok_or_else(|| {
                wrong("status", "status must be one of draft, pending, pending_verification, verified, rejected")
            })?),
            None => None,
        };
        let limit = match self.limit.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => text.parse().ok().filter(|limit| (1..=MOST).contains(limit)),
            None => Some(DEFAULT),
        };
        Ok((status, limit.ok_or_else(|| wrong("limit", "limit must be from 1 to 500"))?))
    }
}

/// People who enrolled, the oldest first; for managers.
#[utoipa::path(get, path = routes::STAFF_ENROLMENTS, tag = "staff", params(Wanted),
    responses((status = 200, body = Vec<Enrolment>), (status = 401), (status = 403), (status = 422)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn get_list(
    State(state): State<AppState>,
    _: Manager,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Vec<Enrolment>>> {
    let (status, limit) = wanted.read()?;
    let found = state.read().await?.staff_enrolments(status, limit).await?;
    Ok(Json(found.into_iter().map(wire).collect()))
}

/// Confirm a person, who is staff from now on; for managers.
#[utoipa::path(post, path = routes::STAFF_ENROLMENT_VERIFY, tag = "staff", request_body = Option<Object>,
    params(("id" = String, Path)),
    responses((status = 200, body = Enrolment), (status = 401), (status = 403), (status = 404), (status = 409)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn post_verify(
    State(state): State<AppState>,
    Manager(manager): Manager,
    Path(id): Path<String>,
    body: OptionalJsonBody<Map<String, Value>>,
) -> Answer<Response> {
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let enrolment = operations::verify(&mut tx, manager.record.id, read(&id)?).await?;
    body.idempotency.finish(tx, StatusCode::OK, &wire(enrolment)).await
}

/// Refuse a person, who is not staff, or no longer; for managers.
#[utoipa::path(post, path = routes::STAFF_ENROLMENT_REJECT, tag = "staff", request_body = Option<Object>,
    params(("id" = String, Path)),
    responses((status = 200, body = Enrolment), (status = 401), (status = 403), (status = 404), (status = 409)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn post_reject(
    State(state): State<AppState>,
    Manager(manager): Manager,
    Path(id): Path<String>,
    body: OptionalJsonBody<Map<String, Value>>,
) -> Answer<Response> {
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let enrolment = operations::reject(&mut tx, manager.record.id, read(&id)?).await?;
    body.idempotency.finish(tx, StatusCode::OK, &wire(enrolment)).await
}
