//! The limit on calls of one address that come without a credential, and of those whose credential was none.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::{Failure, Peer, table::Route};
use crate::{limit::Standing, state::AppState};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Counts a call that brings no credential its route takes; none where it brings one, or where there is no limit.
pub(super) fn count(state: &AppState, route: &Route, method: &Method, headers: &HeaderMap, peer: Peer) -> Option<Standing> {
    if route.accepts.any_in(headers) { None } else { take(state, method, peer) }
}

/// Counts a call afterwards whose credential turned out to be none: whoever tries tokens is as anonymous as who has none.
pub(super) fn count_failed(
    state: &AppState,
    route: &Route,
    method: &Method,
    status: StatusCode,
    only_token: bool,
    peer: Peer,
) -> Option<Standing> {
    let failed = status == StatusCode::UNAUTHORIZED || (status == StatusCode::NOT_FOUND && only_token);
    if failed && route.accepts.something() { take(state, method, peer) } else { None }
}

fn take(state: &AppState, method: &Method, peer: Peer) -> Option<Standing> {
    let changes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let budget = if changes { &state.limits.anonymous_changes } else { &state.limits.anonymous_reads };
    budget.take(peer.0.into())
}

/// The refusal of a call that is one too many.
pub(super) fn refused(standing: &Standing) -> Option<Failure> {
    let seconds = standing.wait?;
    Some(Failure::too_often(seconds, format!("Too many requests from this address. Try again in {seconds} s.")))
}

/// Whether the caller's only credential is a session's token.
pub(super) fn has_only_token(headers: &HeaderMap) -> bool {
    headers.contains_key("x-session-token")
        && !["x-channel-key", "dpop", header::AUTHORIZATION.as_str(), header::COOKIE.as_str()]
            .iter()
            .any(|name| headers.contains_key(*name))
}

/// Says what is left.
pub(super) fn tell(standing: &Standing, state: &AppState, headers: &mut HeaderMap) {
    headers.insert(LIMIT, HeaderValue::from(standing.limit));
    headers.insert(REMAINING, HeaderValue::from(standing.remaining));
    headers.insert(RESET, HeaderValue::from(state.now().unix_seconds() + i64::from(standing.reset)));
}
