use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use protocol::{ids::VoiceSessionId, routes, staff::Role};
use server_store::records::{Scope, VoiceSessionRecord};

use super::history::not_found;
use crate::{
    caller::{
        AccountProof, Credentials,
        cookie::{self, Value},
        from_own_page, role,
    },
    http::{Answer, Failure},
    key::same,
    state::AppState,
};

/// What a page that cannot set headers offers beside [`super::transcript::PROTOCOL`], followed by the ticket.
const TICKET_PROTOCOL: &str = "vitrine.ticket.";

/// Whoever wants to hear or stop a conversation, not judged yet. Knowing its id proves nothing.
#[derive(Debug)]
pub(super) struct Claimant {
    credentials: Credentials,
    proof: AccountProof,
    /// Tickets and the cookie that only whoever began it has.
    sent: Vec<Value>,
    /// A page of somebody else sends cookies too, but cannot read them; what it sends proves nothing.
    own_page: bool,
    bearer: bool,
}

impl FromRequestParts<AppState> for Claimant {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let own_page = from_own_page(&parts.headers, state).is_ok();
        let cookie = cookie::voice(&parts.headers).filter(|_| own_page);
        let ticket = parts.headers.get(routes::HEADER_VOICE_TICKET).and_then(|value| value.to_str().ok()).and_then(Value::of);
        Ok(Self {
            sent: [cookie, ticket, offered(&parts.headers)].into_iter().flatten().collect(),
            bearer: parts.headers.contains_key(header::AUTHORIZATION),
            credentials: Credentials::from_request_parts(parts, state).await?,
            proof: AccountProof::from_request_parts(parts, state).await?,
            own_page,
        })
    }
}

fn offered(headers: &HeaderMap) -> Option<Value> {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).find_map(|name| name.trim().strip_prefix(TICKET_PROTOCOL)).and_then(Value::of)
}

impl Claimant {
    /// The conversation of that id, if it is theirs: they began it, they are its account, staff or a trusted agent.
    ///
    /// # Errors
    /// 404: it is not, or there is none. 401: a key or bearer token is none. 403: the page is out of date.
    pub(super) async fn judge(self, state: &AppState, id: &str) -> Answer<VoiceSessionRecord> {
        let trusted = self.credentials.judge()?.may(Scope::Agent);
        let proof = if self.own_page || self.bearer { self.proof.judge(state).await } else { Ok(None) };
        // The same refusal whether or not the conversation is there.
        let (account, refusal) = match proof {
            Ok(account) => (account.map(|account| account.record.id), not_found()),
            Err(failure) if failure.status().is_server_error() => return Err(failure),
            Err(failure) if self.bearer || failure.status() == StatusCode::FORBIDDEN => (None, failure),
            Err(_) => (None, not_found()),
        };
        let Ok(id) = id.parse::<VoiceSessionId>() else { return Err(refusal) };
        let mut tx = state.read().await?;
        let Some(session) = tx.voice_session(id).await?.map(|counted| counted.session) else { return Err(refusal) };
        if session.account_id.is_none() && session.ended_at.is_some() {
            return Err(refusal);
        }
        if trusted || was_started_by(&session, &self.sent) {
            return Ok(session);
        }
        let Some(account) = account else { return Err(refusal) };
        if session.account_id == Some(account) || role::has(&mut *tx, account, Role::Staff).await.map_err(Failure::from)? {
            return Ok(session);
        }
        Err(refusal)
    }
}

/// Whether one of these was given to whoever began it.
pub(super) fn was_started_by(session: &VoiceSessionRecord, sent: &[Value]) -> bool {
    session.starter_hash.as_ref().is_some_and(|hash| sent.iter().any(|value| same(hash, &value.hash())))
}
