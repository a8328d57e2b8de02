use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use protocol::{
    ids::EnrolmentId,
    routes,
    staff::{Enrolment, EnrolmentChange, EnrolmentStarted, EnrolmentSubmitted},
};
use serde_json::{Map, Value};
use server_store::records::StaffEnrolmentRecord;

use super::{EnrolmentError, operations};
use crate::{
    caller::{Account, AccountProof},
    http::{Answer, JsonBody, OptionalJsonBody},
    state::AppState,
};

pub(super) fn read(id: &str) -> Result<EnrolmentId, EnrolmentError> {
    id.parse().map_err(|_| EnrolmentError::NotFound)
}

pub(super) fn wire(enrolment: StaffEnrolmentRecord) -> Enrolment {
    Enrolment {
        id: enrolment.id,
        account_id: enrolment.account_id,
        status: enrolment.status,
        data: enrolment.data,
        created_at: enrolment.created_at,
        updated_at: enrolment.updated_at,
    }
}

/// Begin to enrol as staff, or go on with it.
#[utoipa::path(post, path = routes::STAFF_ENROLMENT_START, tag = "staff", request_body = Option<Object>,
    responses((status = 200, body = EnrolmentStarted), (status = 401), (status = 403)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn post_start(
    State(state): State<AppState>,
    proof: AccountProof,
    body: OptionalJsonBody<Map<String, Value>>,
) -> Answer<Response> {
    let account = proof.required(&state).await?.record.id;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let enrolment = operations::start(&mut tx, account).await?;
    let started = EnrolmentStarted { enrollment_id: enrolment.id, status: enrolment.status };
    body.idempotency.finish(tx, StatusCode::OK, &started).await
}

/// The caller's enrolment.
#[utoipa::path(get, path = routes::STAFF_ENROLMENT, tag = "staff", params(("id" = String, Path)),
    responses((status = 200, body = Enrolment), (status = 401), (status = 404)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn get(State(state): State<AppState>, account: Account, Path(id): Path<String>) -> Answer<Json<Enrolment>> {
    let enrolment = state.read().await?.staff_enrolment(read(&id)?).await?;
    let enrolment = enrolment.filter(|enrolment| enrolment.account_id == account.record.id).ok_or(EnrolmentError::NotFound)?;
    Ok(Json(wire(enrolment)))
}

/// Fill in the caller's enrolment; what is sent is merged, `null` clears.
///
/// What was handed in before is a draft again.
#[utoipa::path(patch, path = routes::STAFF_ENROLMENT, tag = "staff", request_body = EnrolmentChange, params(("id" = String, Path)),
    responses((status = 200, body = Enrolment), (status = 401), (status = 403), (status = 404), (status = 409)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn patch(
    State(state): State<AppState>,
    proof: AccountProof,
    Path(id): Path<String>,
    body: JsonBody<EnrolmentChange>,
) -> Answer<Json<Enrolment>> {
    let account = proof.required(&state).await?.record.id;
    let mut tx = state.write().await?;
    let enrolment = operations::fill(&mut tx, account, read(&id)?, body.value).await?;
    tx.commit().await?;
    Ok(Json(wire(enrolment)))
}

/// Hand in the caller's enrolment.
#[utoipa::path(post, path = routes::STAFF_ENROLMENT_SUBMIT, tag = "staff", request_body = Option<Object>,
    params(("id" = String, Path)),
    responses((status = 200, body = EnrolmentSubmitted), (status = 401), (status = 403), (status = 404), (status = 409)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn post_submit(
    State(state): State<AppState>,
    proof: AccountProof,
    Path(id): Path<String>,
    body: OptionalJsonBody<Map<String, Value>>,
) -> Answer<Response> {
    let account = proof.required(&state).await?.record.id;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let (enrolment, missing) = operations::submit(&mut tx, account, read(&id)?).await?;
    let message = if missing.is_empty() {
        "Thank you. A manager will look at it.".to_owned()
    } else {
        format!("Something is missing: {}. Fill it in and submit again.", missing.join(", "))
    };
    let submitted = EnrolmentSubmitted { status: enrolment.status, message, can_auto_verify: false };
    body.idempotency.finish(tx, StatusCode::OK, &submitted).await
}
