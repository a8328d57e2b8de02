//! One turn of a conversation: what was said is there already, the answer is found, and both it and what it changes are
//! stored at once.

use axum::{http::StatusCode, response::Response};
use protocol::{
    ErrorCode,
    chat::{ChatAction, ChatData, ChatResponse, ChatRole},
    ids::EntryId,
    session::{ChatEntry, Sender},
};
use serde_json::{Map, Value, json};
use server_store::records::{ChatTaskRecord, Dialogue, MediaRecord, ProfileRecord, SessionRecord};

use super::{button, customer, enrolment, speaker::Speaker, spending, staff, task};
use crate::{
    assistant::{
        Question, Reply,
        answer::{apology, apply, think},
        known as what_is_known,
    },
    catalogue,
    http::{Answer, Failure, Idempotency},
    profile,
    session::{NewEntry, SessionError, operations},
    state::AppState,
    transaction::Tx,
};

/// What the shop says when there is nothing left to spend.
const SPENT: &str = "I have answered as much as I may for today. Our staff will gladly help you.";

/// A turn whose message is stored.
#[derive(Debug)]
pub struct Turn {
    /// Who talks, where.
    pub speaker: Speaker,
    /// As whom.
    pub role: ChatRole,
    /// What was said; may be empty.
    pub message: String,
    /// What was pressed.
    pub action: Option<ChatAction>,
    /// What was shown.
    pub media: Vec<MediaRecord>,
    /// The message in the conversation; none where nothing was said.
    pub asked: Option<EntryId>,
    /// Where the answer goes besides.
    pub task: Option<ChatTaskRecord>,
    /// What keeps the answer, where the caller gave a key.
    pub idempotency: Option<Idempotency>,
}

/// What came of a turn.
#[derive(Debug)]
pub enum Done {
    /// The answer.
    Answer(Box<ChatResponse>),
    /// The answer that the same request got before.
    Replayed(Response),
}

/// What is known when an answer is looked for.
pub(super) struct Scene {
    pub(super) before: Vec<ChatEntry>,
    pub(super) question: Question,
    pub(super) profile: Option<ProfileRecord>,
    pub(super) dialogue: Dialogue,
    /// How numbers without a country are read.
    pub(super) country: String,
    /// What to call the speaker.
    pub(super) first_name: Option<String>,
}

/// What the shop says, and what there is to show.
#[derive(Default)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) data: ChatData,
    /// The assistant's own part of it.
    pub(super) reply: Option<Reply>,
    /// The profile is another one now.
    pub(super) profile_changed: bool,
}

