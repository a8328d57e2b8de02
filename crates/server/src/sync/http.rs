use std::{collections::HashMap, time::Duration};

use axum::{Json, extract::State};
use protocol::{
    ApiError, ErrorCode,
    ids::KioskSessionId,
    routes,
    sync::{MAX_OPS, Op, OpBody, PushRequest, PushResponse, Refusal},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::apply::{apply, apply_together, profile_now};
use crate::{
    http::{Answer, Failure, JsonBody},
    proof::Device,
    state::AppState,
};

/// A push that took this long is answered with what it got done: a kiosk that hears nothing begins it anew.
const LONG_ENOUGH: Duration = Duration::from_secs(5);

/// Changes in one transaction. Others who write wait for it.
const MOST_TOGETHER: usize = 25;

/// The kiosks' outbox ends here.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(push))
}

/// Push changes of a kiosk.
///
/// Each is applied once, however often it is pushed. A change that is refused does not hold up the others. One that cannot be
/// applied now holds up the later ones of its hold, for their order, and nothing else.
#[utoipa::path(post, path = routes::SYNC_PUSH, tag = "kiosks", request_body = PushRequest,
    responses(
        (status = 200, body = PushResponse, description = "Says of each change what became of it."),
        (status = 400, description = "The body broke off. Push again."),
        (status = 401, description = "The proof is missing, old, used or another's. Push again with a new one and the nonce of the answer."),
        (status = 403, description = "Nobody has enrolled this kiosk, or not any more. Keep the changes."),
        (status = 404, description = "The session token that was sent, which a push needs not, is not of a live hold of this kiosk."),
        (status = 413, description = "More than 256 KiB. Push fewer changes at once."),
        (status = 415, description = "Not JSON."),
        (status = 422, description = "Not a list of changes, or more than 100 of them. Nothing was applied."),
        (status = 429, description = "Too often. `Retry-After` says when again."),
        (status = 503, description = "Nothing was applied. Push again after `Retry-After`."),
    ), security(("device" = []), ("device" = [], "session_token" = [])))]
async fn push(State(state): State<AppState>, device: Device, body: JsonBody<PushRequest>) -> Answer<Json<PushResponse>> {
    let PushRequest { ops, holding } = body.value;
    if ops.len() > MAX_OPS {
        return Err(Failure::field("ops", ErrorCode::ValidationError, format!("send at most {MAX_OPS} changes at once")));
    }
    let mut response = PushResponse::default();
    let mut held_up = HashMap::<KioskSessionId, ApiError>::new();
    let began = state.clock.monotonic();
    let is_over = || state.clock.monotonic().saturating_sub(began) >= LONG_ENOUGH;
    for ops in runs(&ops) {
        if let [first, _, ..] = ops
            && !held_up.contains_key(&first.kiosk_session_id)
            && !is_over()
            && apply_together(&state, &device, ops, holding).await
        {
            response.applied.extend(ops.iter().map(|op| op.key));
            continue;
        }
        for op in ops {
            let (key, hold) = (op.key, op.kiosk_session_id);
            if let Some(error) = held_up.get(&hold) {
                response.later.push(Refusal::new(key, error.clone()));
                continue;
            }
            if is_over() {
                let error =
                    Failure::new(ErrorCode::ServiceUnavailable, "There was no time left for this change. Please push it again.");
                response.later.push(Refusal::new(key, error.error().clone()));
                continue;
            }
            match apply(&state, &device, op.clone(), holding).await {
                Ok(None) => response.applied.push(key),
                Ok(Some(error)) => {
                    let of_profile = matches!(op.body, OpBody::ChangeProfile { .. });
                    let too_late = of_profile && error.code == ErrorCode::VersionConflict;
                    let profile = if too_late { profile_now(&state, hold).await? } else { None };
                    response.refused.push(Refusal { key, error, profile });
                }
                Err(error) => {
                    let error = Failure::from(error).error().clone();
                    held_up.insert(hold, error.clone());
                    response.later.push(Refusal::new(key, error));
                }
            }
        }
    }
    Ok(Json(response))
}

/// Changes that may be applied together: neighbours of one hold, so that no transaction holds two conversations, and not so many
/// that others wait for it.
fn runs(ops: &[Op]) -> impl Iterator<Item = &[Op]> {
    ops.chunk_by(|one, next| one.kiosk_session_id == next.kiosk_session_id).flat_map(|same| same.chunks(MOST_TOGETHER))
}
