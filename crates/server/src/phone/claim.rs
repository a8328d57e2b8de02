use axum::{
    Json,
    extract::{Path, State},
};
use protocol::{
    ids::ClaimId,
    phone::{Claim, ClaimRequest, ClaimState},
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

pub(super) async fn post(State(state): State<AppState>, person: Person, body: JsonBody<ClaimRequest>) -> Answer<Json<Claim>> {
    let handoff = claim(&state, &body.value.ticket, &person.claimant()).await?;
    let mut tx = state.read().await?;
    let place = place(&mut *tx, handoff.device_id).await?;
    let first = claim_state(&mut *tx, &state.key, &handoff, state.lifetimes.now()).await?;
    let claim_id = handoff.claim.ok_or(HandoffError::Over)?.id;
    Ok(Json(Claim { claim_id, store_name: place.store_name, kiosk_label: place.kiosk_label, state: first }))
}

/// Both "this is not me" and "end session" end whatever came of the claim.
pub(super) async fn post_give_up(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
) -> Answer<Json<ClaimState>> {
    Ok(Json(give_up(&state, read(&id)?, person.account).await?))
}

pub(super) fn read(id: &str) -> Result<ClaimId, HandoffError> {
    id.parse().map_err(|_| HandoffError::NotFound)
}
