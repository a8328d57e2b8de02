use axum::{Json, Router, extract::State, routing::post};
use protocol::{
    ErrorCode, routes,
    sync::{MAX_OPS, PushRequest, PushResponse, Refusal},
};

use super::apply::apply;
use crate::{
    http::{Answer, Failure, JsonBody},
    proof::Device,
    state::AppState,
};

/// The kiosks' outbox ends here.
pub fn routes() -> Router<AppState> {
    Router::new().route(routes::SYNC_PUSH, post(push))
}

/// Each change has a transaction of its own, so that a bad one does not hold up the others.
async fn push(State(state): State<AppState>, device: Device, body: JsonBody<PushRequest>) -> Answer<Json<PushResponse>> {
    let ops = body.value.ops;
    if ops.len() > MAX_OPS {
        return Err(Failure::field("ops", ErrorCode::ValidationError, format!("send at most {MAX_OPS} changes at once")));
    }
    let mut response = PushResponse::default();
    for op in ops {
        let key = op.key;
        match apply(&state, &device, op).await? {
            None => response.applied.push(key),
            Some(error) => response.refused.push(Refusal { key, error }),
        }
    }
    Ok(Json(response))
}
