use axum::{
    Json,
    extract::{Path, State},
};
use protocol::{
    ids::ClaimId,
    phone::{Claim, ClaimRequest, ClaimState},
    routes,
};

use super::{person::Person, visit::place};
use crate::{
    handoff::{
        HandoffError,
        claim::{claim, claim_state, give_up},
    },
    http::{Answer, JsonBody},
    state::AppState,
};

/// Continue on the kiosk.
#[utoipa::path(post, path = routes::PHONE_CLAIMS, tag = "phones", request_body = ClaimRequest,
    responses((status = 200, body = Claim), (status = 404), (status = 409), (status = 429)), security(("account" = [])))]
pub(super) async fn post(State(state): State<AppState>, person: Person, body: JsonBody<ClaimRequest>) -> Answer<Json<Claim>> {
    let handoff = claim(&state, &body.value.ticket, &person.claimant()).await?;
    let mut tx = state.read().await?;
    let place = place(&mut *tx, handoff.device_id).await?;
    let first = claim_state(&mut *tx, &state.key, &handoff, state.lifetimes.now()).await?;
    let claim_id = handoff.claim.ok_or(HandoffError::Over)?.id;
    Ok(Json(Claim { claim_id, store_name: place.store_name, kiosk_label: place.kiosk_label, state: first }))
}

/// This is not me.
#[utoipa::path(post, path = routes::PHONE_CLAIM_CANCEL, tag = "phones", params(("claim_id" = ClaimId, Path)),
    responses((status = 200, body = ClaimState), (status = 404), (status = 409)), security(("account" = [])))]
pub(super) async fn post_cancel(state: State<AppState>, person: Person, id: Path<String>) -> Answer<Json<ClaimState>> {
    post_give_up(state, person, id).await
}

/// End the session on the kiosk.
#[utoipa::path(post, path = routes::PHONE_CLAIM_END, tag = "phones", params(("claim_id" = ClaimId, Path)),
    responses((status = 200, body = ClaimState), (status = 404), (status = 409)), security(("account" = [])))]
pub(super) async fn post_end(state: State<AppState>, person: Person, id: Path<String>) -> Answer<Json<ClaimState>> {
    post_give_up(state, person, id).await
}

/// Both end whatever came of the claim.
async fn post_give_up(State(state): State<AppState>, person: Person, Path(id): Path<String>) -> Answer<Json<ClaimState>> {
    Ok(Json(give_up(&state, read(&id)?, person.account).await?))
}

pub(super) fn read(id: &str) -> Result<ClaimId, HandoffError> {
    id.parse().map_err(|_| HandoffError::NotFound)
}
