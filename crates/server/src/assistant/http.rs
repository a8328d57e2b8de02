//! The assistant over HTTP: messages of other channels, recommendation, and what is not there.

use axum::{extract::State, http::StatusCode, response::Response};
use protocol::{
    ErrorCode,
    assistant::{IntentInfo, MessageMetadata, MessageRequest, MessageResponse},
    routes,
    session::{Channel, Sender},
};
use serde_json::{Map, Value, json};
use server_store::records::SessionRecord;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Question, Reply,
    answer::{apology, apply, think},
    known, recommend, visual_search,
};
use crate::{
    caller::{Caller, Credentials},
    http::{Answer, Failure, JsonBody, with_error},
    session::{NewEntry, SessionError, operations},
    state::AppState,
    transaction::Tx,
};

/// Longest message in characters.
const LONGEST: usize = 4_000;

/// The documented assistant endpoints.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(message)).merge(visual_search::routes()).routes(routes!(recommend::recommend))
}

/// Ask the assistant.
///
/// Both messages are kept in the session. A token that opens nothing is replaced by a guest's, which `metadata.session` tells.
/// Where the assistant fails, the answer is an apology.
#[utoipa::path(post, path = routes::MESSAGE, tag = "assistant", request_body = MessageRequest,
    responses((status = 200, body = MessageResponse), (status = 404), (status = 429)),
    security((), ("session_token" = []), ("session_token" = [], "device" = []), ("channel_key" = [])))]
async fn message(State(state): State<AppState>, credentials: Credentials, body: Answer<JsonBody<MessageRequest>>) -> Response {
    let answer = match body {
        Ok(body) => answer_message(&state, credentials, body).await,
        Err(failure) => Err(failure),
    };
    with_error(answer)
}

async fn answer_message(state: &AppState, credentials: Credentials, body: JsonBody<MessageRequest>) -> Answer<Response> {
    let MessageRequest { message, session_token, metadata: original } = body.value;
    if message.trim().is_empty() || message.chars().count() > LONGEST {
        let detail = format!("message must have 1 to {LONGEST} characters");
        return Err(Failure::field("message", ErrorCode::ValidationError, detail));
    }
    let caller = credentials.judge()?;
    let token = session_token.filter(|token| !token.trim().is_empty()).or_else(|| caller.token().map(str::to_owned));
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let (mut session, begun) = session(&mut tx, &caller, token.as_deref()).await?;
    let channel = caller.bound_channel().unwrap_or(session.channel);
    let asked = entry(Sender::User, message.clone(), channel, None);
    let asked = operations::append_chat(&mut tx, &mut session, asked).await?;
    tx.commit().await?;

    let question = question(state, &caller, &session, &asked.id, message).await?;
    let mut reply = think(state, question).await;
    let mut tx = state.write().await?;
    // The same request may have come twice at once.
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    if !reply.changes.is_empty() && change_cart(&mut tx, &session, &reply).await.is_err() {
        drop(tx);
        tx = state.write().await?;
        reply = apology();
    }
    let now = tx.now();
    if let Some(mut live) = tx.session(session.id).await?.filter(|session| session.is_live(now)) {
        let mut noted = asked.metadata.unwrap_or_default();
        noted.insert("intent".into(), json!(reply.intent));
        tx.set_chat_metadata(asked.id, Some(&noted)).await?;
        let answered = entry(Sender::Agent, reply.text.clone(), channel, Some(reply.metadata()));
        operations::append_chat(&mut tx, &mut live, answered).await?;
        session = live;
    }
    let processed = reply.intent != "error";
    let response = MessageResponse {
        reply: reply.text,
        session_token: state.key.session_token(session.id, session.generation),
        timestamp: now,
        metadata: MessageMetadata {
            processed,
            worker: reply.intent.to_owned(),
            original_metadata: original.unwrap_or_default(),
            session: begun.map(str::to_owned),
            code: (!processed).then(|| "assistant_unavailable".to_owned()),
        },
        intent_info: IntentInfo {
            intent: reply.intent.to_owned(),
            confidence: if processed { 0.9 } else { 0.0 },
            entities: Map::new(),
            method: if processed { "rules" } else { "error_fallback" }.to_owned(),
        },
        cards: reply.cards,
    };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}

/// The session of the token, or a guest's; and `new` or `replaced` where it was begun.
async fn session(
    tx: &mut Tx,
    caller: &Caller,
    token: Option<&str>,
) -> Result<(SessionRecord, Option<&'static str>), SessionError> {
    if let Some(token) = token {
        match caller.use_own(tx, token).await {
            Ok(own) => return Ok((own.session, None)),
            Err(SessionError::NotFound | SessionError::Expired) => {}
            Err(error) => return Err(error),
        }
    }
    tx.state().limits.starts.take(caller.peer.into()).map_err(SessionError::TooOften)?;
    let channel = caller.bound_channel().unwrap_or(Channel::Web);
    let session = operations::guest_session(tx, channel, "").await?;
    Ok((session, Some(if token.is_some() { "replaced" } else { "new" })))
}

fn entry(sender: Sender, message: String, channel: Channel, metadata: Option<Map<String, Value>>) -> NewEntry {
    // Clients save both messages once more by themselves.
    NewEntry { sender, message, channel, metadata, op: None, mergeable: true }
}

async fn question(
    state: &AppState,
    caller: &Caller,
    session: &SessionRecord,
    asked: &protocol::ids::EntryId,
    message: String,
) -> Answer<Question> {
    let mut tx = state.read().await?;
    let snapshot = operations::snapshot(&mut *tx, session.id).await?.ok_or(SessionError::NotFound)?;
    let mut before = snapshot.chat;
    if let Some(place) = before.iter().position(|entry| entry.id == *asked) {
        before.truncate(place);
    }
    Ok(Question {
        message,
        before,
        cart: snapshot.cart,
        customer: snapshot.customer.as_ref().map(known),
        currency: snapshot.currency,
        store: caller.device.as_ref().map(|device| device.store_id.clone()),
    })
}

async fn change_cart(tx: &mut Tx, session: &SessionRecord, reply: &Reply) -> Result<(), SessionError> {
    let now = tx.now();
    let Some(mut live) = tx.session(session.id).await?.filter(|session| session.is_live(now)) else { return Ok(()) };
    for change in &reply.changes {
        apply(tx, &mut live, change).await?;
    }
    Ok(())
}
