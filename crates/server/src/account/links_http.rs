use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode,
    account::{Done, MailRequest, PasswordResetRequest, TokenRequest},
    routes,
    shop::Locale,
};
use server_store::ReadTx;

use super::{AccountError, links, normalise_email};
use crate::{
    caller::{AccountProof, from_own_page},
    http::{Answer, Failure, JsonBody, OptionalJsonBody, Peer, wanted_language},
    state::AppState,
    transaction::Tx,
};

/// Have a link mailed that resets the password.
///
/// The answer is the same, and takes the same time, whether or not somebody has the address.
#[utoipa::path(post, path = routes::PASSWORD_RESET, tag = "accounts", request_body = MailRequest, responses((status = 202, body = Done), (status = 403), (status = 429)))]
pub(super) async fn ask_reset(
    State(state): State<AppState>,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: JsonBody<MailRequest>,
) -> Answer<Response> {
    from_own_page(&headers, &state)?;
    if let Some(answer) = body.idempotency.replay_early(&state).await? {
        return Ok(answer);
    }
    let email = normalise_email(&body.value.email)
        .map_err(|error| Failure::field("email", ErrorCode::ValidationError, error.to_string()))?;
    needs_mail(&state)?;
    state.limits.mail_asks.take(peer.into()).map_err(too_often)?;
    state.limits.mails.take(state.key.mac("mailed", &[email.as_bytes()])).map_err(too_often)?;
    let mut tx = state.write().await?;
    let locale = language(&headers, tx.reader()).await?;
    links::mail_reset(&mut tx, &email, locale).await?;
    let done = Done { message: "If there is an account with this address, a mail with a link is on its way.".into() };
    body.idempotency.keep(&mut tx, StatusCode::ACCEPTED, &done).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(done)).into_response())
}

/// Set a new password with a mailed link.
///
/// Everybody who was signed in with the account is signed out.
#[utoipa::path(post, path = routes::PASSWORD_RESET_CONFIRM, tag = "accounts", request_body = PasswordResetRequest, responses((status = 200, body = Done), (status = 401), (status = 403), (status = 429)))]
pub(super) async fn confirm_reset(
    State(state): State<AppState>,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: JsonBody<PasswordResetRequest>,
) -> Answer<Response> {
    from_own_page(&headers, &state)?;
    if let Some(answer) = body.idempotency.replay_early(&state).await? {
        return Ok(answer);
    }
    state.limits.link_uses.take(peer.into()).map_err(too_often)?;
    let PasswordResetRequest { token, new_password } = body.value;
    let checked = links::check_reset(&state, &token, &new_password).await?;
    let mut tx = state.write().await?;
    links::reset_password(&mut tx, &checked).await?;
    let done = Done { message: "Your password is changed. Sign in with the new one.".into() };
    body.idempotency.keep(&mut tx, StatusCode::OK, &done).await?;
    tx.commit().await?;
    Ok(Json(done).into_response())
}

/// Have the link that verifies the own address mailed once more.
#[utoipa::path(post, path = routes::EMAIL_VERIFICATION, tag = "accounts", request_body = Option<Object>, responses((status = 202, body = Done), (status = 401), (status = 403), (status = 409), (status = 429)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn ask_verification(
    State(state): State<AppState>,
    proof: AccountProof,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: OptionalJsonBody<serde_json::Map<String, serde_json::Value>>,
) -> Answer<Response> {
    let account = proof.required(&state).await?;
    if let Some(answer) = body.idempotency.replay_early(&state).await? {
        return Ok(answer);
    }
    needs_mail(&state)?;
    let mut tx = state.write().await?;
    let locale = language(&headers, tx.reader()).await?;
    state.limits.mail_asks.take(peer.into()).map_err(too_often)?;
    state.limits.mails.take(state.key.mac("mailed account", &[account.record.id.0.as_bytes()])).map_err(too_often)?;
    if !links::mail_verification(&mut tx, &account.record, locale).await? {
        return Err(Failure::new(ErrorCode::Conflict, "There is no address to verify."));
    }
    let done = Done { message: "A mail with a link is on its way.".into() };
    body.idempotency.keep(&mut tx, StatusCode::ACCEPTED, &done).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(done)).into_response())
}

/// Verify an address with a mailed link.
#[utoipa::path(post, path = routes::EMAIL_CONFIRM, tag = "accounts", request_body = TokenRequest, responses((status = 200, body = Done), (status = 401), (status = 403), (status = 429)))]
pub(super) async fn confirm_email(
    State(state): State<AppState>,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: JsonBody<TokenRequest>,
) -> Answer<Response> {
    from_own_page(&headers, &state)?;
    if let Some(answer) = body.idempotency.replay_early(&state).await? {
        return Ok(answer);
    }
    state.limits.link_uses.take(peer.into()).map_err(too_often)?;
    let mut tx = state.write().await?;
    links::confirm_email(&mut tx, &body.value.token).await?;
    let done = Done { message: "Your address is confirmed.".into() };
    body.idempotency.keep(&mut tx, StatusCode::OK, &done).await?;
    tx.commit().await?;
    Ok(Json(done).into_response())
}

/// The language of the mail: the caller's, else the shop's own.
pub(super) async fn language(headers: &HeaderMap, tx: &mut dyn ReadTx) -> Answer<Locale> {
    if let Some(wanted) = wanted_language(headers) {
        return Ok(wanted);
    }
    Ok(tx.shop().await?.and_then(|shop| shop.languages.first().copied()).unwrap_or_default())
}

/// Mails a link to who registered or wants another address. Who wants many mails gets few, and no refusal.
pub(super) async fn mail_verification_of(
    tx: &mut Tx,
    account: &server_store::records::AccountRecord,
    headers: &HeaderMap,
) -> Result<(), Failure> {
    let state = tx.state().clone();
    if state.limits.mails.take(state.key.mac("mailed account", &[account.id.0.as_bytes()])).is_ok() {
        let locale = language(headers, tx.reader()).await?;
        links::mail_verification(tx, account, locale).await?;
    }
    Ok(())
}

fn needs_mail(state: &AppState) -> Answer<()> {
    if state.config.mail.is_some() {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::ServiceUnavailable, "This shop sends no mail yet. Please ask its staff for help."))
}

fn too_often(seconds: u32) -> Failure {
    AccountError::TooOften(seconds).into()
}
