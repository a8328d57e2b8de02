use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use protocol::ErrorCode;
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;

use super::{Failure, log};
use crate::{
    account, assistant, auth, catalogue, device, event, handoff, health, kiosk_session, loyalty,
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
        .merge(openapi::routes())
        .merge(session::routes())
        .merge(auth::routes())
        .merge(account::routes())
        .merge(profile::routes())
        .merge(request::routes())
        .merge(staff::routes())
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
    areas
        .layer(Extension(Document::of(&api)))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), proof::fresh_nonce))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::map_response(as_json))
        .layer(middleware::from_fn(security_headers))
        .layer(middleware::from_fn_with_state(state.clone(), say_demo))
        .layer(middleware::from_fn_with_state(state.clone(), log::log))
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

/// What the web framework refuses by itself, in plain text, becomes JSON like every other refusal.
async fn as_json(response: Response) -> Response {
    let status = response.status();
    let plain = response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let code = match status.as_u16() {
        404 => ErrorCode::NotFound,
        405 => ErrorCode::MethodNotAllowed,
        413 => ErrorCode::PayloadTooLarge,
        415 => ErrorCode::UnsupportedMediaType,
        500.. => ErrorCode::InternalError,
        _ => ErrorCode::BadRequest,
    };
    let detail = match code {
        ErrorCode::InternalError => "Something went wrong. Please try again.",
        ErrorCode::BadRequest => "The address or a header of the request cannot be read.",
        _ => status.canonical_reason().unwrap_or_default(),
    };
    Failure::new(code, detail).with_status(status).into_response()
}

/// Every answer of a server that trusts every caller says so.
async fn say_demo(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if state.config.demo {
        response.headers_mut().insert(HeaderName::from_static("x-vitrine-demo"), HeaderValue::from_static("1"));
    }
    response
}

/// Headers that no answer goes without. An area that sets one of them itself, such as a page with its own policy, wins.
async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let defaults = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in defaults {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
