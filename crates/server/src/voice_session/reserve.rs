use std::{net::IpAddr, time::Duration};

use axum::{
    Json,
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode, routes,
    voice_start::{RESERVATION_SECONDS, StartVoiceRequest, VoiceToken},
};
use serde::Deserialize;
use server_store::{StoreError, records::VoiceReservationRecord};

use super::{
    LONGEST_ROOM,
    media::{self, Grant},
};
use crate::{
    caller::{
        cookie::{self, Value},
        from_own_page,
    },
    http::{Answer, Failure, Peer},
    state::AppState,
    transaction::Tx,
};

/// Longest identity in characters.
const LONGEST_IDENTITY: usize = 64;
/// Longest name in characters.
const LONGEST_NAME: usize = 100;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wish {
    /// A label.
    #[param(required = true, min_length = 1, max_length = 128)]
    room: Option<String>,
    /// What to call the customer in the room. Names that begin with `agent` are the agents'.
    #[param(required = true, min_length = 1, max_length = 64)]
    identity: Option<String>,
    /// What others are shown.
    #[param(max_length = 100)]
    name: Option<String>,
}

/// Reserve a room of the media server for a minute, and get a token for it.
///
/// The server chooses the room; `room` is a label. The cookie `voice_reservation` and the ticket lead `POST /session` to it.
#[utoipa::path(get, path = routes::VOICE_TOKEN, tag = "spoken conversations", params(Wish), responses((status = 200, body = VoiceToken), (status = 422), (status = 429), (status = 503)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Query(wish): Query<Wish>,
) -> Answer<Response> {
    let room = check_room(wish.room.as_deref())?.to_owned();
    let identity = check_identity(wish.identity.as_deref())?.to_owned();
    let name = wish.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    if name.is_some_and(|name| name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)) {
        return Err(wrong("name", format!("name has at most {LONGEST_NAME} characters")));
    }
    let media = state.config.voice.media().ok_or_else(media::unavailable)?;
    state.limits.voice_tokens.take(peer.into()).map_err(too_often)?;
    let (ticket, life) = (Value::ticket(&state), Duration::from_secs(RESERVATION_SECONDS.into()));
    // The media server judges the token by its own wall clock.
    let (from, until) = (state.now(), state.now().plus(life));
    let media_room = media::fresh_room(&state);
    let grant = Grant { room: &media_room, identity: &identity, name, from, until };
    let token = media.token(&grant).map_err(Failure::internal)?;
    let mut tx = state.write().await?;
    tx.insert_voice_reservation(&VoiceReservationRecord {
        ticket_hash: ticket.hash(),
        media_room: media_room.clone(),
        room,
        identity: identity.clone(),
        caller: caller(&state, peer),
        expires_at: state.lifetimes.now().plus(life),
    })
    .await?;
    tx.commit().await?;
    let answer = VoiceToken {
        token,
        room: media_room,
        identity,
        url: media.url.as_str().trim_end_matches('/').to_owned(),
        ticket: ticket.reveal().to_owned(),
        expires_at: until,
    };
    let mut response = Json(answer).into_response();
    if from_own_page(&headers, &state).is_ok() {
        cookie::set_voice_reservation(response.headers_mut(), &state, &ticket, RESERVATION_SECONDS.into());
    }
    Ok(response)
}

/// The reservation that a start joins, which is used up with it.
///
/// # Errors
/// 422: the ticket was used before or is over. The store failed.
pub(super) async fn join(
    tx: &mut Tx,
    request: &StartVoiceRequest,
    cookie: Option<&Value>,
    peer: IpAddr,
) -> Answer<Option<VoiceReservationRecord>> {
    if let Some(ticket) = &request.ticket {
        let found = match Value::of(ticket) {
            Some(ticket) => live(tx, &ticket).await?,
            None => None,
        };
        let over = || wrong("ticket", "This ticket was used or is over. Ask GET /token for another one.");
        return take(tx, found.ok_or_else(over)?).await.map_err(Failure::from);
    }
    if let Some(cookie) = cookie
        // Another page of the same browser may have reserved for somebody else meanwhile.
        && let Some(found) = live(tx, cookie).await?.filter(|found| found.identity == request.identity.trim())
    {
        return Ok(take(tx, found).await?);
    }
    let state = tx.state().clone();
    let now = state.lifetimes.now();
    let mut found = tx.voice_reservations_of(&caller(&state, peer), request.room.trim(), request.identity.trim(), now).await?;
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(take(tx, only).await?),
        _ => Ok(None),
    }
}

async fn live(tx: &mut Tx, ticket: &Value) -> Result<Option<VoiceReservationRecord>, StoreError> {
    let now = tx.state().lifetimes.now();
    Ok(tx.voice_reservation(&ticket.hash()).await?.filter(|found| now < found.expires_at))
}

async fn take(tx: &mut Tx, found: VoiceReservationRecord) -> Result<Option<VoiceReservationRecord>, StoreError> {
    Ok(tx.use_voice_reservation(&found.ticket_hash).await?.then_some(found))
}

/// An address as it is kept.
fn caller(state: &AppState, peer: IpAddr) -> Vec<u8> {
    state.key.mac("voice caller", &[peer.to_canonical().to_string().as_bytes()]).to_vec()
}

pub(super) fn check_room(room: Option<&str>) -> Answer<&str> {
    let room = room.ok_or_else(|| wrong("room", "room is required"))?.trim();
    if room.is_empty() || room.chars().count() > LONGEST_ROOM || room.chars().any(char::is_control) {
        return Err(wrong("room", format!("room has 1 to {LONGEST_ROOM} characters")));
    }
    Ok(room)
}

pub(super) fn check_identity(identity: Option<&str>) -> Answer<&str> {
    let identity = identity.ok_or_else(|| wrong("identity", "identity is required"))?.trim();
    if identity.is_empty() || identity.chars().count() > LONGEST_IDENTITY || identity.chars().any(char::is_control) {
        return Err(wrong("identity", format!("identity has 1 to {LONGEST_IDENTITY} characters")));
    }
    if identity.to_lowercase().starts_with("agent") {
        return Err(wrong("identity", "Identities that begin with agent are the agents'. Choose another one."));
    }
    Ok(identity)
}

pub(super) fn wrong(field: &str, sentence: impl Into<String>) -> Failure {
    Failure::field(field, ErrorCode::ValidationError, sentence)
}

pub(super) fn too_often(seconds: u32) -> Failure {
    Failure::too_often(seconds, "Too many conversations were begun here. Please wait a moment.")
}
