use std::{convert::Infallible, net::IpAddr};

use axum::{extract::FromRequestParts, http::request::Parts};
use protocol::{ErrorCode, device::DeviceRole, routes, session::Channel, staff::Role};
use server_store::{
    ReadTx, StoreError,
    records::{DeviceRecord, Scope},
};

use super::{Account, AccountProof, TrustedChannel, account::Carrier, role};
use crate::{
    http::{Answer, Failure, Peer},
    proof::Proven,
    session::{SessionToken, parse_channel},
    state::AppState,
};

/// The proofs of a request, not judged yet.
#[derive(Debug)]
pub struct Credentials {
    peer: IpAddr,
    token: Option<String>,
    channel: Answer<Option<TrustedChannel>>,
    device: Answer<Option<DeviceRecord>>,
    person: Person,
    demo: bool,
}

/// Somebody with an account, if anybody.
#[derive(Clone, Debug)]
enum Person {
    Nobody,
    Proven(Account),
    /// A bearer token that proves nothing. It was sent on purpose, so the request fails.
    Rejected(Failure),
    /// A cookie that proves nothing, or without its anti-forgery token. Browsers send cookies by themselves, so it counts as
    /// none where nobody needs to be signed in.
    Unproven(Failure),
    /// A cookie beside a proof that was sent on purpose, and that counts before it.
    Beside(AccountProof),
}

impl FromRequestParts<AppState> for Credentials {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let Peer(peer) = Peer::from_request_parts(parts, state).await?;
        let token = SessionToken::from_request_parts(parts, state).await?.get().map(str::to_owned);
        let channel = TrustedChannel::read(&parts.headers, state).await;
        let device = device(parts, state).await;
        let proof = AccountProof::from_request_parts(parts, state).await?;
        let on_purpose = token.is_some() || !matches!(channel, Ok(None)) || !matches!(device, Ok(None));
        let person = Person::of(proof, on_purpose, state).await;
        Ok(Self { peer, token, channel, device, person, demo: state.config.demo })
    }
}

impl Person {
    async fn of(proof: AccountProof, on_purpose: bool, state: &AppState) -> Self {
        match proof.carrier() {
            Carrier::None => Self::Nobody,
            Carrier::Cookie if on_purpose => Self::Beside(proof),
            Carrier::Cookie => Self::judged(&proof, Self::Unproven, state).await,
            Carrier::Bearer => Self::judged(&proof, Self::Rejected, state).await,
        }
    }

    async fn judged(proof: &AccountProof, refused: fn(Failure) -> Self, state: &AppState) -> Self {
        match proof.judge(state).await {
            Ok(Some(account)) => Self::Proven(account),
            Ok(None) => Self::Nobody,
            // A database that is away is no matter of the proof.
            Err(failure) if failure.status().is_server_error() => Self::Rejected(failure),
            Err(failure) => refused(failure),
        }
    }
}

async fn device(parts: &mut Parts, state: &AppState) -> Answer<Option<DeviceRecord>> {
    if !parts.headers.contains_key(routes::HEADER_PROOF) {
        return Ok(None);
    }
    let proven = Proven::from_request_parts(parts, state).await?;
    proven.device.map(Some).ok_or_else(Proven::not_enrolled)
}

impl Credentials {
    /// The caller that these prove.
    ///
    /// # Errors
    /// One of them was sent and proves nothing.
    pub fn judge(self) -> Answer<Caller> {
        let (account, unproven) = match self.person {
            Person::Nobody | Person::Beside(_) => (None, None),
            Person::Proven(account) => (Some(account), None),
            Person::Unproven(failure) => (None, Some(failure)),
            Person::Rejected(failure) => return Err(failure),
        };
        let (channel, device) = (self.channel?, self.device?);
        Ok(Caller { peer: self.peer, token: self.token, channel, device, account, unproven, demo: self.demo })
    }

    /// The same, with the account of the cookie also where something else was sent.
    pub async fn with_account(mut self, state: &AppState) -> Self {
        if let Person::Beside(proof) = &self.person {
            self.person = Person::judged(proof, Person::Unproven, state).await;
        }
        self
    }

