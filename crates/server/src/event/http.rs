use axum::{
    Router,
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse, Sse, sse::Event},
    routing::get,
};
use protocol::{ErrorCode, ids::Cursor, routes};
use serde::Deserialize;

use super::stream;
use crate::{
    http::{Answer, Failure},
    proof::Device,
    state::AppState,
};

/// The event stream.
pub fn routes() -> Router<AppState> {
    Router::new().route(routes::EVENTS, get(events))
}

#[derive(Debug, Deserialize)]
struct Place {
    after: Option<String>,
}

async fn events(
    State(state): State<AppState>,
    device: Device,
    Query(place): Query<Place>,
    headers: HeaderMap,
) -> Answer<impl IntoResponse> {
    let last = headers.get("last-event-id").map(|value| value.to_str().unwrap_or("-").to_owned());
    // A reconnecting client repeats its first address, so what it last saw counts more.
    let after = last.or(place.after).filter(|text| !text.is_empty());
    let after = after.map(|text| {
        text.parse().map(Cursor).map_err(|_| Failure::field("after", ErrorCode::ValidationError, "after must be a cursor"))
    });
    let events = stream::open(state, device.id, after.transpose()?).await?;
    // Proxies must not collect events before they pass them on.
    Ok(([("x-accel-buffering", "no")], Sse::new(events)))
}

pub(super) type SseEvent = Result<Event, std::convert::Infallible>;
