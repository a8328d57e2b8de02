use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, header::HeaderName},
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;

use crate::{state::AppState, transaction};

/// One line per request: its id, method, route, status and time. The route's pattern is logged, never the path, because
/// paths can hold codes.
pub(super) async fn log(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = state.request_id();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let began = state.clock.monotonic();
    let span = tracing::info_span!("request", id);
    let mut response = transaction::settled(&state, next.run(request)).instrument(span.clone()).await;
    let millis = u64::try_from(state.clock.monotonic().saturating_sub(began).as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        tracing::info!(%method, route = route.as_deref().unwrap_or("-"), status = response.status().as_u16(), millis, "answered");
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}
