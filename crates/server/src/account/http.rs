use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use protocol::{
    account::{AccountHealth, Done, EmailLoginRequest, RegisterRequest, SignedInUser},
    routes,
};
use serde_json::json;
use server_store::records::AccountRecord;

use super::{AccountError, InvalidEmail, error::wrong, links_http::mail_verification_of, normalise_email, operations, wire};
use crate::{
    auth::operations::verify_password,
    caller::{AccountProof, cookie, forget_guest, from_known_page, guest_token},
    http::{Answer, Failure, JsonBody, Peer},
    profile::link::bring,
    state::AppState,
    transaction::Tx,
};

/// Whether accounts can be used.
#[utoipa::path(get, path = routes::ACCOUNT_HEALTH, tag = "accounts", responses((status = 200, body = AccountHealth)))]
pub(super) async fn health() -> Json<AccountHealth> {
    Json(AccountHealth { status: "healthy".into(), service: "accounts".into() })
}

/// Make an account by e-mail and sign in.
///
/// Sets the cookies `sessionid` and `csrftoken`.
#[utoipa::path(post, path = routes::ACCOUNT_REGISTER, tag = "accounts", request_body = RegisterRequest, responses((status = 201, body = SignedInUser), (status = 400), (status = 401), (status = 403), (status = 429)))]
pub(super) async fn register(
    State(state): State<AppState>,
    Peer(peer): Peer,
    headers: HeaderMap,
    proof: AccountProof,
    body: JsonBody<RegisterRequest>,
) -> Answer<Response> {
    from_known_page(&headers, &state)?;
    proof.refuse_dead_bearer(&state).await?;
    let RegisterRequest { email, password, display_name } = body.value;
    if body.idempotency.replay_early(&state).await?.is_some() {
        // The answer of the first time went with a cookie, which is not kept; whoever knows the password gets another.
        let account = verify_password(&state, &email, &password, peer).await.map_err(AccountError::from)?;
        return enter(state.write().await?, account, &headers, StatusCode::CREATED).await;
    }
    let form = operations::Registration { email, password, display_name };
    let checked = operations::check_registration(&state, form, peer).await?;
    let mut tx = state.write().await?;
    let account = operations::register(&mut tx, checked).await?;
    mail_verification_of(&mut tx, &account, &headers).await?;
    body.idempotency.keep(&mut tx, StatusCode::CREATED, &json!({})).await?;
    enter(tx, account, &headers, StatusCode::CREATED).await
}

/// Sign in with e-mail and password.
///
/// Sets the cookies `sessionid` and `csrftoken`. Unknown e-mail and wrong password are told alike.
#[utoipa::path(post, path = routes::ACCOUNT_LOGIN, tag = "accounts", request_body = EmailLoginRequest, responses((status = 200, body = SignedInUser), (status = 400), (status = 401), (status = 403), (status = 429)))]
pub(super) async fn login(
    State(state): State<AppState>,
    Peer(peer): Peer,
    headers: HeaderMap,
    proof: AccountProof,
    body: JsonBody<EmailLoginRequest>,
) -> Answer<Response> {
    from_known_page(&headers, &state)?;
    proof.refuse_dead_bearer(&state).await?;
    let EmailLoginRequest { email, password } = body.value;
    let email =
        normalise_email(&email).map_err(|error: InvalidEmail| AccountError::Invalid(vec![wrong("email", error.to_string())]))?;
    let account = verify_password(&state, &email, &password, peer).await.map_err(AccountError::from)?;
    enter(state.write().await?, account, &headers, StatusCode::OK).await
}

/// Signs the browser in, with what its guest did.
async fn enter(mut tx: Tx, account: AccountRecord, headers: &HeaderMap, status: StatusCode) -> Answer<Response> {
    let state = tx.state().clone();
    let cookie = operations::sign_in(&mut tx, account.id, cookie::session(headers).as_ref()).await?;
    bring(&mut tx, account.id, guest_token(headers).as_deref()).await?;
    tx.commit().await?;
    let mut response = (status, Json(wire::user(&state, account, Some(&cookie)))).into_response();
    cookie::set_session(response.headers_mut(), &state, &cookie);
    forget_guest(headers, response.headers_mut(), &state);
    Ok(response)
}

/// Sign out. Also 200 where nobody is signed in.
#[utoipa::path(post, path = routes::ACCOUNT_LOGOUT, tag = "accounts", responses((status = 200, body = Done), (status = 401), (status = 403)), security((), ("account" = []), ("bearer" = [])))]
pub(super) async fn logout(State(state): State<AppState>, proof: AccountProof) -> Answer<Response> {
    // Whoever wants to be signed out and is, has what they want; a page of somebody else signs nobody out.
    match proof.judge(&state).await {
        Ok(Some(account)) => {
            if let Some(cookie) = &account.cookie {
                let mut tx = state.write().await?;
                tx.remove_phone_session(&cookie.hash()).await?;
                tx.commit().await?;
            }
        }
        Ok(None) => {}
        Err(failure) if proof.cookie().is_some() && failure.status() == StatusCode::UNAUTHORIZED => {}
        Err(failure) => return Err(failure),
    }
    let mut response = Json(Done { message: "Logged out successfully".into() }).into_response();
    cookie::clear_session(response.headers_mut(), &state);
    Ok(response)
}

/// Who is signed in.
#[utoipa::path(get, path = routes::ACCOUNT_ME, tag = "accounts", responses((status = 200, body = SignedInUser), (status = 401)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn me(State(state): State<AppState>, proof: AccountProof) -> Answer<Json<SignedInUser>> {
    let not = |failure: Failure| {
        if failure.status() == StatusCode::UNAUTHORIZED { failure.with("authenticated", json!(false)) } else { failure }
    };
    let account = proof.required(&state).await.map_err(not)?;
    Ok(Json(wire::user(&state, account.record, account.cookie.as_ref())))
}
