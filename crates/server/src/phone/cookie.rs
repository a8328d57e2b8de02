//! The two cookies of a phone: who is signed in, and which browser it is.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{key::sha256, state::AppState};

/// Who is signed in.
const SESSION: &str = "sessionid";
/// Which browser it is. It is no credential by itself: it ties tickets and claims to the browser that got them.
const BROWSER: &str = "vitrine_browser";
/// Seconds that somebody stays signed in: 14 days.
pub(super) const SESSION_SECONDS: u64 = 14 * 24 * 3_600;
/// Seconds that a browser is known: a day.
const BROWSER_SECONDS: u64 = 24 * 3_600;
/// Longest value that is looked at.
const LONGEST: usize = 128;

/// The value of a cookie of ours. Secret.
#[derive(Clone)]
pub(super) struct Value(String);

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Value")
    }
}

impl Value {
    /// 256 random bits.
    pub(super) fn fresh(state: &AppState) -> Self {
        let mut random = [0; 32];
        state.entropy.fill(&mut random);
        Self(BASE64_URL_SAFE_NO_PAD.encode(random))
    }

    /// As it is kept.
    pub(super) fn hash(&self) -> Vec<u8> {
        sha256(self.0.as_bytes()).to_vec()
    }

    /// The anti-forgery token of pages that have this cookie. A page of another origin can send the cookie, but cannot
    /// read this.
    pub(super) fn csrf_token(&self, state: &AppState) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(state.key.mac("phone csrf", &[self.0.as_bytes()]))
    }
}

pub(super) fn session(headers: &HeaderMap) -> Option<Value> {
    read(headers, SESSION)
}

pub(super) fn browser(headers: &HeaderMap) -> Option<Value> {
    read(headers, BROWSER)
}

fn read(headers: &HeaderMap, name: &str) -> Option<Value> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pair = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let value = pair.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)?;
    let ours = !value.is_empty()
        && value.len() <= LONGEST
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    ours.then(|| Value(value.to_owned()))
}

/// Sets the cookie of who is signed in.
pub(super) fn set_session(headers: &mut HeaderMap, state: &AppState, value: &Value) {
    set(headers, state, SESSION, &value.0, SESSION_SECONDS);
}

/// Sets the cookie of which browser it is.
pub(super) fn set_browser(headers: &mut HeaderMap, state: &AppState, value: &Value) {
    set(headers, state, BROWSER, &value.0, BROWSER_SECONDS);
}

/// Takes the cookie of who is signed in away.
pub(super) fn clear_session(headers: &mut HeaderMap, state: &AppState) {
    set(headers, state, SESSION, "", 0);
}

fn set(headers: &mut HeaderMap, state: &AppState, name: &str, value: &str, seconds: u64) {
    let secure = if state.config.public_origin().starts_with("https:") { "; Secure" } else { "" };
    let text = format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={seconds}{secure}");
    if let Ok(line) = HeaderValue::from_str(&text) {
        headers.append(header::SET_COOKIE, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookies: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in cookies {
            headers.append(header::COOKIE, HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn our_cookie_is_found_among_others() {
        let headers = sent(&["a=b; sessionid=abc-_1; c=d", "vitrine_browser=xyz"]);
        assert_eq!(session(&headers).unwrap().0, "abc-_1");
        assert_eq!(browser(&headers).unwrap().0, "xyz");
    }

    #[test]
    fn what_we_never_set_is_no_cookie() {
        for line in ["sessionid=", "sessionid=a b", "xsessionid=abc", "sessionid", "sessionid=\"abc\""] {
            assert!(session(&sent(&[line])).is_none(), "{line}");
        }
    }
}
