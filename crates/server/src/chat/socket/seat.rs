use axum::{
    extract::{ConnectInfo, FromRequestParts as _},
    http::{HeaderMap, HeaderName, HeaderValue, Request, header, request::Parts},
};
use protocol::{ErrorCode, routes};
use serde_json::Value;
use std::net::SocketAddr;

use crate::{
    caller::{Visit, VisitorProof, from_own_page},
    http::{Answer, Failure},
    state::AppState,
};

/// What a socket was opened with. It is judged anew whenever it matters, so that whoever signs out is out.
#[derive(Clone)]
pub(super) struct Seat {
    headers: HeaderMap,
    peer: Option<ConnectInfo<SocketAddr>>,
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seat")
    }
}

/// Where else a credential could be put; addresses end up in logs.
const IN_ADDRESS: [&str; 4] = ["token", "access_token", "auth", "session_token"];

impl Seat {
    /// The credential of a handshake: `auth.token`, else a header.
    ///
    /// # Errors
    /// 401: it is in the address. 403: it is a cookie, and the page is not ours.
    pub(super) fn of(handshake: &Parts, auth: Option<&Value>, state: &AppState) -> Answer<Self> {
        let query = handshake.uri.query().unwrap_or_default();
        if url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| IN_ADDRESS.contains(&&*name)) {
            let detail = "Send the token in auth.token or a header, never in the address.";
            return Err(Failure::new(ErrorCode::InvalidToken, detail));
        }
        let session = HeaderName::try_from(routes::HEADER_SESSION_TOKEN).map_err(Failure::internal)?;
        let token = match auth.and_then(|auth| auth.get("token")) {
            Some(Value::String(token)) if !token.is_empty() => Some(token.clone()),
            _ => bearer(&handshake.headers).filter(|token| !is_jwt(token)).map(str::to_owned),
        };
        let mut headers = HeaderMap::new();
        let mut keep = |name: HeaderName| {
            for value in handshake.headers.get_all(&name) {
                headers.append(&name, value.clone());
            }
        };
        keep(HeaderName::from_static("x-forwarded-for"));
        match token {
            Some(token) => {
                let token = token.strip_prefix("Bearer ").unwrap_or(&token);
                let (name, text) =
                    if is_jwt(token) { (header::AUTHORIZATION, format!("Bearer {token}")) } else { (session, token.to_owned()) };
                let unreadable = |_| Failure::new(ErrorCode::InvalidToken, "Invalid or expired token");
                headers.insert(name, HeaderValue::try_from(text).map_err(unreadable)?);
            }
            None if handshake.headers.contains_key(header::AUTHORIZATION) => keep(header::AUTHORIZATION),
            None if handshake.headers.contains_key(&session) => keep(session),
            None => {
                // A cookie comes by itself, also to a page of somebody else.
                from_own_page(&handshake.headers, state)?;
                keep(header::COOKIE);
            }
        }
        Ok(Self { headers, peer: handshake.extensions.get().copied() })
    }

    /// Who sits there.
    ///
    /// # Errors
    /// 401: the credential proves nothing, or no longer.
    pub(super) async fn judge(&self, state: &AppState) -> Answer<Visit> {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.headers = self.headers.clone();
        if let Some(peer) = self.peer {
            parts.extensions.insert(peer);
        }
        match VisitorProof::from_request_parts(&mut parts, state).await {
            Ok(proof) => proof.judge(state).await,
            Err(never) => match never {},
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Tokens of sign-in providers have three parts; ours have one.
fn is_jwt(token: &str) -> bool {
    token.contains('.')
}
