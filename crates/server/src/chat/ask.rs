//! What somebody says, checked and stored. What comes of it is found afterwards, in [`super::turn`].

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode,
    chat::{ChatAction, ChatData, ChatRequest, ChatResponse, ChatRole, MOST_MEDIA},
    ids::{EntryId, ProfileId},
    media::{MediaKind, MediaUpload},
    session::Sender,
    staff::Role,
};
use serde_json::Map;
use server_store::records::MediaRecord;

use super::{
    speaker::{Speaker, speaker},
    task,
    turn::{Turn, media_noted},
};
use crate::{
    caller::{Visit, Visitor, role},
    http::{Answer, Failure, Idempotency},
    limit::Chatter,
    media::{self, NewMedia},
    profile::link::bring,
    session::{NewEntry, operations},
    state::AppState,
    transaction::Tx,
};

/// Longest message in characters.
const LONGEST: usize = 4_000;

/// A request of the right shape.
pub(super) struct Asked {
    message: String,
    session_id: Option<String>,
    pub(super) role: ChatRole,
    alias: Option<ProfileId>,
    pub(super) media: Vec<MediaUpload>,
    action: Option<ChatAction>,
}

impl Asked {
    pub(super) fn read(request: ChatRequest) -> Answer<Self> {
        let wrong = |field: &str, detail: String| Failure::field(field, ErrorCode::ValidationError, detail);
        let message = request.message.unwrap_or_default();
        if message.chars().count() > LONGEST {
            return Err(wrong("message", format!("message may have at most {LONGEST} characters")));
        }
        let media = request.media.unwrap_or_default();
        if media.len() > MOST_MEDIA {
            return Err(wrong("media", format!("media may have at most {MOST_MEDIA} files")));
        }
        match request.action {
            Some(ChatAction::SubmitOffer) => return Err(Failure::new(ErrorCode::NotFound, "Not Found")),
            Some(ChatAction::ConnectNow) => {
                return Err(wrong("action", "connect_now is for the client; it signs the guest in".into()));
            }
            _ => {}
        }
        Ok(Self {
            message,
            session_id: request.session_id,
            role: request.role.unwrap_or_default(),
            alias: request.consumer_id.map(ProfileId),
            media,
            action: request.action,
        })
    }
}

/// Who talks as staff is verified staff; and nobody talks too often.
pub(super) async fn check(state: &AppState, visit: &Visit, role: ChatRole) -> Answer<()> {
    if role == ChatRole::Provider {
        let account = visit.account()?;
        role::require(&mut *state.read().await?, account.record.id, Role::Staff).await?;
    }
    let chatter = match &visit.visitor {
        Visitor::Account(account) => Chatter::Account(account.record.id),
        Visitor::Guest(session) => Chatter::Session(session.id),
        Visitor::Nobody => Chatter::Network(visit.caller.peer.into()),
    };
    let wait = |seconds| Failure::too_often(seconds, "You write faster than I can read. Try again in a moment.");
    state.limits.chats.take(chatter).map_err(wait)
}

/// Stores what was said. Of an answer that takes its time, what is answered now.
pub(super) async fn begin(
    state: &AppState,
    visit: &Visit,
    asked: Asked,
    shown: &[NewMedia],
    idempotency: Option<Idempotency>,
    asynchronous: bool,
) -> Answer<(Turn, Option<Response>)> {
    let mut tx = state.write().await?;
    if let Visitor::Account(account) = &visit.visitor {
        bring(&mut tx, account.record.id, visit.guest_token.as_deref()).await?;
    }
    let mut speaker = speaker(&mut tx, visit, asked.alias).await?;
    let mut media = Vec::with_capacity(shown.len());
    for new in shown {
        media.push(media::keep(&mut tx, speaker.id(), Some(speaker.session.id), new).await?);
    }
    let silent = asked.message.trim().is_empty() && media.is_empty() && asked.action.is_none();
    let goes_on = asked.session_id.as_deref() == Some(speaker.session.id.to_string().as_str());
    if silent && goes_on && !tx.chat_entries(speaker.session.id, 1).await?.is_empty() {
        return Err(Failure::field("message", ErrorCode::ValidationError, "message is required"));
    }
    let entry = note(&mut tx, &mut speaker, &asked, &media).await?;
    let task = if asynchronous { Some(task::begin(&mut tx, speaker.id()).await?) } else { None };
    let waiting = match &task {
        Some(task) => {
            let waiting = processing(&speaker, &task.id);
            if let Some(idempotency) = &idempotency {
                idempotency.keep(&mut tx, StatusCode::OK, &waiting).await?;
            }
            Some(Json(waiting).into_response())
        }
        None => None,
    };
    tx.commit().await?;
    let turn = Turn {
        speaker,
        role: asked.role,
        message: asked.message,
        action: asked.action,
        media,
        asked: entry,
        task,
        idempotency: idempotency.filter(|_| !asynchronous),
    };
    Ok((turn, waiting))
}

/// What was said becomes part of the conversation, on every channel.
async fn note(tx: &mut Tx, speaker: &mut Speaker, asked: &Asked, media: &[MediaRecord]) -> Answer<Option<EntryId>> {
    let mut message = asked.message.clone();
    if message.trim().is_empty() {
        message = match media {
            [] => return Ok(None),
            [one] => format!("({})", if one.kind == MediaKind::Image { "photo" } else { "video" }),
            many => format!("({} photos or videos)", many.len()),
        };
    }
    let metadata: Map<_, _> = media_noted(media).into_iter().collect();
    let new = NewEntry {
        sender: Sender::User,
        message,
        channel: speaker.channel,
        metadata: (!metadata.is_empty()).then_some(metadata),
        op: None,
        mergeable: true,
    };
    Ok(Some(operations::append_chat(tx, &mut speaker.session, new).await?.id))
}

fn processing(speaker: &Speaker, task: &str) -> ChatResponse {
    ChatResponse {
        session_id: speaker.session.id,
        message: "Processing your message...".into(),
        data: ChatData { task_id: Some(task.to_owned()), status: Some("processing".into()), ..ChatData::default() },
        draft: None,
        awaiting_approval: false,
        task_id: Some(task.to_owned()),
        session_token: speaker.begun.clone(),
    }
}
