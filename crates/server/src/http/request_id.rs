//! What a request is called in the log and to its caller.

use axum::http::{Extensions, HeaderMap};

use super::Peer;
use crate::state::AppState;

/// The longest that is taken over.
const LONGEST: usize = 64;

/// The name that a proxy which is listed gave the request, or one of our own.
pub(super) fn of(extensions: &Extensions, headers: &HeaderMap, state: &AppState) -> String {
    if state.config.proxies.contains(&Peer::direct(extensions)) {
        let given = headers.get("x-request-id").and_then(|value| value.to_str().ok());
        if let Some(given) = given.filter(|given| is_well_formed(given)) {
            return given.to_owned();
        }
    }
    state.request_id()
}

/// Whether it can stand in a log without being mistaken for something else.
fn is_well_formed(text: &str) -> bool {
    (8..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_mistaken_is_taken_over() {
        assert!(is_well_formed("0b0c7a3e-3f0e-4f57-9d0a-8f4b8f3f1b11"));
        for text in ["", "short", "with a blank", "line\\nbreak-here", "{\"level\":\"x\"}", &"x".repeat(65), "a.b@c.example"] {
            assert!(!is_well_formed(text), "{text}");
        }
    }
}
