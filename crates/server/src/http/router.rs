use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request},
    middleware,
};
use protocol::ErrorCode;
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;

use super::{
    Failure,
    edge::{self, Edge},
};
use crate::{
    account, assistant, auth, catalogue, chat, device, event, handoff, health, kiosk_session, loyalty, media, metrics,
    openapi::{self, Document},
    order, phone, profile, proof, request, session, speech, staff,
    state::AppState,
    stock, sync, voice_session,
};

/// Largest body of a request in bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// Everything the server answers. A path with and without a slash at its end is the same resource.
pub fn router(state: AppState) -> Router {
    Router::new().fallback_service(layered(state).map_request(without_last_slash))
}

/// Every route, each with its description.
pub(crate) fn areas() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(openapi::routes())
        .merge(session::routes())
        .merge(auth::routes())
        .merge(account::routes())
        .merge(profile::routes())
        .merge(request::routes())
        .merge(staff::routes())
        .merge(chat::routes())
        .merge(media::routes())
        .merge(voice_session::routes())
        .merge(catalogue::routes())
        .merge(assistant::routes())
        .merge(stock::routes())
        .merge(order::routes())
        .merge(loyalty::routes())
        .merge(event::routes())
        .merge(sync::routes())
        .merge(device::routes())
        .merge(handoff::routes())
        .merge(phone::routes())
        .merge(kiosk_session::routes())
        .merge(speech::routes())
}

fn layered(state: AppState) -> Router {
    let (areas, api) = areas().split_for_parts();
    let edge = Arc::new(Edge::new(state.clone(), &api));
    areas
        .merge(chat::socket::routes(&state))
        .layer(Extension(Document::of(&api)))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), proof::fresh_nonce))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(edge, edge::edge))
        .with_state(state)
}

fn without_last_slash(mut request: Request) -> Request {
    let uri = request.uri();
    let path = uri.path().trim_end_matches('/');
    if path.len() == uri.path().len() || path.is_empty() {
        return request;
    }
    let target = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    if let Ok(uri) = target.parse() {
        *request.uri_mut() = uri;
    }
    request
}

async fn not_found() -> Failure {
    Failure::new(ErrorCode::NotFound, "Not Found")
}

async fn method_not_allowed() -> Failure {
    Failure::new(ErrorCode::MethodNotAllowed, "Method Not Allowed")
}
