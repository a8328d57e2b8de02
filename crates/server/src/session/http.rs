use std::net::IpAddr;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode, routes,
    session::{EndRequest, EndResponse, EndScope, RestoreResponse, StartRequest, StartResponse, UpdateRequest, UpdateResponse},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{SessionError, SessionToken, action, operations, start, token, wire};
use crate::{
    catalogue,
    http::{Answer, Failure, JsonBody, OptionalJsonBody, Peer},
    phone_number,
    state::AppState,
};

/// The documented session endpoints.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(begin)).routes(routes!(restore)).routes(routes!(update)).routes(routes!(end))
}

/// Start a session, or go on with the live one.
///
/// A phone number is a name, not a proof: who proves nothing gets a guest session. Errors carry the sentence in `error` too.
#[utoipa::path(post, path = routes::SESSION_START, tag = "sessions", request_body = StartRequest,
    responses((status = 200, body = StartResponse), (status = 400), (status = 429)), security((), ("session_token" = [])))]
async fn begin(
    State(state): State<AppState>,
    Peer(peer): Peer,
    token: SessionToken,
    body: Answer<JsonBody<StartRequest>>,
) -> Response {
    let answer = match body {
        Ok(body) => try_begin(&state, peer, &token, body).await,
        Err(failure) => Err(failure),
    };
    answer.unwrap_or_else(|failure| {
        let sentence = failure.error().detail.clone();
        failure.with("error", sentence.into()).into_response()
    })
}

async fn try_begin(state: &AppState, peer: IpAddr, token: &SessionToken, body: JsonBody<StartRequest>) -> Answer<Response> {
    let request = body.value;
    let filled = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (phone, telegram) = (filled(request.phone), filled(request.telegram_chat_id));
    if phone.is_none() && telegram.is_none() {
        return Err(Failure::new(ErrorCode::BadRequest, "Either phone or telegram_chat_id is required"));
    }
    let channel = action::parse_channel(filled(request.channel).as_deref().unwrap_or("whatsapp"))?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let phone = match phone {
        Some(typed) => {
            let country = catalogue::country(tx.reader(), &state.config).await?;
            let number = phone_number::normalise(&typed, &country);
            Some(number.map_err(|error| Failure::new(ErrorCode::InvalidPhone, error.to_string()))?)
        }
        None => None,
    };
    // A caller who holds the live token of that phone goes on with it; everybody else starts as a guest, because a
    // phone number proves nothing. The answer does not tell whether the number is known.
    let own = match token.get() {
        Some(token) => match operations::use_session(&mut tx, token).await {
            Ok(session) if phone.as_ref().is_none_or(|phone| *phone == session.phone) => Some(session),
            Ok(_) | Err(SessionError::NotFound | SessionError::Expired) => None,
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let session = if let Some(mut session) = own {
        start::use_on(&mut tx, &mut session, channel).await?;
        session
    } else {
        let wait = state.limits.starts.take(peer.into());
        wait.map_err(|seconds| {
            Failure::too_often(seconds, "Too many sessions were begun from this address. Try again in a moment.")
        })?;
        operations::guest_session(&mut tx, channel, phone.as_deref().unwrap_or_default()).await?
    };
    let session = wire::session(tx.reader(), &state.key, &session).await?;
    let response = StartResponse { success: true, session_token: session.session_token.clone(), session };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}

/// Read a session; its life begins anew.
#[utoipa::path(get, path = routes::SESSION_RESTORE, tag = "sessions", params(
        ("X-Phone" = Option<String>, Header, description = "A phone number, for trusted channels."),
        ("X-Telegram-Chat-Id" = Option<String>, Header, description = "A chat, for trusted channels."),
        ("X-Customer-Id" = Option<String>, Header, description = "A customer, for trusted channels.")),
    responses((status = 200, body = RestoreResponse), (status = 400), (status = 404)),
    security((), ("session_token" = [])))]
async fn restore(State(state): State<AppState>, token: SessionToken, headers: HeaderMap) -> Answer<Json<RestoreResponse>> {
    let Some(token) = token.get() else { return Err(without_token(&headers)) };
    let now = state.now();
    let mut tx = state.read().await?;
    let mut session = operations::live_session(&mut *tx, &state.key, token, now).await?;
    if !token::should_slide(&session, now) {
        let session = wire::session(&mut *tx, &state.key, &session).await?;
        return Ok(Json(RestoreResponse { session_token: session.session_token.clone(), session }));
    }
    drop(tx);
    let mut tx = state.write().await?;
    // Read again: it may have ended since.
    session = operations::use_session(&mut tx, token).await?;
    tx.extend_session(session.id, session.expires_at).await?;
    let session = wire::session(tx.reader(), &state.key, &session).await?;
    tx.commit().await?;
    Ok(Json(RestoreResponse { session_token: session.session_token.clone(), session }))
}

/// Names of people open nothing; the sentence is the same whether or not somebody has that name.
fn without_token(headers: &HeaderMap) -> Failure {
    let named = [
        (routes::HEADER_PHONE, "Session not found for this phone number"),
        ("X-Telegram-Chat-Id", "Session not found for Telegram chat ID"),
        ("X-Customer-Id", "Session not found for Customer ID"),
    ];
    for (header, sentence) in named {
        if headers.get(header).is_some_and(|value| !value.as_bytes().trim_ascii().is_empty()) {
            return Failure::new(ErrorCode::SessionNotFound, sentence);
        }
    }
    Failure::new(ErrorCode::BadRequest, "Missing X-Session-Token or X-Phone header")
}

/// Change a session.
///
/// `action` is one of `add_to_cart`, `remove_from_cart`, `set_quantity`, `clear_cart`, `view_product`, `chat_message` and `set_user`.
#[utoipa::path(post, path = routes::SESSION_UPDATE, tag = "sessions", request_body = UpdateRequest,
    responses((status = 200, body = UpdateResponse), (status = 400), (status = 403), (status = 404), (status = 409)),
    security((), ("session_token" = [])))]
async fn update(State(state): State<AppState>, token: SessionToken, body: JsonBody<UpdateRequest>) -> Answer<Response> {
    let token = token.required()?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let mut session = operations::use_session(&mut tx, token).await?;
    if let Err(error) = operations::apply(&mut tx, &mut session, body.value).await {
        if matches!(error, SessionError::VersionConflict) {
            let current = wire::session(tx.reader(), &state.key, &session).await?;
            return Err(Failure::from(error).with("session", json!(current)));
        }
        return Err(error.into());
    }
    let session = wire::session(tx.reader(), &state.key, &session).await?;
    body.idempotency.finish(tx, StatusCode::OK, &UpdateResponse { session }).await
}

/// End a session on every channel, or let go of it on one.
#[utoipa::path(post, path = routes::SESSION_END, tag = "sessions", request_body = Option<EndRequest>,
    responses((status = 200, body = EndResponse), (status = 400), (status = 404)), security((), ("session_token" = [])))]
async fn end(State(state): State<AppState>, token: SessionToken, body: OptionalJsonBody<EndRequest>) -> Answer<Response> {
    let token = token.required()?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let mut session = operations::use_session(&mut tx, token).await?;
    match body.value.scope {
        EndScope::Session => operations::end_session(&mut tx, &mut session).await?,
        // The calling channel lets go; the session stays for the others.
        EndScope::Channel => token::save(&mut tx, &mut session).await?,
    }
    let response = EndResponse { message: "Session ended successfully".into(), session_id: session.id, phone: session.phone };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}
