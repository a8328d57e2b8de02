//! The shop's voice agent: it is told how to hold a conversation, and says that it is there.

use std::{convert::Infallible, time::Duration};

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, HeaderValue, request::Parts},
};
use protocol::{
    ErrorCode,
    ids::VoiceSessionId,
    routes,
    voice_agent::{AGENT_SILENCE_SECONDS, VoiceAgentReport, VoiceAgentSeen, VoiceBriefing},
};
use server_store::{
    ReadTx, StoreError,
    records::{Scope, VoiceAgentRecord, VoiceSessionRecord},
};

use super::{history::not_found, prompt::whole, reserve::wrong};
use crate::{
    caller::Credentials,
    http::{Answer, Failure, JsonBody},
    key::same,
    state::AppState,
};

/// Longest name of an agent or of what it works with, in characters.
const LONGEST: usize = 100;

/// Whoever says to be the agent, not judged yet.
#[derive(Debug)]
pub(super) struct Agent {
    credentials: Credentials,
    knows_ingest_token: bool,
}

impl FromRequestParts<AppState> for Agent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let knows_ingest_token = knows_ingest_token(&parts.headers, state);
        Ok(Self { credentials: Credentials::from_request_parts(parts, state).await?, knows_ingest_token })
    }
}

impl Agent {
    /// # Errors
    /// It has neither a key with the scope `agent` nor the ingest token.
    fn judge(self) -> Answer<()> {
        if self.knows_ingest_token { Ok(()) } else { self.credentials.judge()?.require(Scope::Agent) }
    }
}

/// Whether the caller has the token that opens reports.
pub(super) fn knows_ingest_token(headers: &HeaderMap, state: &AppState) -> bool {
    let sent = headers.get(routes::HEADER_INGEST_TOKEN).map(HeaderValue::as_bytes).unwrap_or_default();
    state.config.ingest_token.as_ref().is_some_and(|token| same(token.reveal().as_bytes(), sent))
}

/// How to hold a conversation: the prompt, the voice, the language, the room.
///
/// `id` is that of the conversation or of its room on the media server. The agent has a channel key with the scope `agent`, or
/// the token of `POST /api/ingest`.
#[utoipa::path(get, path = routes::VOICE_BRIEFING, tag = "voice agents", params(("id" = String, Path)),
    responses((status = 200, body = VoiceBriefing), (status = 401), (status = 403), (status = 404)),
    security(("channel_key" = []), ("ingest_token" = [])))]
pub(super) async fn get_briefing(
    State(state): State<AppState>,
    agent: Agent,
    Path(id): Path<String>,
) -> Answer<Json<VoiceBriefing>> {
    agent.judge()?;
    let session = find(&mut *state.read().await?, &id).await?.ok_or_else(not_found)?;
    if session.account_id.is_none() && session.ended_at.is_some() {
        return Err(not_found());
    }
    let config = &state.config.voice;
    let (voice, language) = (session.voice.unwrap_or(config.voice), session.language.unwrap_or(config.language));
    let persona = if session.system_prompt.is_empty() { config.persona.clone() } else { session.system_prompt };
    Ok(Json(VoiceBriefing {
        session_id: session.id,
        room: session.media_room,
        identity: session.identity,
        label: session.room,
        user_id: session.account_id,
        prompt: whole(&config.policy, &persona, language, &session.topics),
        policy: config.policy.clone(),
        persona,
        voice,
        language,
        topics: session.topics,
        started_at: session.started_at,
        ended_at: session.ended_at,
    }))
}

async fn find(tx: &mut dyn ReadTx, id: &str) -> Result<Option<VoiceSessionRecord>, StoreError> {
    let found = match id.parse::<VoiceSessionId>() {
        Ok(id) => tx.voice_session(id).await?,
        Err(_) => tx.voice_session_in(id).await?,
    };
    Ok(found.map(|counted| counted.session))
}

/// An agent says that it is there, about every 20 seconds.
///
/// Once an agent has said so, conversations begin only while one is there and ready.
#[utoipa::path(put, path = routes::VOICE_AGENT, tag = "voice agents", request_body = VoiceAgentReport,
    responses((status = 200, body = VoiceAgentSeen), (status = 401), (status = 403), (status = 422)),
    security(("channel_key" = []), ("ingest_token" = [])))]
pub(super) async fn put_agent(
    State(state): State<AppState>,
    agent: Agent,
    body: JsonBody<VoiceAgentReport>,
) -> Answer<Json<VoiceAgentSeen>> {
    let VoiceAgentReport { name, stt, tts, llm, tts_voice, ready } = body.value;
    let name = checked("name", Some(name))?.ok_or_else(|| wrong("name", "name must not be blank"))?;
    let (stt, tts) = (checked("stt", stt)?, checked("tts", tts)?);
    let (llm, tts_voice) = (checked("llm", llm)?, checked("tts_voice", tts_voice)?);
    agent.judge()?;
    let mut tx = state.write().await?;
    let seen_at = tx.now();
    tx.put_voice_agent(&VoiceAgentRecord { name, stt, tts, llm, tts_voice, ready: ready.unwrap_or(true), seen_at }).await?;
    tx.commit().await?;
    Ok(Json(VoiceAgentSeen { until: seen_at.plus(Duration::from_secs(AGENT_SILENCE_SECONDS)) }))
}

fn checked(field: &str, text: Option<String>) -> Answer<Option<String>> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST || text.chars().any(char::is_control)) {
        return Err(Failure::field(field, ErrorCode::ValidationError, format!("{field} has at most {LONGEST} characters")));
    }
    Ok(text)
}
