use axum::{Json, extract::State, http::StatusCode};
use protocol::{ErrorCode, account::ValidSession, routes};
use serde_json::json;
use server_store::records::Scope;

use super::wire;
use crate::{
    caller::{AccountProof, Credentials},
    http::{Answer, Failure},
    state::AppState,
};

/// Whose cookie is this? For the shop's own servers, which pass it on.
///
/// Without a channel key with the scope `internal`, the address is as unknown as any other.
#[utoipa::path(post, path = routes::VALIDATE_SESSION, tag = "accounts",
    responses((status = 200, body = ValidSession), (status = 401), (status = 404)),
    security(("channel_key" = [], "account" = [])))]
pub(super) async fn post(
    State(state): State<AppState>,
    credentials: Credentials,
    proof: AccountProof,
) -> Answer<Json<ValidSession>> {
    if !credentials.judge().is_ok_and(|caller| caller.may(Scope::Internal)) {
        return Err(Failure::new(ErrorCode::NotFound, "Not Found"));
    }
    let invalid = |failure: Failure| match failure.status() {
        StatusCode::UNAUTHORIZED => failure.with("valid", json!(false)),
        _ => failure,
    };
    let account = proof.from_server().required(&state).await.map_err(invalid)?;
    Ok(Json(wire::valid_session(account.record)))
}
