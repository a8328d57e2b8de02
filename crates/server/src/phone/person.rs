//! Who calls: which browser, who is signed in there, and whether the call comes from our own page.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use protocol::{ErrorCode, ids::AccountId, routes};

use super::cookie::{self, Value};
use crate::{handoff::claim::Claimant, http::Failure, key::same, state::AppState};

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
            check_origin(&parts.headers, state)?;
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
            check_csrf(&parts.headers, state, &session)?;
        }
        Ok(Self { account, browser })
    }
}

/// The anti-forgery token of the cookie that the call relies on.
pub(super) fn check_csrf(headers: &HeaderMap, state: &AppState, session: &Value) -> Result<(), Failure> {
    let sent = headers.get(routes::HEADER_CSRF).map(header::HeaderValue::as_bytes).unwrap_or_default();
    if same(sent, session.csrf_token(state).as_bytes()) {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::CsrfFailed, "The page is out of date. Load it again."))
}

/// Browsers say where an unsafe call comes from; a page of somebody else may make none.
fn check_origin(headers: &HeaderMap, state: &AppState) -> Result<(), Failure> {
    let foreign_fetch = headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    let own = match headers.get(header::ORIGIN) {
        None => true,
        Some(origin) => {
            origin.to_str().is_ok_and(|origin| state.addresses.is_own_origin(origin) || is_same_host(origin, headers))
        }
    };
    if own && !foreign_fetch {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::CsrfFailed, "This page does not belong to the shop. Scan the code on the kiosk again."))
}

/// Whether the page came from the very host it calls. Browsers set both headers, pages neither.
fn is_same_host(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
}
