use axum::{Json, extract::State};
use protocol::{
    ErrorCode, routes,
    sync::{MAX_OPS, PushRequest, PushResponse, Refusal},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::apply::apply;
use crate::{
    http::{Answer, Failure, JsonBody},
    proof::Device,
    state::AppState,
};

/// The kiosks' outbox ends here.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(push))
}

/// Push changes of a kiosk.
///
/// Each is applied once, however often it is pushed. A change that is refused does not hold up the others.
#[utoipa::path(post, path = routes::SYNC_PUSH, tag = "kiosks", request_body = PushRequest,
    responses((status = 200, body = PushResponse)), security(("device" = []), ("device" = [], "session_token" = [])))]
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