impl Said {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// Answers a turn, after those before it in its conversation.
///
/// # Errors
/// The session has ended meanwhile, or the store failed. Whatever was to be changed is not.
pub async fn run(state: &AppState, turn: Turn) -> Answer<Done> {
    let task = turn.task.clone();
    let done = answer(state, turn).await;
    let failed = done.is_err();
    if let Some(task) = task.filter(|_| failed) {
        task::fail(state, &task).await;
    }
    done
}

async fn answer(state: &AppState, mut turn: Turn) -> Answer<Done> {
    let _order = state.turns.take(turn.speaker.session.id).await;
    if let Some(task) = &turn.task {
        task::start(state, task).await?;
    }
    let scene = look(state, &turn).await?;
    let thought = match customer::question(&turn, &scene) {
        Some(question) => Some(think_within_budget(state, &turn, question).await?),
        None => None,
    };
    match store(state, &mut turn, &scene, thought).await {
        Ok(done) => Ok(done),
        // An assistant may wish what a customer may not.
        Err(Wrong::Refused(error)) => {
            tracing::warn!(%error, "an assistant's wish was refused");
            store(state, &mut turn, &scene, Some(apology())).await.map_err(Wrong::into_failure)
        }
        Err(wrong) => Err(wrong.into_failure()),
    }
}

enum Wrong {
    Refused(SessionError),
    Failed(Failure),
}

impl Wrong {
    fn into_failure(self) -> Failure {
        match self {
            Self::Refused(error) => error.into(),
            Self::Failed(failure) => failure,
        }
    }
}

impl<E: Into<Failure>> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn look(state: &AppState, turn: &Turn) -> Answer<Scene> {
    let mut tx = state.read().await?;
    let snapshot = operations::snapshot(&mut *tx, turn.speaker.session.id).await?.ok_or(SessionError::NotFound)?;
    let mut before = snapshot.chat;
    if let Some(place) = before.iter().position(|entry| Some(entry.id) == turn.asked) {
        before.truncate(place);
    }
    let profile = match turn.speaker.owner {
        Some(owner) => tx.profile(owner.profile()).await?,
        None => None,
    };
    let account = turn.speaker.account.as_ref().map(|account| account.display_name.as_str());
    let known = profile.as_ref().and_then(|profile| profile.name.as_deref());
    let names = [known, snapshot.customer.as_ref().map(|customer| customer.name.as_str()), account];
    let first_name = names.into_iter().flatten().find_map(|name| name.split_whitespace().next()).map(str::to_owned);
    let question = Question {
        message: turn.message.clone(),
        before: before.clone(),
        cart: snapshot.cart,
        customer: snapshot.customer.as_ref().map(what_is_known),
        currency: snapshot.currency,
        store: turn.speaker.store.clone(),
    };
    Ok(Scene {
        before,
        question,
        profile,
        dialogue: snapshot.session.state.dialogue.map(|dialogue| *dialogue).unwrap_or_default(),
        country: catalogue::country(&mut *tx, &state.config).await?,
        first_name,
    })
}

async fn think_within_budget(state: &AppState, turn: &Turn, question: Question) -> Answer<Reply> {
    let (who, session) = (turn.speaker.id(), turn.speaker.session.id);
    if !spending::is_left(&mut *state.read().await?, state, who, session).await? {
        return Ok(Reply { text: SPENT.into(), intent: "budget", ..Reply::default() });
    }
    let reply = think(state, question).await;
    if reply.cost_micro_usd > 0 {
        let mut tx = state.write().await?;
        spending::note(&mut tx, who, session, reply.cost_micro_usd).await?;
        tx.commit().await?;
    }
    Ok(reply)
}

async fn store(state: &AppState, turn: &mut Turn, scene: &Scene, thought: Option<Reply>) -> Result<Done, Wrong> {
    let mut tx = state.write().await?;
    // The same request may have come twice at once.
    if let Some(idempotency) = turn.idempotency.as_ref().filter(|_| turn.task.is_none())
        && let Some(answer) = idempotency.replay(&mut tx).await?
    {
        return Ok(Done::Replayed(answer));
    }
    let now = tx.now();
    let live = tx.session(turn.speaker.session.id).await?.filter(|session| session.is_live(now));
    let mut session = live.ok_or(SessionError::Expired)?;
    let mut dialogue = session.state.dialogue.as_deref().cloned().unwrap_or_default();
    let before = dialogue.clone();
    let mut said = match turn.role {
        ChatRole::Consumer => customer::act(&mut tx, turn, scene, &mut dialogue, thought).await?,
        ChatRole::Provider => staff::act(&mut tx, turn).await?,
        ChatRole::Enrollment => enrolment::act(&mut tx, turn).await?,
    };
    let (text, buttons) = button::take(&said.text);
    said.text = text;
    said.data.buttons.extend(buttons);
    if dialogue != before {
        session.state.dialogue = (dialogue != Dialogue::default()).then(|| Box::new(dialogue.clone()));
    }
    if let Some(reply) = &said.reply {
        for change in &reply.changes {
            match apply(&mut tx, &mut session, change).await {
                Ok(()) => {}
                Err(SessionError::Store(error)) => return Err(error.into()),
                Err(error) => return Err(Wrong::Refused(error)),
            }
        }
        if !reply.changes.is_empty() || customer::is_about_cart(&turn.message) {
            said.data.cart = Some(operations::show_cart(tx.reader(), &session).await?);
        }
    }
    said.data.media = turn.media.iter().map(crate::media::wire).collect();
    append(&mut tx, turn, &mut session, &said).await?;
    let response = ChatResponse {
        session_id: session.id,
        message: said.text,
        data: said.data,
        draft: dialogue.draft.filter(|_| turn.role == ChatRole::Consumer),
        awaiting_approval: dialogue.awaiting_approval && turn.role == ChatRole::Consumer,
        task_id: None,
        session_token: turn.speaker.begun.clone(),
    };
    match (&turn.task, &turn.idempotency) {
        (Some(task), _) => task::succeed(&mut tx, task, &response).await?,
        (None, Some(idempotency)) => idempotency.keep(&mut tx, StatusCode::OK, &response).await?,
        (None, None) => {}
    }
    tx.commit().await?;
    Ok(Done::Answer(Box::new(response)))
}

/// The answer becomes part of the conversation on every channel. What is only for the caller's eyes does not.
async fn append(tx: &mut Tx, turn: &Turn, session: &mut SessionRecord, said: &Said) -> Result<(), SessionError> {
    let plain = Reply { intent: "support", ..Reply::default() };
    let mut noted = said.reply.as_ref().unwrap_or(&plain).metadata();
    let mut note = |key: &str, value: Value| noted.insert(key.to_owned(), value);
    if !said.data.buttons.is_empty() {
        note("buttons", json!(said.data.buttons));
    }
    if let Some(hint) = &said.data.ui_hint {
        note("ui_hint", json!(hint));
    }
    if let Some(request) = &said.data.request_id {
        note("request_id", json!(request));
    }
    if said.profile_changed {
        note("profile_changed", json!(true));
    }
    if let Some(asked) = turn.asked {
        let intent = Map::from_iter([("intent".to_owned(), noted["intent"].clone())]);
        let media = Map::from_iter(media_noted(&turn.media));
        tx.set_chat_metadata(asked, Some(&intent.into_iter().chain(media).collect())).await?;
    }
    let entry = NewEntry {
        sender: Sender::Agent,
        message: said.text.clone(),
        channel: turn.speaker.channel,
        metadata: Some(noted),
        op: None,
        mergeable: false,
    };
    operations::append_chat(tx, session, entry).await?;
    Ok(())
}

/// What was shown, for the conversation: names alone, because only their owner gets the files.
pub(super) fn media_noted(media: &[MediaRecord]) -> Option<(String, Value)> {
    let list: Vec<Value> = media.iter().map(|media| json!({"id": media.id, "type": media.kind})).collect();
    (!list.is_empty()).then(|| ("media".to_owned(), Value::Array(list)))
}

/// The assistant's answer, with what it found.
pub(super) fn of_assistant(mut reply: Reply) -> Said {
    let mut said = Said { text: std::mem::take(&mut reply.text), ..Said::default() };
    said.data.cards.clone_from(&reply.cards);
    said.data.error_code = match reply.intent {
        "error" => Some(ErrorCode::AssistantUnavailable),
        "budget" => Some(ErrorCode::BudgetExceeded),
        _ => None,
    };
    said.reply = Some(reply);
    said
}

/// The speaker's profile on the wire.
pub(super) fn shown(profile: &ProfileRecord) -> protocol::profile::Profile {
    profile::wire_profile(profile.clone())
}
