use axum::{
    Json,
    extract::{DefaultBodyLimit, FromRequest as _, FromRequestParts as _, Path, Query, Request, State},
    http::{HeaderName, HeaderValue},
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode,
    chat::{ChatRequest, ChatResponse, TaskAnswer},
    routes,
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ask::{Asked, begin, check},
    speaker::names,
    task,
    turn::{self, Done},
};
use crate::{
    caller::{Visit, VisitorProof},
    http::{Answer, Failure, Idempotency, JsonBody},
    media::{self, NewMedia},
    state::AppState,
};

/// Largest body in bytes: five photos, or two videos, in base64.
const LARGEST_BODY: usize = 36 * 1024 * 1024;

/// The documented chat.
pub fn routes() -> OpenApiRouter<AppState> {
    let large = OpenApiRouter::default().routes(routes!(chat)).layer(DefaultBodyLimit::max(LARGEST_BODY));
    OpenApiRouter::default().merge(large).routes(routes!(look_at_task))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Mode {
    /// Answer at once with a task to ask for.
    #[param(value_type = Option<bool>)]
    async_mode: Option<String>,
}

impl Mode {
    fn is_async(&self) -> Answer<bool> {
        match self.async_mode.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "false" | "0" | "no") => Ok(false),
            Some("true" | "1" | "yes") => Ok(true),
            Some(_) => Err(Failure::field("async_mode", ErrorCode::ValidationError, "async_mode must be true or false")),
        }
    }
}

/// One turn of a conversation.
///
/// The conversation is the caller's own: that of the customer on every channel, or of the guest. Nobody becomes a guest with
/// the first message; the token comes in the body, and for browsers as a cookie. A `session_id` that is not the caller's own
/// counts as none. Where the assistant cannot answer, the answer is an apology with `data.error_code`.
#[utoipa::path(post, path = routes::CHAT, tag = "chat", params(Mode), request_body = ChatRequest,
    responses((status = 200, body = ChatResponse), (status = 401), (status = 403), (status = 404), (status = 429)),
    security((), ("guest" = []), ("session_token" = []), ("account" = []), ("bearer" = []), ("session_token" = [], "device" = [])))]
async fn chat(State(state): State<AppState>, Query(mode): Query<Mode>, request: Request) -> Answer<Response> {
    let _room = media::room_for(&state, request.headers()).await?;
    let (mut parts, body) = request.into_parts();
    let proof = match VisitorProof::from_request_parts(&mut parts, &state).await {
        Ok(proof) => proof,
        Err(never) => match never {},
    };
    let JsonBody { value, idempotency } = JsonBody::<ChatRequest>::from_request(Request::from_parts(parts, body), &state).await?;
    let asynchronous = mode.is_async()?;
    let asked = Asked::read(value)?;
    let visit = proof.judge_kindly(&state).await?;
    if let Some(answer) = idempotency.replay_early(&state).await? {
        return Ok(answer);
    }
    check(&state, &visit, asked.role).await?;
    let (begun, response) = answer(&state, &visit, asked, idempotency, asynchronous).await?;
    let mut response = response;
    if visit.expired {
        response.headers_mut().insert(HeaderName::from_static("x-session-auth"), HeaderValue::from_static("expired"));
    }
    if let Some(token) = &visit.guest_token {
        // What the guest did is the account's now, and the guest's token is dead.
        visit.clear_guest(response.headers_mut(), &state, token);
    }
    if let Some(token) = begun {
        visit.set_guest(response.headers_mut(), &state, &token);
    }
    Ok(response)
}

async fn answer(
    state: &AppState,
    visit: &Visit,
    mut asked: Asked,
    idempotency: Idempotency,
    asynchronous: bool,
) -> Answer<(Option<String>, Response)> {
    let mut shown = Vec::new();
    for upload in std::mem::take(&mut asked.media) {
        match media::decode(state, upload).await {
            Ok(new) => shown.push(new),
            Err(error) => {
                discard(state, shown).await;
                return Err(error.into());
            }
        }
    }
    let begun = begin(state, visit, asked, &shown, Some(idempotency), asynchronous).await;
    let (turn, waiting) = match begun {
        Ok(begun) => begun,
        Err(failure) => {
            discard(state, shown).await;
            return Err(failure);
        }
    };
    let token = turn.speaker.begun.clone();
    // Whoever asked may hang up; the answer is for the conversation all the same.
    let thinking = tokio::spawn({
        let state = state.clone();
        async move { Box::pin(turn::run(&state, turn)).await }
    });
    if let Some(waiting) = waiting {
        return Ok((token, waiting));
    }
    match thinking.await.map_err(Failure::internal)?? {
        Done::Answer(response) => Ok((token, Json(response).into_response())),
        Done::Replayed(response) => Ok((None, response)),
    }
}

async fn discard(state: &AppState, shown: Vec<NewMedia>) {
    for new in shown {
        new.discard(state).await;
    }
}

/// An answer that takes its time.
#[utoipa::path(get, path = routes::CHAT_TASK, tag = "chat", params(("task_id" = String, Path)),
    responses((status = 200, body = TaskAnswer), (status = 401), (status = 404)),
    security(("guest" = []), ("session_token" = []), ("account" = []), ("bearer" = [])))]
async fn look_at_task(State(state): State<AppState>, proof: VisitorProof, Path(id): Path<String>) -> Answer<Json<TaskAnswer>> {
    let visit = proof.judge_kindly(&state).await?;
    let mut tx = state.read().await?;
    let callers = names(&mut *tx, &state, &visit).await?;
    let found = task::look(&mut *tx, &state, &id, &callers).await?;
    found.map(Json).ok_or_else(|| Failure::new(ErrorCode::NotFound, "There is no such task."))
}
