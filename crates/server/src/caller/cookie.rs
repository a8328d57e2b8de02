//! The cookies of browsers: who is signed in, the anti-forgery token that goes with it, which browser it is, and the guest.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{key::sha256, session, state::AppState};

/// Who is signed in.
const SESSION: &str = "sessionid";
/// The anti-forgery token of pages; they are told it in the body as well, because no script reads a cookie of ours.
const CSRF: &str = "csrftoken";
/// Whoever began a spoken conversation.
const VOICE: &str = "voice_session";
/// The guest whose session this is; its value is the session's token.
const GUEST: &str = "guest_session";
/// Whoever reserved a room for a spoken conversation.
const VOICE_RESERVATION: &str = "voice_reservation";
/// Which browser it is. It is no credential by itself: it ties tickets and claims to the browser that got them.
const BROWSER: &str = "vitrine_browser";
/// Seconds that somebody stays signed in: 14 days.
pub(crate) const SESSION_SECONDS: u64 = 14 * 24 * 3_600;
/// Seconds that a browser is known: a day.
const BROWSER_SECONDS: u64 = 24 * 3_600;
/// Seconds that a spoken conversation is known to be one's own: a day.
const VOICE_SECONDS: u64 = 24 * 3_600;
/// Longest value that is looked at.
const LONGEST: usize = 128;

/// The value of a cookie of ours. Secret.
#[derive(Clone)]
pub(crate) struct Value(String);

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Value")
    }
}

impl Value {
    /// 256 random bits.
    pub(crate) fn fresh(state: &AppState) -> Self {
        let mut random = [0; 32];
        state.entropy.fill(&mut random);
        Self(BASE64_URL_SAFE_NO_PAD.encode(random))
    }

    /// A ticket: the same, for those who cannot keep cookies.
    pub(crate) fn ticket(state: &AppState) -> Self {
        Self(format!("t_{}", Self::fresh(state).0))
    }

    /// The text itself, for whoever is given it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// A value that was given before.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let ours = !text.is_empty()
            && text.len() <= LONGEST
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        ours.then(|| Self(text.to_owned()))
    }

    /// As it is kept.
    pub(crate) fn hash(&self) -> Vec<u8> {
        sha256(self.0.as_bytes()).to_vec()
    }

    /// The anti-forgery token of pages that have this cookie. A page of another origin can send the cookie, but cannot
    /// read this.
    pub(crate) fn csrf_token(&self, state: &AppState) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(state.key.mac("phone csrf", &[self.0.as_bytes()]))
    }
}

pub(crate) fn session(headers: &HeaderMap) -> Option<Value> {
    read(headers, SESSION)
}

pub(crate) fn browser(headers: &HeaderMap) -> Option<Value> {
    read(headers, BROWSER)
}

pub(crate) fn voice(headers: &HeaderMap) -> Option<Value> {
    read(headers, VOICE)
}

/// The token of the guest's session.
pub(super) fn guest(headers: &HeaderMap) -> Option<String> {
    read(headers, GUEST).map(|value| value.0)
}

pub(crate) fn voice_reservation(headers: &HeaderMap) -> Option<Value> {
    read(headers, VOICE_RESERVATION)
}

fn read(headers: &HeaderMap, name: &str) -> Option<Value> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pair = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pair.into_iter().find(|(key, _)| *key == name).and_then(|(_, value)| Value::of(value))
}

/// Sets the cookie of who is signed in, and of the anti-forgery token that goes with it.
pub(crate) fn set_session(headers: &mut HeaderMap, state: &AppState, value: &Value) {
    set(headers, state, SESSION, &value.0, Some(SESSION_SECONDS));
    set(headers, state, CSRF, &value.csrf_token(state), None);
}

/// Sets the cookie of which browser it is.
pub(crate) fn set_browser(headers: &mut HeaderMap, state: &AppState, value: &Value) {
    set(headers, state, BROWSER, &value.0, Some(BROWSER_SECONDS));
}

/// Takes the cookies of who is signed in away.
pub(crate) fn clear_session(headers: &mut HeaderMap, state: &AppState) {
    set(headers, state, SESSION, "", Some(0));
    set(headers, state, CSRF, "", Some(0));
}

/// Sets the cookie of a guest. It lives as long as a session that nobody uses.
pub(super) fn set_guest(headers: &mut HeaderMap, state: &AppState, token: &str) {
    set(headers, state, GUEST, token, Some(session::LIFE.as_secs()));
}

/// Takes the cookie of a guest away.
pub(super) fn clear_guest(headers: &mut HeaderMap, state: &AppState) {
    set(headers, state, GUEST, "", Some(0));
}

/// Sets the cookie of whoever began a spoken conversation.
pub(crate) fn set_voice(headers: &mut HeaderMap, state: &AppState, value: &Value) {
    set(headers, state, VOICE, &value.0, Some(VOICE_SECONDS));
}

/// Takes that cookie away.
pub(crate) fn clear_voice(headers: &mut HeaderMap, state: &AppState) {
    set(headers, state, VOICE, "", Some(0));
}

/// Sets the cookie of whoever reserved a room for a spoken conversation.
pub(crate) fn set_voice_reservation(headers: &mut HeaderMap, state: &AppState, value: &Value, seconds: u64) {
    set(headers, state, VOICE_RESERVATION, &value.0, Some(seconds));
}

/// Without `seconds` the browser forgets the cookie when it ends.
fn set(headers: &mut HeaderMap, state: &AppState, name: &str, value: &str, seconds: Option<u64>) {
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let secure = if state.config.is_secure() { "; Secure" } else { "" };
    if let Ok(line) = HeaderValue::from_str(&format!("{name}={value}; Path=/{age}; HttpOnly{secure}; SameSite=Lax")) {
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
