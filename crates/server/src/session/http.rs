use std::convert::Infallible;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode,
    ids::Cursor,
    kiosk_session::EndReason,
    routes,
    session::{
        Channel, EndRequest, EndResponse, EndScope, LoginByPhoneRequest, LoginByPhoneResponse, RestoreResponse, Session,
        StartRequest, StartResponse, UpdateRequest, UpdateResponse,
    },
};
use serde_json::json;
use server_store::records::{Scope, SessionRecord};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    SessionError,
    begin::{Details, Person, Wish},
    beside, memory, operations, token, wire,
};
use crate::{
    caller::{Caller, Credentials, Own},
    catalogue,
    http::{Answer, Failure, JsonBody, OptionalJsonBody},
    kiosk_session, phone_number,
    state::AppState,
    transaction::Tx,
};

/// Longest name or part of an address in characters.
const LONGEST_NAME: usize = 100;
const HEADER_TELEGRAM_CHAT: &str = "X-Telegram-Chat-Id";
const HEADER_CUSTOMER: &str = "X-Customer-Id";

/// The documented session endpoints.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(begin))
        .routes(routes!(login))
        .routes(routes!(restore))
        .routes(routes!(update))
        .routes(routes!(end))
        .merge(memory::routes())
}

/// Start a session, or go on with the live one.
///
/// A phone number is a name, not a proof: who proves nothing gets a guest session. Somebody signed in gets their own, and need
/// not name a phone. Errors carry the sentence in `error` too.
#[utoipa::path(post, path = routes::SESSION_START, tag = "sessions", request_body = StartRequest,
    responses((status = 200, body = StartResponse), (status = 400), (status = 429)),
    security((), ("session_token" = []), ("channel_key" = []), ("device" = []), ("account" = []), ("bearer" = [])))]
async fn begin(State(state): State<AppState>, credentials: Credentials, body: Answer<JsonBody<StartRequest>>) -> Response {
    let answer = match body {
        Ok(body) => try_begin(&state, credentials, body).await,
        Err(failure) => Err(failure),
    };
    answer.unwrap_or_else(|failure| {
        let sentence = failure.error().detail.clone();
        failure.with("error", sentence.into()).into_response()
    })
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

async fn try_begin(state: &AppState, credentials: Credentials, body: JsonBody<StartRequest>) -> Answer<Response> {
    let request = body.value;
    let (phone, telegram_chat_id) = (filled(request.phone), filled(request.telegram_chat_id));
    let credentials = credentials.with_account(state).await;
    if phone.is_none() && telegram_chat_id.is_none() && !credentials.prove_account() {
        return Err(Failure::new(ErrorCode::BadRequest, "Either phone or telegram_chat_id is required"));
    }
    if telegram_chat_id.as_ref().is_some_and(|chat| chat.chars().count() > LONGEST_NAME) {
        return Err(Failure::new(ErrorCode::BadRequest, "telegram_chat_id may have at most 100 characters"));
    }
    let caller = credentials.judge()?;
    let channel = caller.speaks_for(request.channel.as_deref(), Channel::Whatsapp)?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let phone = match phone {
        Some(typed) => Some(normalised(&mut tx, &typed).await?),
        None => None,
    };
    let customer_ids = [filled(request.customer_id), filled(request.user_id)].into_iter().flatten().collect();
    let wish = Wish { phone, telegram_chat_id, channel, customer_ids, details: Details::default() };
    let own = operations::begin(&mut tx, &caller, &wish).await?;
    let session = wire::own(tx.reader(), &state.key, &own).await?;
    let response = StartResponse { success: true, session_token: session.session_token.clone(), session };
    let answer = body.idempotency.finish(tx, StatusCode::OK, &response).await;
    // A kiosk may hold the session now, for a time that somebody has to watch.
    state.begun.notify_one();
    answer
}

async fn normalised(tx: &mut Tx, typed: &str) -> Answer<String> {
    let state = tx.state().clone();
    let country = catalogue::country(tx.reader(), &state.config).await?;
    phone_number::normalise(typed, &country).map_err(|error| Failure::new(ErrorCode::InvalidPhone, error.to_string()))
}

/// Log in without a password, for message channels, which know whom they talk to.
///
/// What is told about a customer fills what is not known, and changes nothing. Whom nobody vouches for gets a guest session.
#[utoipa::path(post, path = routes::SESSION_LOGIN, tag = "sessions", request_body = LoginByPhoneRequest,
    responses((status = 200, body = LoginByPhoneResponse), (status = 400), (status = 429)),
    security((), ("session_token" = []), ("channel_key" = []), ("device" = []), ("account" = []), ("bearer" = [])))]
