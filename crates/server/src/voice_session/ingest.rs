use axum::{Json, extract::State, http::HeaderMap};
use protocol::{
    ErrorCode, Timestamp,
    ids::{AccountId, UtteranceId, VoiceSessionId},
    routes,
    transcript::{ERROR, SPEECH_ENDED, SPEECH_STARTED, TranscriptEvent},
    voice_session::{IngestAnswer, IngestEvent, IngestRequest, IngestSession, Speaker, VoiceEnd},
};
use server_store::{
    StoreError,
    records::{Topic, UtteranceRecord, VoiceSessionRecord},
};

use super::{LONGEST_PERSONA, LONGEST_ROOM, agent::knows_ingest_token, end, transcript};
use crate::{
    http::{Answer, Failure, JsonBody},
    state::AppState,
    transaction::Tx,
};

/// Longest utterance in characters.
const LONGEST_TEXT: usize = 4_000;
/// Longest id that a sender may give an utterance, in characters.
const LONGEST_ID: usize = 128;
/// Most bytes of metadata.
const MOST_METADATA: usize = 16 * 1024;
/// The label of a room that was given none.
const USUAL_ROOM: &str = "quickstart";

/// A voice agent reports what was said.
///
/// What was reported before is not kept twice. Only final words are kept; all else goes to the transcript's listeners alone.
#[utoipa::path(post, path = routes::INGEST, tag = "spoken conversations", params(("X-INGEST-TOKEN" = String, Header)), request_body = IngestRequest, responses((status = 200, body = IngestAnswer), (status = 400), (status = 401)))]
pub(super) async fn post(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: JsonBody<IngestRequest>,
) -> Answer<Json<IngestAnswer>> {
    if !knows_ingest_token(&headers, &state) {
        return Err(Failure::new(ErrorCode::InvalidToken, "Invalid ingest token"));
    }
    let IngestRequest { session, events } = body.value;
    let session = session.ok_or_else(|| missing("Missing session"))?;
    let id = session.id.as_deref().filter(|id| !id.trim().is_empty()).ok_or_else(|| missing("Missing session id"))?;
    let id: VoiceSessionId = id.trim().parse().map_err(|_| wrong("session.id", "session.id must be a uuid"))?;
    let events = events.unwrap_or_default();
    check(&session, &events)?;
    let mut tx = state.write().await?;
    let taken = report(&mut tx, id, session, events).await?;
    let announced = state.transcripts.announce(id, taken.told);
    tx.commit().await?;
    announced.committed();
    Ok(Json(IngestAnswer { created: taken.created, ended: taken.ended }))
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
    if too_long(&session.system_prompt, LONGEST_PERSONA) {
        return Err(wrong("session.system_prompt", format!("session.system_prompt has at most {LONGEST_PERSONA} characters")));
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

/// What came of a report.
#[derive(Debug, Default)]
struct Taken {
    /// Utterances that are kept and were not before.
    created: u64,
    /// What the listeners of this node are told once it is committed.
    told: Vec<TranscriptEvent>,
    /// Whether the conversation is over.
    ended: bool,
}

async fn report(tx: &mut Tx, id: VoiceSessionId, report: IngestSession, events: Vec<IngestEvent>) -> Result<Taken, StoreError> {
    let now = tx.now();
    let owner = owner(tx, report.user_id.as_deref()).await?;
    let known = tx.voice_session(id).await?.map(|counted| counted.session);
    let mut session = known.unwrap_or_else(|| new_session(id, report.started_at.unwrap_or(now)));
    if session.account_id.is_none() && session.ended_at.is_some() {
        return Ok(Taken { ended: true, ..Taken::default() });
    }
    // Of a conversation that began here the server knows better whose it is and what it is called.
    if session.media_room.is_none() {
        // A conversation never changes hands.
        session.account_id = session.account_id.or(owner);
        if let Some(room) = report.room.filter(|room| !room.is_empty()) {
            session.room = room;
        }
        if let Some(prompt) = report.system_prompt {
            session.system_prompt = prompt;
        }
    }
    session.metadata = report.metadata.or(session.metadata);
    // Before what belongs to it.
    tx.put_voice_session(&session).await?;
    let mut taken = Taken::default();
    for event in events {
        take(tx, &mut session, event, now, &mut taken).await?;
    }
    tx.put_voice_session(&session).await?;
    if taken.created > 0 {
        tx.touch(Topic::Transcript(id));
    }
    if let Some(at) = report.ended_at
        && let Ok(end) = end::end(tx, &mut session, at, VoiceEnd::Finished).await?
    {
        taken.told.push(end);
    }
    // What is gone with its conversation was not created.
    if session.account_id.is_none() && session.ended_at.is_some() {
        taken.created = 0;
    }
    taken.ended = session.ended_at.is_some();
    tx.count_voice_report(now, taken.created).await?;
    Ok(taken)
}

/// A conversation that began elsewhere.
fn new_session(id: VoiceSessionId, started_at: Timestamp) -> VoiceSessionRecord {
    VoiceSessionRecord {
        id,
        account_id: None,
        starter_hash: None,
        media_room: None,
        identity: None,
        room: USUAL_ROOM.into(),
        system_prompt: String::new(),
        voice: None,
        language: None,
        topics: Vec::new(),
        started_at,
        ended_at: None,
        end_reason: None,
        last_seq: 0,
        last_sent_seq: 0,
        metadata: None,
    }
}

/// Takes one event in: final words are kept, words still being recognised and who speaks are only passed on.
async fn take(
    tx: &mut Tx,
    session: &mut VoiceSessionRecord,
    event: IngestEvent,
    now: Timestamp,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Some(kind) = Kind::of(&event) else { return Ok(()) };
    let seq = session.last_seq + 1;
    let at = event.at.unwrap_or(now);
    let id = UtteranceId(tx.state().new_id());
    let told = match kind {
        Kind::Final(text) => {
            let utterance = UtteranceRecord {
                id,
                session: session.id,
                seq,
                sent_seq: event.seq,
                sent_id: event.id,
                role: event.role,
                text,
                event: None,
                created_at: at,
            };
            if !tx.append_utterance(&utterance).await? {
                return Ok(());
            }
            taken.created += 1;
            transcript::said(utterance)
        }
        Kind::Passing(text, name) => {
            // Whatever comes late or twice says nothing new, and must not stand in the place of the final words.
            if event.seq.is_some_and(|sent| sent <= session.last_sent_seq) {
                return Ok(());
            }
            if let Some(sent_id) = &event.id
                && text.is_some()
                && tx.has_utterance(session.id, sent_id).await?
            {
                return Ok(());
            }
            let is_final = text.is_none();
            let code = event.code.or_else(|| (name.as_deref() == Some(ERROR)).then_some(ErrorCode::UpstreamError));
            TranscriptEvent {
                id: event.id.unwrap_or_else(|| id.to_string()),
                seq,
                at,
                role: event.role,
                text,
                event: name,
                reason: None,
                code,
                is_final,
                last: is_final,
            }
        }
    };
    session.last_seq = seq;
    session.last_sent_seq = session.last_sent_seq.max(event.seq.unwrap_or_default());
    taken.told.push(told);
    Ok(())
}

/// What an event is to the server.
enum Kind {
    /// Words for good.
    Final(String),
    /// Words still being recognised, or something that happens.
    Passing(Option<String>, Option<String>),
}

impl Kind {
    /// None for what means nothing here. The end is said by `ended_at`.
    fn of(event: &IngestEvent) -> Option<Self> {
        let words = event.text.as_ref().filter(|text| !text.trim().is_empty()).cloned();
        match (event.role, words, event.event.as_deref()) {
            (Speaker::User | Speaker::Agent, Some(text), _) => {
                let is_final = event.is_final.or(event.last).unwrap_or(true);
                Some(if is_final { Self::Final(text) } else { Self::Passing(Some(text), None) })
            }
            (Speaker::User | Speaker::Agent, None, Some(name @ (SPEECH_STARTED | SPEECH_ENDED)))
            | (Speaker::Event, _, Some(name @ ERROR)) => Some(Self::Passing(None, Some(name.to_owned()))),
            _ => None,
        }
    }
}

/// The account of a report, if it is there.
async fn owner(tx: &mut Tx, user: Option<&str>) -> Result<Option<AccountId>, StoreError> {
    let Some(id) = user.and_then(|user| user.trim().parse::<AccountId>().ok()) else { return Ok(None) };
    Ok(tx.account(id).await?.map(|account| account.id))
}
