use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use protocol::{
    account::{ChangePasswordRequest, Done, PreferencesChange, StoredPreferences, UserChange, UserProfile},
    routes,
};

use super::{links_http::mail_verification_of, operations, wire};
use crate::{
    caller::{Account, AccountProof, cookie},
    http::{Answer, JsonBody, Peer},
    state::AppState,
};

/// The signed-in person's account.
#[utoipa::path(get, path = routes::ACCOUNT_PROFILE, tag = "accounts", responses((status = 200, body = UserProfile), (status = 401)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn get_profile(State(state): State<AppState>, account: Account) -> Answer<Json<UserProfile>> {
    let mut tx = state.read().await?;
    Ok(Json(wire::profile(&mut *tx, account.record).await?))
}

/// Change name or e-mail. A new e-mail replaces the old one once it is verified.
#[utoipa::path(patch, path = routes::ACCOUNT_PROFILE, tag = "accounts", request_body = UserChange, responses((status = 200, body = UserProfile), (status = 400), (status = 401), (status = 403)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn patch_profile(
    State(state): State<AppState>,
    proof: AccountProof,
    headers: HeaderMap,
    body: JsonBody<UserChange>,
) -> Answer<Json<UserProfile>> {
    let UserChange { display_name, email } = body.value;
    let change = operations::check_change(&operations::Change { display_name, email })?;
    let account = proof.required(&state).await?;
    let mut tx = state.write().await?;
    let before = account.record;
    let account = operations::change(&mut tx, before.id, change).await?;
    if account.pending_email.is_some() && account.pending_email != before.pending_email {
        mail_verification_of(&mut tx, &account, &headers).await?;
    }
    let profile = wire::profile(tx.reader(), account).await?;
    tx.commit().await?;
    Ok(Json(profile))
}

/// Change how the assistant speaks. What is not sent stays; `null` brings the default back.
#[utoipa::path(method(put, patch), path = routes::ACCOUNT_PREFERENCES, tag = "accounts", request_body = PreferencesChange, responses((status = 200, body = StoredPreferences), (status = 400), (status = 401), (status = 403)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn put_preferences(
    State(state): State<AppState>,
    proof: AccountProof,
    body: JsonBody<PreferencesChange>,
) -> Answer<Json<StoredPreferences>> {
    let change = operations::check_preferences(body.value)?;
    let account = proof.required(&state).await?;
    let mut tx = state.write().await?;
    let account = operations::set_preferences(&mut tx, account.record.id, change).await?;
    tx.commit().await?;
    Ok(Json(wire::preferences(account)))
}

/// Change the password. Everybody else who is signed in with this account is signed out.
#[utoipa::path(post, path = routes::ACCOUNT_CHANGE_PASSWORD, tag = "accounts", request_body = ChangePasswordRequest, responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403), (status = 429)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn change_password(
    State(state): State<AppState>,
    proof: AccountProof,
    Peer(peer): Peer,
    body: JsonBody<ChangePasswordRequest>,
) -> Answer<Response> {
    if let Some(answer) = body.idempotency.replay_early(&state).await? {
        return Ok(answer);
    }
    let ChangePasswordRequest { current_password, new_password } = body.value;
    let account = proof.required(&state).await?;
    let checked = operations::check_new_password(&state, &account.record, &current_password, &new_password, peer).await?;
    let mut tx = state.write().await?;
    let cookie = operations::change_password(&mut tx, account.record.id, &checked).await?;
    let done = Done { message: "Password changed successfully".into() };
    body.idempotency.keep(&mut tx, StatusCode::OK, &done).await?;
    tx.commit().await?;
    let mut response = Json(done).into_response();
    if account.cookie.is_some() {
        cookie::set_session(response.headers_mut(), &state, &cookie);
    }
    Ok(response)
}