async fn login(State(state): State<AppState>, credentials: Credentials, body: JsonBody<LoginByPhoneRequest>) -> Answer<Response> {
    let request = body.value;
    let required = |name: &str| Failure::new(ErrorCode::BadRequest, format!("{name} is required"));
    let typed = filled(Some(request.phone_number)).ok_or_else(|| required("phone_number"))?;
    let name = filled(Some(request.name)).ok_or_else(|| required("name"))?;
    let details = Details {
        name: name.split_whitespace().collect::<Vec<_>>().join(" "),
        age: request.age,
        gender: filled(request.gender).unwrap_or_default(),
        city: filled(request.city).unwrap_or_default(),
    };
    if [&details.name, &details.gender, &details.city].iter().any(|text| text.chars().count() > LONGEST_NAME) {
        return Err(Failure::new(ErrorCode::BadRequest, "Names and addresses may have at most 100 characters"));
    }
    let caller = credentials.with_account(&state).await.judge()?;
    let channel = caller.speaks_for(request.channel.as_deref(), Channel::Web)?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let phone = normalised(&mut tx, &typed).await?;
    let customer_ids = filled(request.customer_id).into_iter().collect();
    let wish = Wish { phone: Some(phone), telegram_chat_id: None, channel, customer_ids, details };
    let own = operations::begin(&mut tx, &caller, &wish).await?;
    let session = wire::own(tx.reader(), &state.key, &own).await?;
    let customer = session.customer_profile.clone().unwrap_or_else(|| wire::guest(&own.session, &wish.details));
    let response = LoginByPhoneResponse { success: true, session_token: session.session_token.clone(), session, customer };
    let answer = body.idempotency.finish(tx, StatusCode::OK, &response).await;
    state.begun.notify_one();
    answer
}

/// Read a session; its life begins anew.
#[utoipa::path(get, path = routes::SESSION_RESTORE, tag = "sessions", params(
        ("X-Phone" = Option<String>, Header, description = "A phone number, for trusted channels."),
        ("X-Telegram-Chat-Id" = Option<String>, Header, description = "A chat, for trusted channels."),
        ("X-Customer-Id" = Option<String>, Header, description = "A customer, for trusted channels.")),
    responses((status = 200, body = RestoreResponse), (status = 400), (status = 401), (status = 404)),
    security((), ("session_token" = []), ("channel_key" = []), ("session_token" = [], "device" = []), ("account" = []), ("bearer" = [])))]
async fn restore(State(state): State<AppState>, credentials: Credentials, named: Named) -> Answer<Response> {
    let caller = credentials.judge()?;
    let Some(token) = caller.token() else {
        if caller.own_account().is_some() && !caller.may(Scope::Resume) {
            return of_account(&state, &caller).await;
        }
        return resume(&state, &caller, named).await;
    };
    let now = state.now();
    // What a kiosk sees depends on its hold.
    if caller.device.is_none()
        && let Some(body) = state.live.answer(token, now)
    {
        return Ok(as_json(body));
    }
    let mut tx = state.read().await?;
    let own = caller.own(&mut *tx, &state, token).await?;
    if caller.device.is_none() && !token::should_slide(&own.session, now) {
        let session = wire::own(&mut *tx, &state.key, &own).await?;
        let at = tx.newest_cursor().await?;
        return remembered(&state, &own.session, at, session);
    }
    drop(tx);
    let mut tx = state.write().await?;
    // Read again: it may have ended since.
    let own = caller.use_own(&mut tx, token).await?;
    tx.extend_session(own.session.id, own.session.expires_at).await?;
    let at = tx.newest_cursor().await?;
    let session = wire::own(tx.reader(), &state.key, &own).await?;
    tx.commit().await?;
    if caller.device.is_none() {
        return remembered(&state, &own.session, at, session);
    }
    Ok(Json(restored(session)).into_response())
}

/// The live session of somebody signed in.
async fn of_account(state: &AppState, caller: &Caller) -> Answer<Response> {
    let mut tx = state.write().await?;
    let own = caller.use_own_session(&mut tx).await?;
    tx.extend_session(own.session.id, own.session.expires_at).await?;
    let session = wire::own(tx.reader(), &state.key, &own).await?;
    tx.commit().await?;
    Ok(Json(restored(session)).into_response())
}

/// The answer for a session as it was at `at`, kept for the next time.
fn remembered(state: &AppState, record: &SessionRecord, at: Cursor, session: Session) -> Answer<Response> {
    // Kept as long as it is, without what was in reserve while it grew.
    let body = Bytes::from(serde_json::to_vec(&restored(session)).map_err(Failure::internal)?.into_boxed_slice());
    state.live.keep(record, at, body.clone());
    Ok(as_json(body))
}

/// The JSON of a [`RestoreResponse`] with the session that is in the JSON of an [`UpdateResponse`]: as long as both hold the same
/// session, it need not be written twice.
pub(super) fn restored_of(updated: &[u8], token: &str) -> Option<Bytes> {
    // A token is of letters and digits.
    let session = updated.strip_prefix(b"{")?;
    Some([b"{\"session_token\":\"", token.as_bytes(), b"\",", session].concat().into())
}

