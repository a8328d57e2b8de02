use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode,
    auth::{AuthHealth, AuthResponse, LoginRequest, LogoutResponse, SignupRequest},
    ids::AccountId,
    routes,
    session::{Assurance, Channel},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    operations::{self, SignUp},
    qr,
};
use crate::{
    caller::{Caller, Credentials, Own},
    catalogue,
    http::{Answer, Failure, Idempotency, JsonBody, OptionalJsonBody},
    kiosk_session,
    session::{self, SessionError},
    state::AppState,
    transaction::Tx,
};

/// The documented password endpoints.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(health))
        .routes(routes!(signup))
        .routes(routes!(login))
        .routes(routes!(logout))
        .routes(routes!(qr::init))
        .routes(routes!(qr::verify))
}

/// Whether these endpoints answer.
#[utoipa::path(get, path = routes::AUTH_HEALTH, tag = "sign-in", responses((status = 200, body = AuthHealth)))]
async fn health() -> Json<AuthHealth> {
    Json(AuthHealth::default())
}

/// Sign up as a customer.
#[utoipa::path(post, path = routes::AUTH_SIGNUP, tag = "sign-in", request_body = SignupRequest,
    responses((status = 201, body = AuthResponse), (status = 400), (status = 429)),
    security((), ("channel_key" = []), ("device" = [])))]
async fn signup(State(state): State<AppState>, credentials: Credentials, body: JsonBody<SignupRequest>) -> Answer<Response> {
    let caller = credentials.judge()?;
    if let Some(answer) = body.idempotency.replay(&mut state.write().await?).await? {
        return Ok(answer);
    }
    let request = body.value;
    let channel = caller.speaks_for(request.channel.as_deref(), Channel::Web)?;
    let form = SignUp {
        name: request.name,
        phone_number: request.phone_number,
        password: request.password,
        age: request.age,
        gender: request.gender,
        city: request.city,
        building_name: request.building_name,
        address_landmark: request.address_landmark,
    };
    let checked = operations::check_sign_up(&state, form, caller.peer).await?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let account = operations::sign_up(&mut tx, checked).await?;
    enter(tx, &caller, &body.idempotency, account.id, channel, StatusCode::CREATED, "Account created successfully").await
}

/// Sign in with phone and password.
///
/// A live session of the customer is reused, whichever channel began it.
#[utoipa::path(post, path = routes::AUTH_LOGIN, tag = "sign-in", request_body = LoginRequest,
    responses((status = 200, body = AuthResponse), (status = 400), (status = 401), (status = 429)),
    security((), ("channel_key" = []), ("device" = [])))]
async fn login(State(state): State<AppState>, credentials: Credentials, body: JsonBody<LoginRequest>) -> Answer<Response> {
    let request = body.value;
    if request.phone_number.trim().is_empty() || request.password.is_empty() {
        return Err(Failure::new(ErrorCode::BadRequest, "Phone and password are required"));
    }
    let caller = credentials.judge()?;
    let channel = caller.speaks_for(request.channel.as_deref(), Channel::Web)?;
    let account = operations::verify_password(&state, &request.phone_number, &request.password, caller.peer).await?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    enter(tx, &caller, &body.idempotency, account.id, channel, StatusCode::OK, "Login successful").await
}

/// Gives the customer's session to a person who proved to be that customer.
async fn enter(
    mut tx: Tx,
    caller: &Caller,
    idempotency: &Idempotency,
    account: AccountId,
    channel: Channel,
    status: StatusCode,
    message: &str,
) -> Answer<Response> {
    let state = tx.state().clone();
    let customer = operations::customer_of(&mut tx, account).await?;
    let record = session::operations::session_for_customer(&mut tx, &customer, channel, Assurance::Password).await?;
    let own = match &caller.device {
        Some(device) => {
            let hold = kiosk_session::attach(&mut tx, device.id, record.id, Assurance::Password).await?;
            Own::held(record, &hold)
        }
        None => Own::whole(record),
    };
    let session = session::wire_own(tx.reader(), &state.key, &own).await?;
    let currency = catalogue::currency(tx.reader()).await?;
    let response = AuthResponse {
        success: true,
        message: message.to_owned(),
        session_token: session.session_token.clone(),
        session,
        customer: session::wire_customer(&customer, &currency),
    };
    let answer = idempotency.finish(tx, status, &response).await;
    // A kiosk may hold the session now, for a time that somebody has to watch.
    state.begun.notify_one();
    answer
}

/// Sign out: the session ends on every channel.
#[utoipa::path(post, path = routes::AUTH_LOGOUT, tag = "sign-in", request_body = Option<Object>,
    responses((status = 200, body = LogoutResponse), (status = 400), (status = 401), (status = 404)),
    security((), ("session_token" = []), ("session_token" = [], "device" = []), ("account" = []), ("bearer" = [])))]
async fn logout(
    State(state): State<AppState>,
    credentials: Credentials,
    body: OptionalJsonBody<serde_json::Value>,
) -> Answer<Response> {
    let caller = credentials.judge()?;
    caller.require_own()?;
    let mut tx = state.write().await?;
    let response = |session_id| LogoutResponse { success: true, message: "Logged out successfully".into(), session_id };
    let Some(token) = caller.token() else {
        let mut own = caller.use_own_session(&mut tx).await?;
        session::operations::end_session(&mut tx, &mut own.session).await?;
        return body.idempotency.finish(tx, StatusCode::OK, &response(own.session.id)).await;
    };
    match caller.use_own(&mut tx, token).await {
        Ok(mut own) => {
            session::operations::end_session(&mut tx, &mut own.session).await?;
            body.idempotency.finish(tx, StatusCode::OK, &response(own.session.id)).await
        }
        // Whoever wants to be signed out and is, has what they want.
        Err(SessionError::Expired) => {
            let record = tx.session_by_token_hash(&crate::key::sha256(token.as_bytes())).await?;
            let record = record.ok_or_else(|| Failure::from(SessionError::NotFound))?;
            Ok(Json(response(record.id)).into_response())
        }
        Err(SessionError::NotFound) => Err(Failure::new(ErrorCode::SessionNotFound, "Session not found or already logged out")),
        Err(error) => Err(error.into()),
    }
}
