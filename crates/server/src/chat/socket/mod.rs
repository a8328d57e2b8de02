//! The conversation in real time, over Socket.IO: whoever joins hears what is said in it, on whichever channel and node.
//!
//! A socket is opened with a credential and hears nothing before it has joined the one conversation that is its holder's own.
//! Whatever it hears comes out of the event log ([`listener`]), so that every answer of `POST /chat/` is heard here as well,
//! and the other way round.

mod listener;
mod seat;
mod shown;

use axum::Router;
use protocol::{ErrorCode, chat::ChatRequest, ids::SessionId, routes};
use serde_json::{Value, json};
use socketioxide::{
    SocketIo,
    extract::{AckSender, SocketRef, TryData},
    handler::ConnectHandler as _,
};
use std::time::Duration;
use tokio::sync::oneshot;

use self::{
    listener::{Join, Listener},
    seat::Seat,
};
use super::{
    ask::{Asked, begin, check},
    speaker::own_session,
    turn,
};
use crate::{
    http::{Answer, Failure},
    state::AppState,
};

/// Largest message of a client in bytes; photos are sent over HTTP.
const LARGEST: u64 = 64 * 1024;
/// Who has said nothing about who they are by then is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The socket's address.
pub fn routes(state: &AppState) -> Router<AppState> {
    let largest = usize::try_from(LARGEST).unwrap_or(usize::MAX);
    let (service, io) = SocketIo::builder()
        .req_path(routes::CHAT_SOCKET)
        .connect_timeout(PATIENCE)
        .max_payload(LARGEST)
        .ws_max_message_size(largest)
        .ws_max_frame_size(largest)
        .build_svc();
    let (knocks, enters) = (state.clone(), state.clone());
    let enter = async move |socket: SocketRef| sit_down(&enters, &socket);
    let knock = async move |socket: SocketRef, TryData(auth): TryData<Value>| admit(&knocks, &socket, auth.ok()).await;
    io.ns("/", enter.with(knock));
    Router::new().route_service(routes::CHAT_SOCKET, service)
}

/// Why nobody is let in, for the client's `connect_error`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self(failure.error().detail.clone())
    }
}

async fn admit(state: &AppState, socket: &SocketRef, auth: Option<Value>) -> Result<(), Refused> {
    let seat = Seat::of(socket.req_parts(), auth.as_ref(), state)?;
    let visit = seat.judge(state).await?;
    let wait = |seconds| Failure::too_often(seconds, "Too many connections. Try again in a moment.");
    state.limits.sockets.take(visit.caller.peer.into()).map_err(wait)?;
    if visit.visitor.owner().is_none()
        && own_session(&mut *state.read().await.map_err(Failure::from)?, state, &visit).await?.is_none()
    {
        return Err(Refused(AUTHENTICATION_REQUIRED.into()));
    }
    socket.extensions.insert(seat);
    Ok(())
}

const AUTHENTICATION_REQUIRED: &str = "Authentication required";
const SESSION_NOT_FOUND: &str = "Session not found";

fn sit_down(state: &AppState, socket: &SocketRef) {
    let Some(seat) = socket.extensions.get::<Seat>() else { return };
    let joins = Listener::begin(state.clone(), socket.clone(), seat.clone());
    socket.on("join_session", {
        let (state, seat, joins) = (state.clone(), seat.clone(), joins.clone());
        async move |socket: SocketRef, TryData(data): TryData<Value>, ack: AckSender| {
            let answer = match join(&state, &seat, &joins, data.ok().as_ref()).await {
                Ok(session) => {
                    say(&socket, "session_ready", &json!({"session_id": session}));
                    json!({"status": "ok"})
                }
                Err(message) => json!({"status": "error", "message": message}),
            };
            // Whoever is gone needs no answer.
            let _ = ack.send(&answer);
        }
    });
    for event in ["chat_message", "chat:message"] {
        let (state, seat, joins) = (state.clone(), seat.clone(), joins.clone());
        socket.on(event, async move |socket: SocketRef, TryData(data): TryData<Value>, ack: AckSender| {
            let answer = match hear(&state, &seat, &joins, data.ok().as_ref()).await {
                Ok(()) => json!({"status": "ok"}),
                Err(failure) => {
                    let error = failure.error();
                    say(&socket, "error", &json!({"message": error.detail, "code": error.code}));
                    json!({"status": "error", "message": error.detail})
                }
            };
            let _ = ack.send(&answer);
        });
    }
}

/// Says something to one socket. One that does not keep up is closed; its client comes back and reads what it missed.
fn say(socket: &SocketRef, event: &str, data: &Value) {
    if socket.emit(event, data).is_err() && socket.connected() {
        let _ = socket.clone().disconnect();
    }
}

fn named(data: Option<&Value>) -> Option<&str> {
    data?.get("session_id")?.as_str().filter(|id| !id.is_empty())
}

/// The visitor's own conversation, if it is the one that is named.
async fn own(state: &AppState, seat: &Seat, named: &str) -> Answer<Option<SessionId>> {
    let visit = seat.judge(state).await?;
    let own = own_session(&mut *state.read().await?, state, &visit).await?;
    Ok(own.map(|session| session.id).filter(|id| id.to_string() == named))
}

async fn join(state: &AppState, seat: &Seat, joins: &Join, data: Option<&Value>) -> Result<SessionId, &'static str> {
    let named = named(data).ok_or("session_id required")?;
    match own(state, seat, named).await {
        Ok(Some(session)) => {
            follow(joins, session).await;
            Ok(session)
        }
        Ok(None) => Err(SESSION_NOT_FOUND),
        Err(_) => Err(AUTHENTICATION_REQUIRED),
    }
}

async fn follow(joins: &Join, session: SessionId) {
    let (done, followed) = oneshot::channel();
    if joins.send((session, done)).is_ok() {
        // The listener is gone with its socket, and nobody listens.
        let _ = followed.await;
    }
}

/// A turn like that of `POST /chat/`; its answer comes to everybody who joined.
async fn hear(state: &AppState, seat: &Seat, joins: &Join, data: Option<&Value>) -> Answer<()> {
    let named = named(data).ok_or_else(|| Failure::field("session_id", ErrorCode::ValidationError, "session_id required"))?;
    let content = data.and_then(|data| data.get("content")).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if content.is_empty() {
        return Err(Failure::field("content", ErrorCode::ValidationError, "content required"));
    }
    let not_found = || Failure::new(ErrorCode::SessionNotFound, SESSION_NOT_FOUND);
    let session = own(state, seat, named).await?.ok_or_else(not_found)?;
    let visit = seat.judge(state).await?;
    let request = ChatRequest { message: Some(content.to_owned()), session_id: Some(named.to_owned()), ..ChatRequest::default() };
    let asked = Asked::read(request)?;
    check(state, &visit, asked.role).await?;
    follow(joins, session).await;
    let (turn, _) = begin(state, &visit, asked, &[], None, false).await?;
    let state = state.clone();
    tokio::spawn(async move {
        if let Err(failure) = Box::pin(turn::run(&state, turn)).await {
            tracing::warn!(status = %failure.status(), "a turn over a socket has no answer");
        }
    });
    Ok(())
}
