//! Who calls: which browser, who is signed in there, and whether the call comes from our own page.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use protocol::{ErrorCode, ids::AccountId, routes};

use crate::{
    caller::{
        check_csrf,
        cookie::{self, Value},
        from_own_page,
    },
    handoff::claim::Claimant,
    http::Failure,
    state::AppState,
};

/// A browser, signed in or not. Unsafe calls are refused unless they come from our own page.
#[derive(Clone, Debug)]
pub(super) struct Browser {
    pub(super) cookie: Option<Value>,
    pub(super) session: Option<Value>,
    /// Who is signed in.
    pub(super) account: Option<AccountId>,
}

impl FromRequestParts<AppState> for Browser {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        if !parts.method.is_safe() {
            from_own_page(&parts.headers, state)?;
        }
        let session = cookie::session(&parts.headers);
        let account = match &session {
            Some(session) => {
                let kept = state.read().await?.phone_session(&session.hash()).await?;
                kept.filter(|kept| state.now() < kept.expires_at).map(|kept| kept.account_id)
            }
            None => None,
        };
        Ok(Self { cookie: cookie::browser(&parts.headers), session, account })
    }
}

/// Somebody who is signed in. Unsafe calls carry the page's anti-forgery token.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) account: AccountId,
    browser: Option<Value>,
}

impl Person {
    /// As a claimant of handoffs.
    pub(super) fn claimant(&self) -> Claimant {
        // Without the cookie it is a browser that never got a ticket.
        Claimant { account: self.account, browser_hash: self.browser.as_ref().map(Value::hash).unwrap_or_default() }
    }
}

impl FromRequestParts<AppState> for Person {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let Browser { cookie: browser, session, account } = Browser::from_request_parts(parts, state).await?;
        let Some(session) = session else {
            return Err(Failure::new(ErrorCode::AuthenticationRequired, "Please sign in first."));
        };
        // The status is 401 for a dead cookie, so that the page asks to sign in again.
        let account = account
            .ok_or_else(|| Failure::new(ErrorCode::AuthenticationRequired, "You are signed out. Please sign in again."))?;
        if !parts.method.is_safe() {
            check_csrf(sent_csrf(&parts.headers), state, &session)?;
        }
        Ok(Self { account, browser })
    }
}

/// The anti-forgery token that was sent; empty where none was.
pub(super) fn sent_csrf(headers: &HeaderMap) -> &[u8] {
    headers.get(routes::HEADER_CSRF).map(header::HeaderValue::as_bytes).unwrap_or_default()
}
