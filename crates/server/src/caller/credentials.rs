use std::{convert::Infallible, net::IpAddr};

use axum::{extract::FromRequestParts, http::request::Parts};
use protocol::{ErrorCode, device::DeviceRole, routes, session::Channel};
use server_store::records::{DeviceRecord, Scope};

use super::TrustedChannel;
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
    demo: bool,
}

impl FromRequestParts<AppState> for Credentials {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let Peer(peer) = Peer::from_request_parts(parts, state).await?;
        let token = SessionToken::from_request_parts(parts, state).await?.get().map(str::to_owned);
        let channel = TrustedChannel::read(&parts.headers, state).await;
        let device = device(parts, state).await;
        Ok(Self { peer, token, channel, device, demo: state.config.demo })
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
        Ok(Caller { peer: self.peer, token: self.token, channel: self.channel?, device: self.device?, demo: self.demo })
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

    /// Why a caller whose proofs do not open something is refused.
    #[must_use]
    pub fn not_allowed(&self) -> Failure {
        if self.channel.is_some() || self.device.is_some() {
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
