//! What an agent remembers of a session. The id alone opens nothing.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use protocol::{
    ErrorCode,
    ids::SessionId,
    memory::{SessionCart, SessionContext, SessionRecommendations, SessionSummary, SummaryRequest, SummaryResponse},
    routes,
};
use server_store::{
    ReadTx,
    records::{Scope, SessionRecord},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{SessionError, operations, summary};
use crate::{
    caller::{Caller, Credentials},
    catalogue,
    http::{Answer, Failure, JsonBody},
    money,
    state::AppState,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(context))
        .routes(routes!(read_summary, write_summary))
        .routes(routes!(recommendations))
        .routes(routes!(cart))
}

/// The live session of that id, if the caller may look into it: as its own, or as an agent or staff. Looking does not prolong it.
async fn session(tx: &mut dyn ReadTx, state: &AppState, caller: &Caller, id: &str) -> Answer<SessionRecord> {
    let id: Option<SessionId> = id.parse().ok();
    if caller.may(Scope::Agent) || (caller.token().is_none() && caller.is_staff(tx).await?) {
        let Some(id) = id else { return Err(SessionError::NotFound.into()) };
        let session = tx.session(id).await?.ok_or(SessionError::NotFound)?;
        return if session.is_live(state.now()) { Ok(session) } else { Err(SessionError::Expired.into()) };
    }
    let own = caller.own_session(tx, state).await?;
    if id == Some(own.session.id) { Ok(own.session) } else { Err(SessionError::NotFound.into()) }
}

/// What was said and chosen in a session.
#[utoipa::path(get, path = routes::SESSION_CONTEXT, tag = "memory", params(("session_id" = String, Path)),
    responses((status = 200, body = SessionContext), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("session_token" = [], "device" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn context(
    State(state): State<AppState>,
    credentials: Credentials,
    Path(id): Path<String>,
) -> Answer<Json<SessionContext>> {
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let session = session(&mut *tx, &state, &caller, &id).await?;
    let snapshot = operations::snapshot(&mut *tx, session.id).await?.ok_or(SessionError::NotFound)?;
    let session = snapshot.session;
    Ok(Json(SessionContext {
        session_id: session.id,
        customer_id: session.customer_id,
        phone: session.phone,
        channel: session.channel,
        chat_context: snapshot.chat,
        conversation_summary: session.state.conversation_summary,
        last_recommended_skus: session.state.last_recommended_skus,
        cart: snapshot.cart,
        created_at: session.created_at,
        updated_at: session.updated_at,
    }))
}

/// The summary of the conversation.
#[utoipa::path(get, path = routes::SESSION_SUMMARY, tag = "memory", params(("session_id" = String, Path)),
    responses((status = 200, body = SessionSummary), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("session_token" = [], "device" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn read_summary(
    State(state): State<AppState>,
    credentials: Credentials,
    Path(id): Path<String>,
) -> Answer<Json<SessionSummary>> {
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let session = session(&mut *tx, &state, &caller, &id).await?;
    Ok(Json(SessionSummary {
        total_messages: tx.chat_length(session.id).await?,
        session_id: session.id,
        customer_id: session.customer_id,
        summary: session.state.conversation_summary,
        last_updated: session.updated_at,
    }))
}

/// Write the summary; the server leaves it alone for six entries.
#[utoipa::path(post, path = routes::SESSION_SUMMARY, tag = "memory", params(("session_id" = String, Path)), request_body = SummaryRequest,
    responses((status = 200, body = SummaryResponse), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("session_token" = [], "device" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn write_summary(
    State(state): State<AppState>,
    credentials: Credentials,
    Path(id): Path<String>,
    body: JsonBody<SummaryRequest>,
) -> Answer<Response> {
    if body.value.summary.chars().count() > summary::LONGEST {
        let detail = format!("summary may have at most {} characters", summary::LONGEST);
        return Err(Failure::field("summary", ErrorCode::ValidationError, detail));
    }
    let caller = credentials.judge()?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let mut session = session(tx.reader(), &state, &caller, &id).await?;
    operations::set_summary(&mut tx, &mut session, &body.value.summary).await?;
    let response = SummaryResponse { success: true, session_id: session.id, summary: session.state.conversation_summary };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}

/// The products that were shown last.
#[utoipa::path(get, path = routes::SESSION_RECOMMENDATIONS, tag = "memory", params(("session_id" = String, Path)),
    responses((status = 200, body = SessionRecommendations), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("session_token" = [], "device" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn recommendations(
    State(state): State<AppState>,
    credentials: Credentials,
    Path(id): Path<String>,
) -> Answer<Json<SessionRecommendations>> {
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let session = session(&mut *tx, &state, &caller, &id).await?;
    Ok(Json(SessionRecommendations {
        session_id: session.id,
        customer_id: session.customer_id,
        total_recommendations: session.state.last_recommended_skus.len() as u64,
        last_recommended_skus: session.state.last_recommended_skus,
    }))
}

/// The cart.
#[utoipa::path(get, path = routes::SESSION_CART, tag = "memory", params(("session_id" = String, Path)),
    responses((status = 200, body = SessionCart), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("session_token" = [], "device" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn cart(State(state): State<AppState>, credentials: Credentials, Path(id): Path<String>) -> Answer<Json<SessionCart>> {
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let session = session(&mut *tx, &state, &caller, &id).await?;
    let cart = operations::show_cart(&mut *tx, &session).await?;
    let currency = catalogue::currency(&mut *tx).await?;
    let subtotal_minor = cart.iter().map(|line| line.price_minor.saturating_mul(line.quantity.into())).sum();
    Ok(Json(SessionCart {
        session_id: session.id,
        customer_id: session.customer_id,
        cart_size: cart.len() as u64,
        total_quantity: cart.iter().map(|line| u64::from(line.quantity)).sum(),
        subtotal: money::decimal(subtotal_minor, &currency),
        subtotal_minor,
        currency,
        cart,
    }))
}