    /// Whether they prove an account.
    #[must_use]
    pub fn prove_account(&self) -> bool {
        matches!(self.person, Person::Proven(_))
    }
}

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The address, as limits count it.
    pub peer: IpAddr,
    token: Option<String>,
    /// A trusted channel or service.
    pub channel: Option<TrustedChannel>,
    /// An enrolled device.
    pub device: Option<DeviceRecord>,
    /// Somebody signed in. A cookie beside a token, key or device counts only where [`Credentials::with_account`] was asked.
    pub account: Option<Account>,
    /// Why the cookie that was sent proves no account.
    unproven: Option<Failure>,
    /// Every caller is trusted.
    pub demo: bool,
}

impl Caller {
    /// The session token that was sent. That it opens something is asked by [`Caller::own`].
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// As [`Caller::token`].
    ///
    /// # Errors
    /// 400: there is none.
    pub fn required_token(&self) -> Answer<&str> {
        self.token().ok_or_else(|| Failure::new(ErrorCode::BadRequest, "Missing X-Session-Token header"))
    }

    /// The account whose sessions the caller may use. A kiosk acts by what it holds, never by an account.
    #[must_use]
    pub fn own_account(&self) -> Option<&Account> {
        self.account.as_ref().filter(|_| self.device.is_none())
    }

    /// Why the cookie that was sent proves no account, where one was sent and does not.
    #[must_use]
    pub fn unproven(&self) -> Option<Failure> {
        self.unproven.clone()
    }

    /// Refuses a caller who proves neither a session nor an account.
    ///
    /// # Errors
    /// 400: nothing was sent. 401 or 403: a cookie was, and it proves nothing.
    pub fn require_own(&self) -> Answer<()> {
        if self.own_account().is_some() {
            return Ok(());
        }
        match (&self.token, &self.unproven) {
            (None, Some(failure)) => Err(failure.clone()),
            _ => self.required_token().map(drop),
        }
    }

    /// Whether the caller's channel key opens this.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.demo || self.channel.as_ref().is_some_and(|channel| channel.has(scope))
    }

    /// As [`Caller::may`].
    ///
    /// # Errors
    /// It does not.
    pub fn require(&self, scope: Scope) -> Answer<()> {
        if self.may(scope) { Ok(()) } else { Err(self.not_allowed()) }
    }

    /// As [`Caller::require`], for what is open to staff as well.
    ///
    /// # Errors
    /// It does not, and the caller is not staff.
    pub async fn require_or_staff(&self, state: &AppState, scope: Scope) -> Answer<()> {
        if self.may(scope) {
            return Ok(());
        }
        let Some(account) = &self.account else { return Err(self.not_allowed()) };
        role::require(&mut *state.read().await?, account.record.id, Role::Staff).await
    }

    /// Whether somebody signed in is staff.
    ///
    /// # Errors
    /// The store failed.
    pub async fn is_staff(&self, tx: &mut dyn ReadTx) -> Result<bool, StoreError> {
        match &self.account {
            Some(account) => role::has(tx, account.record.id, Role::Staff).await,
            None => Ok(false),
        }
    }

    /// Why a caller whose proofs do not open something is refused.
    #[must_use]
    pub fn not_allowed(&self) -> Failure {
        if let Some(failure) = &self.unproven {
            return failure.clone();
        }
        if self.channel.is_some() || self.device.is_some() || self.account.is_some() {
            return Failure::new(ErrorCode::Forbidden, "These credentials do not open this.");
        }
        Failure::new(ErrorCode::AuthenticationRequired, "Please sign in first.")
    }

    /// The channel that calls: the one it names, which must be the one its key or device speaks for; else that one; else
    /// `default`.
    ///
    /// # Errors
    /// The name is none, or another channel's.
    pub fn speaks_for(&self, named: Option<&str>, default: Channel) -> Answer<Channel> {
        let bound = self.bound_channel();
        let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) else { return Ok(bound.unwrap_or(default)) };
        let named = parse_channel(named)?;
        match bound {
            Some(bound) if bound != named => {
                Err(Failure::new(ErrorCode::Forbidden, format!("These credentials speak for {} only.", bound.as_str())))
            }
            _ => Ok(named),
        }
    }

    /// The one channel that the caller's key or device speaks for.
    #[must_use]
    pub fn bound_channel(&self) -> Option<Channel> {
        if self.demo {
            return None;
        }
        let of_device = self.device.as_ref().filter(|device| device.role == DeviceRole::Kiosk).map(|_| Channel::Kiosk);
        self.channel.as_ref().and_then(|channel| channel.channel).or(of_device)
    }
}
