use axum::http::HeaderMap;
use protocol::{ErrorCode, ids::ChannelKeyId, routes, session::Channel};
use server_store::records::Scope;

use crate::{
    http::{Answer, Failure},
    key,
    state::AppState,
};

/// Longest key that is looked at.
const LONGEST: usize = 128;

/// A channel or service that proved itself by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedChannel {
    /// Which key.
    pub id: ChannelKeyId,
    /// The one channel it speaks for; none for a service.
    pub channel: Option<Channel>,
    scopes: Vec<Scope>,
}

impl TrustedChannel {
    /// Whether its key opens this.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// The owner of the key that was sent, if one was. Every request looks the key up anew, so that a key opens nothing from
    /// the moment it is revoked, on every node.
    pub(super) async fn read(headers: &HeaderMap, state: &AppState) -> Answer<Option<Self>> {
        let mut values = headers.get_all(routes::HEADER_CHANNEL_KEY).iter().map(|value| value.as_bytes().trim_ascii());
        let Some(sent) = values.next().filter(|sent| !sent.is_empty()) else { return Ok(None) };
        let unknown = || Failure::new(ErrorCode::InvalidToken, "This channel key is unknown or was revoked.");
        if sent.len() > LONGEST || values.next().is_some() {
            return Err(unknown());
        }
        let key = state.read().await?.channel_key(&key::sha256(sent)).await?.ok_or_else(unknown)?;
        Ok(Some(Self { id: key.id, channel: key.channel, scopes: key.scopes }))
    }
}
