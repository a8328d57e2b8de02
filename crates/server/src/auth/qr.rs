//! A signed-in phone shows a code, and the kiosk that scans it goes on with the session.

use std::time::Duration;

use axum::{extract::State, http::StatusCode, response::Response};
use protocol::{
    ErrorCode,
    auth::{AuthResponse, QrInitRequest, QrInitResponse, QrVerifyRequest},
    routes,
    session::{Assurance, Channel},
};
use server_store::records::{DeviceRecord, QrTokenRecord};

use crate::{
    caller::{Credentials, Own},
    catalogue,
    http::{Answer, Failure, JsonBody, OptionalJsonBody},
    key::{hex, sha256},
    kiosk_session, phone_number,
    proof::Proven,
    session::{self, SessionError},
    state::AppState,
    transaction::Tx,
};

/// Longest token that is looked at.
const LONGEST: usize = 128;

fn invalid() -> Failure {
    Failure::new(ErrorCode::InvalidQrToken, "Invalid QR token")
}

/// Make a code that brings this session to a kiosk.
///
/// The picture holds the token and nothing else; it is good once, for a short time.
#[utoipa::path(post, path = routes::AUTH_QR_INIT, tag = "sign-in", request_body = Option<QrInitRequest>,
    responses((status = 200, body = QrInitResponse), (status = 400), (status = 401), (status = 403)),
    security(("session_token" = []), ("session_token" = [], "device" = []), ("account" = []), ("bearer" = [])))]
pub(super) async fn init(
    State(state): State<AppState>,
    credentials: Credentials,
    body: OptionalJsonBody<QrInitRequest>,
) -> Answer<Response> {
    let caller = credentials.judge()?;
    let unauthorised = |code, detail| Failure::new(code, detail).with_status(StatusCode::UNAUTHORIZED);
    if caller.token().is_none() && caller.own_account().is_none() {
        let nobody = || unauthorised(ErrorCode::AuthenticationRequired, "Must be logged in to generate QR code");
        return Err(caller.unproven().unwrap_or_else(nobody));
    }
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let own = match caller.token() {
        Some(token) => caller.use_own(&mut tx, token).await.map_err(|error| match error {
            SessionError::NotFound => unauthorised(ErrorCode::SessionNotFound, "Invalid session"),
            SessionError::Expired => unauthorised(ErrorCode::SessionExpired, "Session is not active"),
            error => error.into(),
        })?,
        None => caller.use_own_session(&mut tx).await.map_err(|failure| {
            if failure.status() == StatusCode::NOT_FOUND {
                unauthorised(ErrorCode::SessionNotFound, "Invalid session")
            } else {
                failure
            }
        })?,
    };
    if own.session.guest {
        return Err(Failure::new(ErrorCode::CustomerRequired, "Customer ID not found in session"));
    }
    own.more_than_a_number()?;
    check_phone(&mut tx, body.value.phone_number.as_deref(), &own.session.phone).await?;

    let mut random = [0; 32];
    state.entropy.fill(&mut random);
    let qr_token = hex(&random);
    let expires_in = state.config.qr_seconds;
    let expires_at = state.lifetimes.now().plus(Duration::from_secs(expires_in.into()));
    let record = QrTokenRecord { token_hash: sha256(qr_token.as_bytes()).to_vec(), session_id: own.session.id, expires_at };
    tx.put_qr_token(&record).await?;
    tx.extend_session(own.session.id, own.session.expires_at).await?;
    let response = QrInitResponse {
        success: true,
        qr_token,
        customer_id: own.session.customer_id,
        message: "QR token generated successfully".into(),
        expires_in,
        expires_at,
    };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}

/// Go on with the session of a scanned code, at an enrolled kiosk.
#[utoipa::path(post, path = routes::AUTH_QR_VERIFY, tag = "sign-in", request_body = QrVerifyRequest,
    responses((status = 200, body = AuthResponse), (status = 400), (status = 401), (status = 403)), security(("device" = [])))]
pub(super) async fn verify(
    State(state): State<AppState>,
    credentials: Credentials,
    body: JsonBody<QrVerifyRequest>,
) -> Answer<Response> {
    let request = body.value;
    let qr_token = request.qr_token.trim();
    if qr_token.is_empty() {
        return Err(Failure::new(ErrorCode::BadRequest, "QR token is required"));
    }
    let caller = credentials.judge()?;
    let device = caller.device.as_ref().ok_or_else(Proven::not_enrolled)?;
    caller.speaks_for(request.channel.as_deref(), Channel::Kiosk)?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let own = scanned(&mut tx, device, qr_token, request.phone_number.as_deref()).await?;
    let session = session::wire_own(tx.reader(), &state.key, &own).await?;
    let currency = catalogue::currency(tx.reader()).await?;
    let customer = tx.customer(&own.session.customer_id).await?.ok_or_else(invalid)?;
    let response = AuthResponse {
        success: true,
        message: "QR authentication successful".into(),
        session_token: session.session_token.clone(),
        session,
        customer: session::wire_customer(&customer, &currency),
    };
    let answer = body.idempotency.finish(tx, StatusCode::OK, &response).await;
    state.begun.notify_one();
    answer
}

/// The session that a token leads to, now held by the kiosk; the token is used up. Unknown, used and expired tokens look alike.
async fn scanned(tx: &mut Tx, device: &DeviceRecord, qr_token: &str, phone: Option<&str>) -> Answer<Own> {
    let hash = sha256(qr_token.as_bytes());
    let now = tx.state().lifetimes.now();
    let token = if qr_token.len() > LONGEST { None } else { tx.qr_token(&hash).await? };
    let token = token.filter(|token| now < token.expires_at).ok_or_else(invalid)?;
    let wall = tx.now();
    let mut session = tx.session(token.session_id).await?.filter(|session| session.is_live(wall)).ok_or_else(invalid)?;
    check_phone(tx, phone, &session.phone).await?;
    if !tx.use_qr_token(&hash).await? {
        return Err(invalid());
    }
    session::operations::use_on(tx, &mut session, Channel::Kiosk).await?;
    let hold = kiosk_session::attach(tx, device.id, session.id, Assurance::Qr).await?;
    Ok(Own::held(session, &hold))
}

async fn check_phone(tx: &mut Tx, typed: Option<&str>, known: &str) -> Answer<()> {
    let Some(typed) = typed.map(str::trim).filter(|typed| !typed.is_empty()) else { return Ok(()) };
    let state = tx.state().clone();
    let country = catalogue::country(tx.reader(), &state.config).await?;
    let phone =
        phone_number::normalise(typed, &country).map_err(|error| Failure::new(ErrorCode::InvalidPhone, error.to_string()))?;
    if phone == known {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::PhoneMismatch, "This phone number is not the session's."))
}
