use std::time::Duration;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use protocol::{
    ids::VoiceSessionId,
    routes,
    voice_agent::AGENT_SILENCE_SECONDS,
    voice_start::{StartVoiceRequest, VoiceStarted},
};
use server_store::{
    StoreError,
    records::{AccountRecord, VoiceSessionRecord},
};

use super::{
    LONGEST_PERSONA, media,
    prompt::persona,
    reserve::{check_identity, check_room, join, too_often, wrong},
};
use crate::{
    caller::{
        AccountProof,
        cookie::{self, Value},
        from_own_page,
    },
    http::{Answer, JsonBody, Peer},
    state::AppState,
    transaction::Tx,
};

/// Whose a conversation is, and why.
enum Standing {
    User(Box<AccountRecord>),
    Anonymous,
    /// The cookie is dead.
    Expired,
    /// Accounts could not be asked.
    Unavailable,
}

impl Standing {
    /// A cookie never stands in the way: where it proves nothing, the conversation is anonymous. A bearer token is sent on
    /// purpose, so a bad one is refused.
    async fn of(state: &AppState, headers: &HeaderMap, proof: AccountProof, own_page: bool) -> Answer<Self> {
        if headers.contains_key(header::AUTHORIZATION) {
            let account = proof.judge(state).await?;
            return Ok(account.map_or(Self::Anonymous, |account| Self::User(Box::new(account.record))));
        }
        if !own_page {
            return Ok(Self::Anonymous);
        }
        match proof.from_checked_page().judge(state).await {
            Ok(Some(account)) => Ok(Self::User(Box::new(account.record))),
            Ok(None) => Ok(Self::Anonymous),
            Err(failure) if failure.status() == StatusCode::UNAUTHORIZED => Ok(Self::Expired),
            Err(failure) if failure.status().is_server_error() => Ok(Self::Unavailable),
            Err(failure) => Err(failure),
        }
    }

    fn account(&self) -> Option<&AccountRecord> {
        match self {
            Self::User(account) => Some(account),
            Self::Anonymous | Self::Expired | Self::Unavailable => None,
        }
    }

    /// As `X-Session-Auth` says it.
    fn word(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Anonymous => "anonymous",
            Self::Expired => "expired",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Begin a spoken conversation.
///
/// `X-Session-Auth` says whose it is. The cookie `voice_session` and the ticket prove who began it.
#[utoipa::path(post, path = routes::VOICE_START, tag = "spoken conversations", request_body = StartVoiceRequest,
    responses((status = 200, body = VoiceStarted, headers(("X-Session-Auth" = String, description = "`user`, `anonymous`, `expired` or `unavailable`."))), (status = 401), (status = 422), (status = 429), (status = 503)),
    security((), ("account" = []), ("bearer" = [])))]
pub(super) async fn post(
    State(state): State<AppState>,
    Peer(peer): Peer,
    proof: AccountProof,
    headers: HeaderMap,
    body: JsonBody<StartVoiceRequest>,
) -> Answer<Response> {
    let request = &body.value;
    check_room(Some(&request.room))?;
    check_identity(Some(&request.identity))?;
    if request.system_prompt.as_ref().is_some_and(|prompt| prompt.chars().count() > LONGEST_PERSONA) {
        return Err(wrong("system_prompt", format!("system_prompt has at most {LONGEST_PERSONA} characters")));
    }
    let own_page = from_own_page(&headers, &state).is_ok();
    let standing = Standing::of(&state, &headers, proof, own_page).await?;
    if standing.account().is_none() {
        state.limits.voice_starts.take(peer.into()).map_err(too_often)?;
    }
    let media = state.config.voice.media().ok_or_else(media::unavailable)?;
    if !state.media.is_there(&*state.clock, &media).await {
        return Err(media::unavailable());
    }
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(with_standing(answer, &standing));
    }
    if !somebody_listens(&mut tx).await? {
        return Err(media::unavailable());
    }
    let reserved = cookie::voice_reservation(&headers).filter(|_| own_page);
    let joined = join(&mut tx, request, reserved.as_ref(), peer).await?;
    let (media_room, identity, room) = match joined {
        Some(joined) => (joined.media_room, joined.identity, joined.room),
        None => (media::fresh_room(&state), request.identity.trim().to_owned(), request.room.trim().to_owned()),
    };
    let ticket = Value::ticket(&state);
    let id = VoiceSessionId(state.new_id());
    let started = VoiceStarted {
        session_id: id,
        room: media_room.clone(),
        identity: identity.clone(),
        ticket: ticket.reveal().to_owned(),
        ws_url: transcript_address(&state, id),
    };
    let place = Place { media_room, identity, room };
    tx.put_voice_session(&new_session(&state, id, request, &standing, place, &ticket)).await?;
    let mut response = body.idempotency.finish(tx, StatusCode::OK, &started).await?;
    cookie::set_voice(response.headers_mut(), &state, &ticket);
    Ok(with_standing(response, &standing))
}

fn with_standing(mut answer: Response, standing: &Standing) -> Response {
    let name = HeaderName::from_static("x-session-auth");
    answer.headers_mut().insert(name, HeaderValue::from_static(standing.word()));
    answer
}

/// Where a conversation takes place.
struct Place {
    media_room: String,
    identity: String,
    room: String,
}

fn new_session(
    state: &AppState,
    id: VoiceSessionId,
    request: &StartVoiceRequest,
    standing: &Standing,
    place: Place,
    ticket: &Value,
) -> VoiceSessionRecord {
    let config = &state.config.voice;
    let preferences = standing.account().map(|account| &account.preferences);
    let brought = request.system_prompt.as_deref().filter(|_| preferences.is_some() || config.anonymous_prompts);
    let own = preferences.map(|preferences| preferences.system_prompt_override.as_str());
    VoiceSessionRecord {
        id,
        account_id: standing.account().map(|account| account.id),
        starter_hash: Some(ticket.hash()),
        media_room: Some(place.media_room),
        identity: Some(place.identity),
        room: place.room,
        system_prompt: persona(config, own, brought).to_owned(),
        voice: Some(preferences.map_or(config.voice, |preferences| preferences.preferred_voice)),
        language: Some(preferences.map_or(config.language, |preferences| preferences.preferred_language)),
        topics: preferences.map(|preferences| preferences.favorite_topics.clone()).unwrap_or_default(),
        started_at: state.now(),
        ended_at: None,
        end_reason: None,
        last_seq: 0,
        last_sent_seq: 0,
        metadata: None,
    }
}

/// Whether an agent takes conversations. Agents that never say that they are there are not judged.
async fn somebody_listens(tx: &mut Tx) -> Result<bool, StoreError> {
    let agents = tx.voice_agents().await?;
    let silent_since = tx.now().minus(Duration::from_secs(AGENT_SILENCE_SECONDS));
    Ok(agents.is_empty() || agents.iter().any(|agent| agent.ready && agent.seen_at > silent_since))
}

fn transcript_address(state: &AppState, id: VoiceSessionId) -> String {
    let origin = state.config.public_origin();
    let origin = origin.strip_prefix("http").map_or_else(|| origin.clone(), |rest| format!("ws{rest}"));
    format!("{origin}{}", routes::with_id(routes::TRANSCRIPT, id))
}
