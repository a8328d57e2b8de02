//! Keys of trusted channels and services.

use async_trait::async_trait;
use protocol::{Timestamp, ids::ChannelKeyId, session::Channel};
use serde::{Deserialize, Serialize};

use crate::Result;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Start, login and restore by phone or chat.
    Resume,
    /// Memory, recommendation, and what is done on behalf of a session.
    Agent,
    /// Questions of our own services about people who are signed in.
    Internal,
    /// Stock of every location, holds and sales.
    Stock,
    /// Points, coupons and promotions of every customer.
    Loyalty,
    /// Payments.
    Payments,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [Self::Resume, Self::Agent, Self::Internal, Self::Stock, Self::Loyalty, Self::Payments];

    /// Its name, as operators write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resume => "resume",
            Self::Agent => "agent",
            Self::Internal => "internal",
            Self::Stock => "stock",
            Self::Loyalty => "loyalty",
            Self::Payments => "payments",
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key of a channel or service.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelKeyRecord {
    /// Its id.
    pub id: ChannelKeyId,
    /// What operators call it; nobody else has this name.
    pub name: String,
    /// SHA-256 of the key.
    pub key_hash: Vec<u8>,
    /// The one channel it speaks for; none for a service.
    pub channel: Option<Channel>,
    /// What it opens, without doubles.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for ChannelKeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelKeyRecord").field("name", &self.name).field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

/// Questions about keys.
#[async_trait]
pub trait ChannelKeyRead {
    /// The key of this SHA-256.
    async fn channel_key(&mut self, key_hash: &[u8]) -> Result<Option<ChannelKeyRecord>>;
    /// Every key, in order of name.
    async fn channel_keys(&mut self) -> Result<Vec<ChannelKeyRecord>>;
}

/// Changes of keys.
#[async_trait]
pub trait ChannelKeyWrite {
    /// Keeps a new key. A name that another key has is refused as a duplicate.
    async fn insert_channel_key(&mut self, key: &ChannelKeyRecord) -> Result<()>;
    /// Forgets the key of that name; answers whether it was there.
    async fn remove_channel_key(&mut self, name: &str) -> Result<bool>;
}
