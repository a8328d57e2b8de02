use std::{convert::Infallible, time::Duration};

use axum::{extract::FromRequestParts, http::request::Parts};
use protocol::{ErrorCode, Timestamp, routes};
use server_store::{
    ReadTx,
    records::{SessionRecord, SessionStatus},
};

use super::{SessionError, snapshot::SHOWN_ENTRIES};
use crate::{
    http::{Answer, Failure},
    key::{self, ServerKey},
    state::AppState,
    transaction::Tx,
};

/// A session lives so long after its last use.
pub(crate) const LIFE: Duration = Duration::from_hours(7 * 24);
/// The expiry is moved at most so often, so that reading does not mean writing.
const SLIDE_EVERY: Duration = Duration::from_mins(1);
/// Longest token that is looked at.
pub(super) const LONGEST: usize = 128;

/// The header `X-Session-Token`; an empty one counts as absent.
pub struct SessionToken(Option<String>);

impl SessionToken {
    /// The token.
    ///
    /// # Errors
    /// 400: there is none.
    pub fn required(&self) -> Answer<&str> {
        self.get().ok_or_else(|| Failure::new(ErrorCode::BadRequest, "Missing X-Session-Token header"))
    }

    /// The token, where there is one.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl FromRequestParts<AppState> for SessionToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let value = parts
            .headers
            .get(routes::HEADER_SESSION_TOKEN)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
        Ok(Self(value.filter(|value| !value.is_empty())))
    }
}

/// The session of a token.
///
/// # Errors
/// [`SessionError::NotFound`] for a token that never was one, [`SessionError::Expired`] for one that is dead.
pub async fn live_session(
    tx: &mut dyn ReadTx,
    key: &ServerKey,
    token: &str,
    now: Timestamp,
) -> Result<SessionRecord, SessionError> {
    let session = find(tx, token).await?.ok_or(SessionError::NotFound)?;
    if !session.is_live(now) {
        return Err(SessionError::Expired);
    }
    if !key::same(key.session_token(session.id, session.generation).as_bytes(), token.as_bytes()) {
        return Err(SessionError::Expired);
    }
    Ok(session)
}

/// The session whose last token this is, dead or alive.
pub(super) async fn find(tx: &mut dyn ReadTx, token: &str) -> Result<Option<SessionRecord>, SessionError> {
    if token.len() > LONGEST {
        return Ok(None);
    }
    Ok(tx.session_to_show(&key::sha256(token.as_bytes()), SHOWN_ENTRIES).await?)
}

/// The session of a token, its expiry moved ahead.
///
/// # Errors
/// As [`live_session`].
pub async fn use_session(tx: &mut Tx, token: &str) -> Result<SessionRecord, SessionError> {
    let (state, now) = (tx.state().clone(), tx.now());
    let session = match live_session(tx.reader(), &state.key, token, now).await {
        Ok(session) => session,
        Err(error) => return Err(error),
    };
    Ok(slid(session, now))
}

/// Whether the expiry should be moved.
pub(super) fn should_slide(session: &SessionRecord, now: Timestamp) -> bool {
    now >= slides_at(session)
}

/// From when on a use moves the expiry.
pub(super) fn slides_at(session: &SessionRecord) -> Timestamp {
    session.expires_at.minus(LIFE).plus(SLIDE_EVERY)
}

fn slid(mut session: SessionRecord, now: Timestamp) -> SessionRecord {
    session.expires_at = session.expires_at.max(now.plus(LIFE));
    session
}

/// Keeps a changed session: one version more, expiry moved.
pub(super) async fn save(tx: &mut Tx, session: &mut SessionRecord) -> Result<(), SessionError> {
    advance(session, tx.now());
    tx.update_session(session).await?;
    Ok(())
}

/// What every change of a session changes besides: one version more, expiry moved.
pub(super) fn advance(session: &mut SessionRecord, now: Timestamp) {
    session.version += 1;
    session.updated_at = now;
    if session.status == SessionStatus::Active {
        session.expires_at = session.expires_at.max(now.plus(LIFE));
    }
}
