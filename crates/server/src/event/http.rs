use axum::{
    Extension,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, HeaderName, header},
    response::IntoResponse,
};
use protocol::{ErrorCode, event::StreamEvent, ids::Cursor, routes};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::stream;
use crate::{
    http::{Answer, Failure, Lasts},
    proof::Device,
    state::AppState,
};

/// The event stream.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(events))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Place {
    /// The cursor of the last event seen; `Last-Event-ID` counts more.
    #[param(value_type = Option<i64>)]
    after: Option<String>,
}

/// Follow what happens to this device, to the session it holds and to the shop.
///
/// Server-sent events: `id:` is the cursor, `data:` the event. A comment line comes every 25 seconds.
#[utoipa::path(get, path = routes::EVENTS, tag = "kiosks",
    params(Place, ("Last-Event-ID" = Option<i64>, Header, description = "The cursor of the last event seen.")),
    responses((status = 200, content_type = "text/event-stream", body = StreamEvent), (status = 410), (status = 422)),
    security(("device" = []), ("device" = [], "session_token" = [])))]

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
    let fields = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
        // Proxies must not collect events before they pass them on.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((Extension(Lasts), fields, Body::from_stream(events)))
}
