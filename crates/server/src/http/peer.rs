use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};

use crate::{Config, state::AppState};

/// The address of the caller, as limits count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// The caller, or whom a listed proxy speaks for.
    pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap, config: &Config) -> Self {
        let direct = Self::direct(extensions);
        if !config.proxies.contains(&direct) {
            return Self(direct);
        }
        // The proxy appends whom it saw, so the last entry is the one it vouches for.
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        let last = forwarded.and_then(|list| list.rsplit(',').next()).and_then(|address| address.trim().parse().ok());
        Self(last.unwrap_or(direct))
    }

    /// Whoever is at the other end of the connection.
    pub(crate) fn direct(extensions: &Extensions) -> IpAddr {
        let info = extensions.get::<ConnectInfo<SocketAddr>>();
        // A listener for both families sees IPv4 callers under an address of IPv6.
        info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip().to_canonical())
    }
}

impl FromRequestParts<AppState> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions, &parts.headers, &state.config))
    }
}
