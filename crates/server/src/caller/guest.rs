use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
};
use protocol::{ErrorCode, routes};
use server_store::records::{ProfileOwner, SessionRecord};

use super::{Account, Caller, Credentials, cookie, from_known_page};
use crate::{
    http::{Answer, Failure},
    session::SessionError,
    state::AppState,
};

/// What a request brings to prove an account or a guest. Nothing is refused before [`VisitorProof::judge`] is asked.
pub struct VisitorProof {
    credentials: Credentials,
    cookie: Option<String>,
    known_page: Answer<()>,
    safe: bool,
}

impl std::fmt::Debug for VisitorProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VisitorProof").finish_non_exhaustive()
    }
}

impl FromRequestParts<AppState> for VisitorProof {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self {
            credentials: Credentials::from_request_parts(parts, state).await?,
            cookie: cookie::guest(&parts.headers),
            known_page: from_known_page(&parts.headers, state),
            safe: parts.method.is_safe(),
        })
    }
}

/// Who visits. An account counts where there is a guest as well.
#[derive(Clone, Debug)]
pub enum Visitor {
    /// Somebody signed in.
    Account(Box<Account>),
    /// Somebody with the live token of a guest's session.
    Guest(Box<SessionRecord>),
    /// Somebody without any proof, or with one that is dead.
    Nobody,
}

impl Visitor {
    /// Whose profile the visitor has; none for nobody.
    #[must_use]
    pub fn owner(&self) -> Option<ProfileOwner> {
        match self {
            Self::Account(account) => Some(ProfileOwner::Account(account.record.id)),
            Self::Guest(session) => Some(ProfileOwner::Guest(session.id)),
            Self::Nobody => None,
        }
    }
}

/// A request of somebody who may be a guest.
#[derive(Clone)]
pub struct Visit {
    /// Who.
    pub visitor: Visitor,
    /// Address, channel key and device.
    pub caller: Caller,
    /// The cookie of an account was sent and is dead, so that its owner counts as a guest or nobody.
    pub expired: bool,
    /// The token of a guest's session, where a signed-in visitor brings one: what the guest did can be brought into the
    /// account. It may be dead. Secret.
    pub guest_token: Option<String>,
    /// What the browser keeps as the cookie of its guest. Secret.
    cookie: Option<String>,
    keeps_cookies: bool,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").field("owner", &self.visitor.owner()).field("expired", &self.expired).finish_non_exhaustive()
    }
}

impl Visit {
    /// Gives a browser the cookie of its guest. Kiosks, channels and pages of others get none; they have the token of the
    /// body.
    pub fn set_guest(&self, headers: &mut HeaderMap, state: &AppState, token: &str) {
        if self.keeps_cookies {
            cookie::set_guest(headers, state, token);
        }
    }

    /// Takes the cookie of a guest away, if it is this token, which is dead now.
    pub fn clear_guest(&self, headers: &mut HeaderMap, state: &AppState, token: &str) {
        if self.keeps_cookies && self.cookie.as_deref() == Some(token) {
            cookie::clear_guest(headers, state);
        }
    }
}

impl VisitorProof {
    /// Who visits.
    ///
    /// # Errors
    /// 401: a credential was sent that proves nothing, or no longer. 403: a page of somebody else may have sent the cookie.
    pub async fn judge(self, state: &AppState) -> Answer<Visit> {
        self.visit(state, false).await
    }

    /// As [`VisitorProof::judge`], but a dead cookie of an account counts as none ([`Visit::expired`]): a conversation begins
    /// all the same.
    ///
    /// # Errors
    /// As [`VisitorProof::judge`].
    pub async fn judge_kindly(self, state: &AppState) -> Answer<Visit> {
        self.visit(state, true).await
    }

    async fn visit(self, state: &AppState, kindly: bool) -> Answer<Visit> {
        let Self { credentials, cookie, known_page, safe } = self;
        let caller = credentials.with_account(state).await.judge()?;
        let expired = match caller.unproven() {
            Some(failure) if kindly && failure.status() == StatusCode::UNAUTHORIZED => true,
            Some(failure) => return Err(failure),
            None => false,
        };
        let may_be_browser = caller.channel.is_none() && caller.device.is_none();
        let keeps_cookies = may_be_browser && known_page.is_ok();
        let cookie = cookie.filter(|_| may_be_browser);
        if let Some(account) = caller.account.clone() {
            let guest_token = caller.token().map(str::to_owned).or_else(|| cookie.clone().filter(|_| keeps_cookies));
            let visitor = Visitor::Account(Box::new(account));
            return Ok(Visit { visitor, caller, expired, guest_token, cookie, keeps_cookies });
        }
        let token = match (caller.token(), &cookie) {
            (Some(token), _) => Some(token.to_owned()),
            (None, Some(token)) => {
                if !safe {
                    known_page?;
                }
                Some(token.clone())
            }
            (None, None) => None,
        };
        let visitor = match token {
            Some(token) => guest(state, &caller, &token).await?,
            None => Visitor::Nobody,
        };
        Ok(Visit { visitor, caller, expired, guest_token: None, cookie, keeps_cookies })
    }
}

/// The token of a guest's session that a browser brings to a sign-in, and that its page may not know of.
pub(crate) fn guest_token(headers: &HeaderMap) -> Option<String> {
    let sent = headers.get(routes::HEADER_SESSION_TOKEN).and_then(|value| value.to_str().ok()).map(str::trim);
    sent.filter(|token| !token.is_empty()).map(str::to_owned).or_else(|| cookie::guest(headers))
}

/// Takes the cookie of a guest away who has signed in.
pub(crate) fn forget_guest(sent: &HeaderMap, headers: &mut HeaderMap, state: &AppState) {
    if cookie::guest(sent).is_some() {
        cookie::clear_guest(headers, state);
    }
}

async fn guest(state: &AppState, caller: &Caller, token: &str) -> Answer<Visitor> {
    match caller.own(&mut *state.read().await?, state, token).await {
        Ok(own) if own.session.guest => Ok(Visitor::Guest(Box::new(own.session))),
        // A customer's session proves no account.
        Ok(_) | Err(SessionError::NotFound | SessionError::Expired) => Ok(Visitor::Nobody),
        Err(error) => Err(error.into()),
    }
}

impl Visit {
    /// Whose profile the visitor has.
    ///
    /// # Errors
    /// 401: nobody's.
    pub fn owner(&self) -> Answer<ProfileOwner> {
        self.visitor.owner().ok_or_else(super::account::authentication_required)
    }

    /// The account of the visitor.
    ///
    /// # Errors
    /// 401: there is none.
    pub fn account(&self) -> Answer<&Account> {
        match &self.visitor {
            Visitor::Account(account) => Ok(account),
            Visitor::Guest(_) | Visitor::Nobody => Err(super::account::authentication_required()),
        }
    }

    /// Refuses a device: at a kiosk guests begin another way.
    ///
    /// # Errors
    /// 403: a device calls.
    pub fn not_from_device(&self) -> Answer<()> {
        match self.caller.device {
            Some(_) => Err(Failure::new(ErrorCode::Forbidden, "A kiosk begins its guests at /v1/kiosk/guest.")),
            None => Ok(()),
        }
    }
}