fn as_json(body: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn restored(session: Session) -> RestoreResponse {
    RestoreResponse { session_token: session.session_token.clone(), session }
}

/// Who is asked for by name: the header, the name and the sentence for when there is nobody.
struct Named(Option<(&'static str, String, &'static str)>);

const NAMES: &[(&str, &str)] = &[
    (routes::HEADER_PHONE, "Session not found for this phone number"),
    (HEADER_TELEGRAM_CHAT, "Session not found for Telegram chat ID"),
    (HEADER_CUSTOMER, "Session not found for Customer ID"),
];

impl FromRequestParts<AppState> for Named {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let named = NAMES.iter().find_map(|(header, sentence)| {
            let value = parts.headers.get(*header)?.as_bytes().trim_ascii();
            (!value.is_empty()).then(|| (*header, String::from_utf8_lossy(value).into_owned(), *sentence))
        });
        Ok(Self(named))
    }
}

/// Names of people open something to trusted channels only; for everybody else the sentence is the same whether or not
/// somebody has that name.
async fn resume(state: &AppState, caller: &Caller, Named(named): Named) -> Answer<Response> {
    let Some((header, name, sentence)) = named else {
        return Err(caller
            .unproven()
            .unwrap_or_else(|| Failure::new(ErrorCode::BadRequest, "Missing X-Session-Token or X-Phone header")));
    };
    let not_found = || Failure::new(ErrorCode::SessionNotFound, sentence);
    let speaks_for_chats = caller.demo || caller.bound_channel() == Some(Channel::Telegram);
    if !caller.may(Scope::Resume) || (header == HEADER_TELEGRAM_CHAT && !speaks_for_chats) {
        return Err(not_found());
    }
    let mut tx = state.write().await?;
    let person = match header {
        HEADER_TELEGRAM_CHAT => Person::TelegramChat(name),
        HEADER_CUSTOMER => Person::Customer(name.into()),
        _ => Person::Phone(normalised(&mut tx, &name).await?),
    };
    let own = operations::resume(&mut tx, caller, &person).await?.ok_or_else(not_found)?;
    let session = wire::own(tx.reader(), &state.key, &own).await?;
    tx.commit().await?;
    Ok(Json(restored(session)).into_response())
}

/// Change a session.
///
/// `action` is one of `add_to_cart`, `remove_from_cart`, `set_quantity`, `clear_cart`, `view_product`, `chat_message` and `set_user`.
#[utoipa::path(post, path = routes::SESSION_UPDATE, tag = "sessions", request_body = UpdateRequest,
    responses((status = 200, body = UpdateResponse), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
    security((), ("session_token" = []), ("session_token" = [], "device" = []), ("session_token" = [], "channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn update(State(state): State<AppState>, credentials: Credentials, body: JsonBody<UpdateRequest>) -> Answer<Response> {
    let caller = credentials.judge()?;
    caller.require_own()?;
    if !body.idempotency.is_given()
        && let Some(updated) = beside::message(&state, &caller, &body.value).await?
    {
        return Ok(as_json(updated));
    }
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let mut own = caller.use_own_session(&mut tx).await?;
    let conversation = match operations::apply(&mut tx, &mut own, caller.bound_channel(), body.value).await {
        Ok(conversation) => conversation,
        Err(SessionError::VersionConflict) => {
            let current = wire::own(tx.reader(), &state.key, &own).await?;
            return Err(Failure::from(SessionError::VersionConflict).with("session", json!(current)));
        }
        Err(error) => return Err(error.into()),
    };
    let session = wire::own_saying(tx.reader(), &state.key, &own, conversation).await?;
    let token = session.session_token.clone();
    let updated = serde_json::to_vec(&UpdateResponse { session }).map_err(Failure::internal)?;
    let updated = Bytes::from(updated);
    body.idempotency.keep_text(&mut tx, StatusCode::OK, &updated).await?;
    let at = tx.commit_at().await?;
    // What a kiosk sees depends on its hold.
    if let (Some(at), None, Some(body)) = (at, &caller.device, restored_of(&updated, &token)) {
        state.live.keep(&own.session, at, body);
    }
    Ok(as_json(updated))
}

/// End a session on every channel, or let go of it on one.
#[utoipa::path(post, path = routes::SESSION_END, tag = "sessions", request_body = Option<EndRequest>,
    responses((status = 200, body = EndResponse), (status = 400), (status = 401), (status = 404)), security((), ("session_token" = []), ("session_token" = [], "device" = []), ("session_token" = [], "channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn end(State(state): State<AppState>, credentials: Credentials, body: OptionalJsonBody<EndRequest>) -> Answer<Response> {
    let caller = credentials.judge()?;
    caller.require_own()?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let Own { mut session, .. } = caller.use_own_session(&mut tx).await?;
    match body.value.scope {
        EndScope::Session => operations::end_session(&mut tx, &mut session).await?,
        EndScope::Channel => let_go(&mut tx, &caller, &mut session).await?,
    }
    let response = EndResponse { message: "Session ended successfully".into(), session_id: session.id, phone: session.phone };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}

/// The calling channel lets go; the session stays for the others.
async fn let_go(tx: &mut Tx, caller: &Caller, session: &mut SessionRecord) -> Result<(), SessionError> {
    if let Some(device) = &caller.device
        && let Some(hold) = tx.kiosk_session_of(device.id).await?
    {
        kiosk_session::operations::end(tx, hold.id, EndReason::Done).await?;
    }
    token::save(tx, session).await
}
