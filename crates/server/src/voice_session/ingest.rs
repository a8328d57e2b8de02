use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue},
};
use protocol::{
    ErrorCode, Timestamp,
    ids::{AccountId, UtteranceId, VoiceSessionId},
    routes,
    voice_session::{IngestAnswer, IngestEvent, IngestRequest, IngestSession, Speaker},
};
use server_store::{
    StoreError,
    records::{UtteranceRecord, VoiceSessionRecord},
};

use crate::{
    http::{Answer, Failure, JsonBody},
    key::same,
    state::AppState,
    transaction::Tx,
};

/// Longest room label in characters.
const LONGEST_ROOM: usize = 128;
/// Longest persona in characters.
const LONGEST_PROMPT: usize = 2_000;
/// Longest utterance in characters.
const LONGEST_TEXT: usize = 4_000;
/// Longest id that a sender may give an utterance, in characters.
const LONGEST_ID: usize = 128;
/// Most bytes of metadata.
const MOST_METADATA: usize = 16 * 1024;
/// The label of a room that was given none.
const USUAL_ROOM: &str = "quickstart";
/// An anonymous conversation that nobody ended is forgotten after so long.
const ANONYMOUS: Duration = Duration::from_hours(24);

/// A voice agent reports what was said.
///
/// What was reported before is not kept twice. Only final words are kept.
#[utoipa::path(post, path = routes::INGEST, tag = "spoken conversations", params(("X-INGEST-TOKEN" = String, Header)), request_body = IngestRequest, responses((status = 200, body = IngestAnswer), (status = 400), (status = 401)))]
pub(super) async fn post(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: JsonBody<IngestRequest>,
) -> Answer<Json<IngestAnswer>> {
    let sent = headers.get(routes::HEADER_INGEST_TOKEN).map(HeaderValue::as_bytes).unwrap_or_default();
    if !state.config.ingest_token.as_ref().is_some_and(|token| same(token.reveal().as_bytes(), sent)) {
        return Err(Failure::new(ErrorCode::InvalidToken, "Invalid ingest token"));
    }
    let IngestRequest { session, events } = body.value;
    let session = session.ok_or_else(|| missing("Missing session"))?;
    let id = session.id.as_deref().filter(|id| !id.trim().is_empty()).ok_or_else(|| missing("Missing session id"))?;
    let id: VoiceSessionId = id.trim().parse().map_err(|_| wrong("session.id", "session.id must be a uuid"))?;
    let events = events.unwrap_or_default();
    check(&session, &events)?;
    let mut tx = state.write().await?;
    let created = report(&mut tx, id, session, events).await?;
    tx.commit().await?;
    Ok(Json(IngestAnswer { created }))
}

fn missing(sentence: &str) -> Failure {
    Failure::new(ErrorCode::BadRequest, sentence)
}

fn wrong(field: &str, sentence: impl Into<String>) -> Failure {
    Failure::field(field, ErrorCode::ValidationError, sentence)
}

fn check(session: &IngestSession, events: &[IngestEvent]) -> Answer<()> {
    let too_long = |text: &Option<String>, most: usize| text.as_ref().is_some_and(|text| text.chars().count() > most);
    if too_long(&session.room, LONGEST_ROOM) {
        return Err(wrong("session.room", format!("session.room has at most {LONGEST_ROOM} characters")));
    }
    if too_long(&session.system_prompt, LONGEST_PROMPT) {
        return Err(wrong("session.system_prompt", format!("session.system_prompt has at most {LONGEST_PROMPT} characters")));
    }
    if session.metadata.as_ref().is_some_and(|metadata| serde_json::to_vec(metadata).is_ok_and(|text| text.len() > MOST_METADATA))
    {
        return Err(wrong("session.metadata", "session.metadata has at most 16 KiB"));
    }
    for event in events {
        if too_long(&event.text, LONGEST_TEXT) {
            return Err(wrong("events.text", format!("the text of an event has at most {LONGEST_TEXT} characters")));
        }
        if too_long(&event.id, LONGEST_ID) {
            return Err(wrong("events.id", format!("the id of an event has at most {LONGEST_ID} characters")));
        }
        if event.seq.is_some_and(|seq| seq < 0) {
            return Err(wrong("events.seq", "the seq of an event is not negative"));
        }
    }
    Ok(())
}

/// Takes a report in; answers how many utterances are new.
async fn report(tx: &mut Tx, id: VoiceSessionId, report: IngestSession, events: Vec<IngestEvent>) -> Result<u64, StoreError> {
    let now = tx.now();
    let owner = owner(tx, report.user_id.as_deref()).await?;
    let known = tx.voice_session(id).await?.map(|counted| counted.session);
    let mut session = known.unwrap_or_else(|| VoiceSessionRecord {
        id,
        account_id: None,
        starter_hash: None,
        room: USUAL_ROOM.into(),
        system_prompt: String::new(),
        started_at: report.started_at.unwrap_or(now),
        ended_at: None,
        metadata: None,
    });
    // A conversation never changes hands.
    session.account_id = session.account_id.or(owner);
    if let Some(room) = report.room.filter(|room| !room.is_empty()) {
        session.room = room;
    }
    if let Some(prompt) = report.system_prompt {
        session.system_prompt = prompt;
    }
    session.metadata = report.metadata.or(session.metadata);
    session.ended_at = session.ended_at.or(report.ended_at);
    if session.account_id.is_none() && session.ended_at.is_some() {
        tx.remove_voice_session(id).await?;
        return Ok(0);
    }
    tx.put_voice_session(&session).await?;
    let mut created = 0;
    for event in events {
        created += u64::from(say(tx, id, event, now).await?);
    }
    Ok(created)
}

/// Keeps a final word; answers whether it was new. Interim words and what is no word are never kept.
async fn say(tx: &mut Tx, session: VoiceSessionId, event: IngestEvent, now: Timestamp) -> Result<bool, StoreError> {
    let words = event.text.filter(|text| !text.trim().is_empty());
    let (Some(text), Speaker::User | Speaker::Agent, true) = (words, event.role, event.is_final.or(event.last).unwrap_or(true))
    else {
        return Ok(false);
    };
    let seq = match event.seq {
        Some(seq) => seq,
        None => tx.last_utterance_seq(session).await? + 1,
    };
    let utterance = UtteranceRecord {
        id: UtteranceId(tx.state().new_id()),
        session,
        seq,
        sent_id: event.id,
        role: event.role,
        text,
        event: None,
        created_at: event.at.unwrap_or(now),
    };
    tx.append_utterance(&utterance).await
}

/// The account of a report, if it is there.
async fn owner(tx: &mut Tx, user: Option<&str>) -> Result<Option<AccountId>, StoreError> {
    let Some(id) = user.and_then(|user| user.trim().parse::<AccountId>().ok()) else { return Ok(None) };
    Ok(tx.account(id).await?.map(|account| account.id))
}

/// Forgets anonymous conversations that nobody ended; answers how many.
///
/// # Errors
/// The store failed.
pub async fn forget_anonymous(tx: &mut Tx) -> Result<u64, StoreError> {
    let before = tx.now().minus(ANONYMOUS);
    tx.forget_anonymous_voice_sessions(before).await
}
