//! What verified staff see of requests, and do with them.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use protocol::{
    ErrorCode,
    ids::ServiceRequestId,
    routes,
    staff::{Lead, RequestStatus, RequestStep},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use server_store::{
    ReadTx, StoreError,
    records::{Page, ServiceRequestRecord},
};

use super::{RequestError, customer::read, operations, wire};
use crate::{
    caller::role::Staff,
    http::{Answer, Failure, JsonBody, OptionalJsonBody},
    state::AppState,
};

const MOST: u32 = 100;
const DEFAULT: u32 = 20;

/// Which leads are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only those with this status.
    #[param(value_type = Option<RequestStatus>)]
    status: Option<String>,
    /// How many to leave out; default 0.
    #[param(value_type = Option<u32>)]
    skip: Option<String>,
    /// 1 to 100; default 20.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

impl Wanted {
    fn read(&self) -> Answer<(Option<RequestStatus>, Page)> {
        let wrong = |name: &str, detail: &str| Failure::field(name, ErrorCode::ValidationError, detail);
        let sent = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let status = match sent(&self.status) {
            Some(name) => Some(
                RequestStatus::parse(&name)
                    .ok_or_else(|| wrong("status", "status must be one of matching, offers_received, booked, cancelled"))?,
            ),
            None => None,
        };
        let limit = match sent(&self.limit) {
            Some(text) => text.parse().ok().filter(|limit| (1..=MOST).contains(limit)),
            None => Some(DEFAULT),
        };
        let limit = limit.ok_or_else(|| wrong("limit", "limit must be from 1 to 100"))?;
        let skip = sent(&self.skip).map_or(Ok(0), |text| text.parse::<u32>());
        let skip = skip.map_err(|_| wrong("skip", "skip must be a number"))?;
        Ok((status, Page { limit, offset: skip.into() }))
    }
}

/// What customers ask for, newest first; for verified staff.
#[utoipa::path(get, path = routes::LEADS, tag = "requests", params(Wanted),
    responses((status = 200, body = Vec<Lead>), (status = 401), (status = 403), (status = 422)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn get_list(
    State(state): State<AppState>,
    Staff(staff): Staff,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Vec<Lead>>> {
    let (status, page) = wanted.read()?;
    let mut tx = state.read().await?;
    let found = tx.service_requests(status, page).await?;
    let ids: Vec<ServiceRequestId> = found.iter().map(|request| request.id).collect();
    let seen = if ids.is_empty() { Vec::new() } else { tx.seen_requests(staff.record.id, &ids).await? };
    let lead = |request: ServiceRequestRecord| {
        let seen = seen.contains(&request.id);
        wire::lead(request, seen)
    };
    Ok(Json(found.into_iter().map(lead).collect()))
}

/// One lead; for verified staff.
#[utoipa::path(get, path = routes::LEAD, tag = "requests", params(("id" = String, Path)),
    responses((status = 200, body = Lead), (status = 401), (status = 403), (status = 404)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn get(State(state): State<AppState>, Staff(staff): Staff, Path(id): Path<String>) -> Answer<Json<Lead>> {
    let mut tx = state.read().await?;
    let request = tx.service_request(read(&id)?).await?.ok_or(RequestError::NotFound)?;
    Ok(Json(seen_lead(&mut *tx, &staff, request).await?))
}

async fn seen_lead(
    tx: &mut dyn ReadTx,
    staff: &crate::caller::Account,
    request: ServiceRequestRecord,
) -> Result<Lead, StoreError> {
    let seen = tx.seen_requests(staff.record.id, &[request.id]).await?;
    Ok(wire::lead(request, !seen.is_empty()))
}

/// Mark a lead as seen by the caller; for verified staff.
#[utoipa::path(put, path = routes::LEAD_VIEW, tag = "requests", request_body = Option<Object>, params(("id" = String, Path)),
    responses((status = 200, body = Lead), (status = 401), (status = 403), (status = 404)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn put_view(
    State(state): State<AppState>,
    Staff(staff): Staff,
    Path(id): Path<String>,
    _: OptionalJsonBody<Map<String, Value>>,
) -> Answer<Json<Lead>> {
    let mut tx = state.write().await?;
    let request = operations::mark_seen(&mut tx, staff.record.id, read(&id)?).await?;
    tx.commit().await?;
    Ok(Json(wire::lead(request, true)))
}

/// Answer a request or take it on; for verified staff.
#[utoipa::path(put, path = routes::SERVICE_REQUEST_STATUS, tag = "requests", request_body = RequestStep,
    params(("id" = String, Path)),
    responses((status = 200, body = Lead), (status = 401), (status = 403), (status = 404), (status = 409)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn put_status(
    State(state): State<AppState>,
    Staff(staff): Staff,
    Path(id): Path<String>,
    body: JsonBody<RequestStep>,
) -> Answer<Json<Lead>> {
    let mut tx = state.write().await?;
    let RequestStep { status, note } = body.value;
    let request = operations::advance(&mut tx, staff.record.id, read(&id)?, status, note).await?;
    let lead = seen_lead(tx.reader(), &staff, request).await?;
    tx.commit().await?;
    Ok(Json(lead))
}
