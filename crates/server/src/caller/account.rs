use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
};
use protocol::{ApiError, ErrorCode, routes};
use server_store::{ReadTx, records::AccountRecord};

use super::cookie::{self, Value};
use crate::{
    http::{Answer, Failure},
    key::same,
    provider::{self, Unproved},
    secret::Secret,
    state::AppState,
};

/// When a caller may come again while a sign-in provider is away.
const COME_AGAIN_SECONDS: u32 = 5;

/// What a request brings to prove an account. Nothing is refused before [`AccountProof::judge`] is asked, so that a body of
/// the wrong shape is told first.
#[derive(Clone, Debug)]
pub struct AccountProof {
    sent: Sent,
    /// The anti-forgery token that an unsafe request with a cookie needs; none for safe requests.
    csrf: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
enum Sent {
    Nothing,
    /// A bearer token; none where the header is something else, which proves nobody.
    Bearer(Option<Secret>),
    Cookie(Value),
}

impl FromRequestParts<AppState> for AccountProof {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let csrf = parts.headers.get(routes::HEADER_CSRF).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
        Ok(Self { sent: Sent::of(&parts.headers), csrf: (!parts.method.is_safe()).then_some(csrf) })
    }
}

impl Sent {
    /// A bearer token is sent on purpose, a cookie by itself; so the former counts where there are both.
    fn of(headers: &HeaderMap) -> Self {
        let mut sent = headers.get_all(header::AUTHORIZATION).iter();
        if let Some(first) = sent.next() {
            let token = first.to_str().ok().filter(|_| sent.next().is_none()).and_then(bearer);
            return Self::Bearer(token.map(Secret::new));
        }
        cookie::session(headers).map_or(Self::Nothing, Self::Cookie)
    }
}

/// What brings the proof of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    /// Nothing was sent.
    None,
    /// A token that a program sends on purpose.
    Bearer,
    /// A cookie that a browser sends by itself.
    Cookie,
}

/// The token of a header such as `Bearer abc`.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Somebody with an account, proved by this request.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account.
    pub record: AccountRecord,
    /// The cookie that proves it; none where a bearer token does.
    pub(crate) cookie: Option<Value>,
}

impl AccountProof {
    /// Whose account this is; none where nothing was sent.
    ///
    /// # Errors
    /// 401: what was sent proves nothing, or no longer. 403: a page of somebody else may have sent the cookie. 503: the keys
    /// of the token's sign-in provider were never seen, and it does not answer.
    pub async fn judge(&self, state: &AppState) -> Answer<Option<Account>> {
        let value = match &self.sent {
            Sent::Nothing => return Ok(None),
            Sent::Bearer(token) => return of_bearer(state, token.as_ref()).await.map(Some),
            Sent::Cookie(value) => value,
        };
        let record = signed_in(&mut *state.read().await?, state, value).await?.ok_or_else(session_expired)?;
        if let Some(sent) = &self.csrf {
            check_csrf(sent, state, value)?;
        }
        Ok(Some(Account { record, cookie: Some(value.clone()) }))
    }

    /// As [`AccountProof::judge`], and there is one.
    ///
    /// # Errors
    /// As [`AccountProof::judge`]; 401: nothing was sent.
    pub async fn required(&self, state: &AppState) -> Answer<Account> {
        self.judge(state).await?.ok_or_else(authentication_required)
    }

    /// Refuses a bearer token that proves nobody, for a call that is for whoever is not signed in yet: a cookie comes by itself and
    /// may be an old one, a token is sent on purpose.
    ///
    /// # Errors
    /// As [`AccountProof::judge`] with a bearer token.
    pub async fn refuse_dead_bearer(&self, state: &AppState) -> Answer<()> {
        if self.carrier() == Carrier::Bearer { self.judge(state).await.map(drop) } else { Ok(()) }
    }

    /// The same for a call that a server makes on behalf of a browser: pages cannot make it, so it carries no token of theirs.
    #[must_use]
    pub fn from_server(mut self) -> Self {
        self.csrf = None;
        self
    }

    /// How it was sent.
    pub(super) fn carrier(&self) -> Carrier {
        match &self.sent {
            Sent::Nothing => Carrier::None,
            Sent::Bearer(_) => Carrier::Bearer,
            Sent::Cookie(_) => Carrier::Cookie,
        }
    }

    /// The same for a call that looks by itself at the page that makes it, and so needs no token of that page.
    #[must_use]
    pub fn from_checked_page(mut self) -> Self {
        self.csrf = None;
        self
    }

    /// The cookie of who is signed in, whether or not anybody is.
    pub(crate) fn cookie(&self) -> Option<&Value> {
        match &self.sent {
            Sent::Cookie(value) => Some(value),
            Sent::Nothing | Sent::Bearer(_) => None,
        }
    }
}

impl FromRequestParts<AppState> for Account {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        match AccountProof::from_request_parts(parts, state).await {
            Ok(proof) => proof.required(state).await,
            Err(never) => match never {},
        }
    }
}

/// The account of whom a sign-in provider vouches for.
async fn of_bearer(state: &AppState, token: Option<&Secret>) -> Answer<Account> {
    let token = token.ok_or_else(invalid_token)?;
    let person = state.providers.person(token.reveal(), state.now()).await.map_err(|unproved| match unproved {
        Unproved::Invalid => invalid_token(),
        Unproved::Away => provider_away(),
    })?;
    Ok(Account { record: provider::account_of(state, &person).await?, cookie: None })
}

/// Nobody can say now whether a token is good.
fn provider_away() -> Failure {
    let mut error =
        ApiError::new(ErrorCode::ServiceUnavailable, "The sign-in provider does not answer just now. Please try again.");
    error.retry_after = Some(COME_AGAIN_SECONDS);
    error.into()
}

/// Who is signed in with a cookie.
pub(super) async fn signed_in(tx: &mut dyn ReadTx, state: &AppState, cookie: &Value) -> Answer<Option<AccountRecord>> {
    let kept = tx.phone_session(&cookie.hash()).await?.filter(|kept| state.now() < kept.expires_at);
    match kept {
        Some(kept) => Ok(tx.account(kept.account_id).await?),
        None => Ok(None),
    }
}

/// The anti-forgery token of the cookie that a call relies on.
///
/// # Errors
/// 403: it is missing or of another cookie.
pub(crate) fn check_csrf(sent: &[u8], state: &AppState, cookie: &Value) -> Answer<()> {
    if same(sent, cookie.csrf_token(state).as_bytes()) {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::CsrfFailed, "The page is out of date. Load it again."))
}

/// Nothing was sent where something is needed.
pub(crate) fn authentication_required() -> Failure {
    Failure::new(ErrorCode::AuthenticationRequired, "Authentication required")
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// The cookie was signed out, or its time is over.
fn session_expired() -> Failure {
    Failure::new(ErrorCode::SessionExpired, "Session expired. Please sign in again.").with_status(StatusCode::UNAUTHORIZED)
}

/// The bearer token is none.
fn invalid_token() -> Failure {
    Failure::new(ErrorCode::InvalidToken, "Invalid or expired token")
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""))
}
