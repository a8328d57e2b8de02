//! Pages of other web sites that may call. None may unless an operator names it; a demonstration also lets pages of this
//! machine in. What a device or a channel proves itself with is never taken from a page of another site.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use protocol::{ErrorCode, routes};

use super::Failure;
use crate::Config;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const TAKEN: HeaderValue = HeaderValue::from_static(
    "Content-Type, X-Session-Token, X-Phone, Idempotency-Key, X-Idempotency-Key, X-CSRFToken, Authorization",
);
const SHOWN: HeaderValue = HeaderValue::from_static(
    "X-Session-Auth, X-Request-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
);
/// Seconds that a browser need not ask again.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// The page that a request comes from.
#[derive(Debug)]
pub(super) enum Page {
    /// None, or one of our own.
    Own,
    /// Of a site that may call.
    Allowed(HeaderValue),
    /// Of another site.
    Foreign,
}

impl Page {
    /// Judges the `Origin` that a browser sends.
    pub(super) fn of(headers: &HeaderMap, config: &Config, is_own: impl FnOnce(&str) -> bool) -> Self {
        let Some(value) = headers.get(header::ORIGIN) else { return Self::Own };
        match value.to_str() {
            Ok(origin) if config.lets_page_in(origin) => Self::Allowed(value.clone()),
            Ok(origin) if is_own(origin) => Self::Own,
            _ => Self::Foreign,
        }
    }
}

/// Tells the browser who may read the answer.
pub(super) fn mark(page: &Page, config: &Config, headers: &mut HeaderMap) {
    if config.demo || !config.origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    if let Page::Allowed(origin) = page {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
    }
}

/// The answer to a browser that asks before it calls, where its page may call.
pub(super) fn preflight(page: &Page, request: &Request<Body>) -> Option<Response> {
    let asks = request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || !matches!(page, Page::Allowed(_)) {
        return None;
    }
    let mut answer = StatusCode::NO_CONTENT.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, TAKEN);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    headers.append(header::VARY, HeaderValue::from_static("Access-Control-Request-Method, Access-Control-Request-Headers"));
    Some(answer)
}

/// Refuses a page of another site that brings the proof of a device or the key of a channel: neither belongs into a page.
pub(super) fn without_keys(page: &Page, headers: &HeaderMap) -> Result<(), Failure> {
    const KEYS: [HeaderName; 2] = [HeaderName::from_static("x-channel-key"), HeaderName::from_static("dpop")];
    debug_assert!(
        routes::HEADER_CHANNEL_KEY.eq_ignore_ascii_case("x-channel-key") && routes::HEADER_PROOF.eq_ignore_ascii_case("dpop")
    );
    if matches!(page, Page::Own) || !KEYS.iter().any(|name| headers.contains_key(name)) {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::Forbidden, "Keys of channels and proofs of devices are not taken from a page of another site."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(demo: bool, origin: &str) -> Page {
        let headers = [(header::ORIGIN, HeaderValue::from_str(origin).unwrap())].into_iter().collect();
        let config = Config { origins: vec!["https://shop.example".into()], demo, ..Config::at("x") };
        Page::of(&headers, &config, |origin| origin == "https://kiosk.example")
    }

    #[test]
    fn only_named_origins_may_call() {
        assert!(matches!(page(false, "https://shop.example"), Page::Allowed(_)));
        assert!(matches!(page(false, "https://kiosk.example"), Page::Own));
        for other in [
            "https://shop.example.evil.example",
            "http://shop.example",
            "https://shop.example:8443",
            "https://shop.example/",
            "null",
            "",
            "http://localhost:3000",
        ] {
            assert!(matches!(page(false, other), Page::Foreign), "{other}");
        }
    }

    #[test]
    fn a_demonstration_lets_pages_of_this_machine_in() {
        for own in ["http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:8080"] {
            assert!(matches!(page(true, own), Page::Allowed(_)), "{own}");
        }
        for other in ["http://localhost.evil.example", "http://192.0.2.1", "null", "http://localhost/page"] {
            assert!(matches!(page(true, other), Page::Foreign), "{other}");
        }
    }
}
