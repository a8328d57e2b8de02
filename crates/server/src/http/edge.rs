//! What every request passes on its way in and every answer on its way out, in one layer: name, origin, limits, time, headers,
//! figures and the log line.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tracing::Instrument as _;
use utoipa::openapi::OpenApi;

use super::{
    Peer, admission,
    cors::{self, Page},
    date::Date,
    pace, plain, request_id,
    table::{Route, Table},
};
use crate::{caller, limit::Standing, state::AppState, transaction};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const DEMO: HeaderName = HeaderName::from_static("x-vitrine-demo");

/// The server's outer edge.
#[derive(Debug)]
pub(super) struct Edge {
    state: AppState,
    table: Table,
    date: Date,
}

impl Edge {
    /// The edge of the routes that `api` describes.
    pub(super) fn new(state: AppState, api: &OpenApi) -> Self {
        Self { table: Table::of(api, &state.metrics), date: Date::default(), state }
    }

    /// Whether a page of `origin` belongs to the host it calls.
    fn is_own(&self, origin: &str, headers: &HeaderMap) -> bool {
        self.state.addresses.is_own_origin(origin) || caller::is_same_host(origin, headers)
    }

    /// Lets a request through, or answers it here.
    async fn pass(&self, call: &mut Call<'_>, request: Request, next: Next) -> Response {
        if let Some(answer) = cors::preflight(&call.page, &request) {
            return answer;
        }
        if let Err(failure) = cors::without_keys(&call.page, request.headers()) {
            return failure.into_response();
        }
        call.standing = admission::count(&self.state, call.route, &call.method, request.headers(), call.peer);
        if let Some(failure) = call.standing.as_ref().and_then(admission::refused) {
            self.state.metrics.anonymous_refused.inc();
            return failure.into_response();
        }
        let (request, coming) = pace::paced(request);
        let work = transaction::settled(&self.state, next.run(request));
        match pace::within(self.state.config.bounds.request_time, coming, work).await {
            Ok(answer) => plain::as_json(answer),
            Err(failure) => failure.into_response(),
        }
    }

    /// Counts a call whose credential was none like one without.
    fn judge(&self, call: &mut Call<'_>, answer: Response) -> Response {
        if call.standing.is_some() || !answer.status().is_client_error() {
            return answer;
        }
        let failed = admission::count_failed(&self.state, call.route, &call.method, answer.status(), call.only_token, call.peer);
        match failed.as_ref().and_then(admission::refused) {
            Some(failure) => {
                self.state.metrics.anonymous_refused.inc();
                call.standing = failed;
                failure.into_response()
            }
            None => answer,
        }
    }

    /// The headers that no answer goes without. An area that sets one of the defaults itself, such as a page with its own
    /// policy, wins.
    fn mark(&self, call: &Call<'_>, id: &str, headers: &mut HeaderMap) {
        let defaults = [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        for (name, value) in defaults {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if let Some(date) = self.date.at(self.state.clock.now()) {
            headers.insert(header::DATE, date);
        }
        if let Ok(value) = HeaderValue::from_str(id) {
            headers.insert(REQUEST_ID, value);
        }
        if self.state.config.demo {
            headers.insert(DEMO, HeaderValue::from_static("1"));
        }
        if let Some(standing) = &call.standing {
            admission::tell(standing, &self.state, headers);
        }
        cors::mark(&call.page, &self.state.config, headers);
    }
}

/// What is known of a call.
struct Call<'a> {
    route: &'a Route,
    method: Method,
    peer: Peer,
    page: Page,
    only_token: bool,
    standing: Option<Standing>,
}

/// The layer itself. The log has a route's pattern, never the path, because paths can hold codes.
pub(super) async fn edge(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let state = &edge.state;
    let began = state.clock.monotonic();
    let (extensions, headers) = (request.extensions(), request.headers());
    let id = request_id::of(extensions, headers, state);
    let pattern = extensions.get::<MatchedPath>().cloned();
    let pattern = pattern.as_ref().map(MatchedPath::as_str);
    let method = request.method().clone();
    let mut call = Call {
        route: edge.table.find(pattern, &method),
        peer: Peer::of(extensions, headers, &state.config),
        page: Page::of(headers, &state.config, |origin| edge.is_own(origin, headers)),
        only_token: admission::has_only_token(headers),
        standing: None,
        method,
    };
    let under_way = call.route.figures.begun();
    let span = tracing::info_span!("request", id);
    let answer = edge.pass(&mut call, request, next).instrument(span.clone()).await;
    let mut answer = edge.judge(&mut call, answer);
    edge.mark(&call, &id, answer.headers_mut());
    let took = state.clock.monotonic().saturating_sub(began);
    under_way.answered(answer.status(), took);
    if let Some(trouble) = answer.extensions().get() {
        state.metrics.troubled(*trouble);
    }
    span.in_scope(|| {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(method = %call.method, route = pattern.unwrap_or("-"), status = answer.status().as_u16(), millis, "answered");
    });
    answer
}
