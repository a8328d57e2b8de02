//! What the shop remembers of people who chat, guests among them.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, ProfileId, SessionId},
    profile::{Location, Notifications},
};
use serde_json::{Map, Value};

use crate::Result;

/// Whose a profile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileOwner {
    /// Somebody with an account.
    Account(AccountId),
    /// A guest, as long as the session lives.
    Guest(SessionId),
}

impl ProfileOwner {
    /// The id of the profile, which is the owner's own.
    #[must_use]
    pub fn profile(self) -> ProfileId {
        ProfileId(match self {
            Self::Account(account) => account.0,
            Self::Guest(session) => session.0,
        })
    }
}

/// A profile.
#[derive(Clone, PartialEq)]
pub struct ProfileRecord {
    /// Whose.
    pub owner: ProfileOwner,
    /// The name that the client gave itself.
    pub alias: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Where to write to.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// An https address.
    pub profile_photo_url: Option<String>,
    /// Where the person usually is.
    pub default_location: Location,
    /// What the person wants to be told by.
    pub notification_preferences: Notifications,
    /// Whatever the person told.
    pub preferences: Map<String, Value>,
    /// Grows by one with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for ProfileRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProfileRecord").field("owner", &self.owner).field("version", &self.version).finish_non_exhaustive()
    }
}

/// Questions about profiles.
#[async_trait]
pub trait ProfileRead {
    /// The profile of that id.
    async fn profile(&mut self, id: ProfileId) -> Result<Option<ProfileRecord>>;
    /// The account that a guest's token was linked to; the token as SHA-256.
    async fn guest_link(&mut self, token_hash: &[u8]) -> Result<Option<AccountId>>;
}

/// Changes of profiles.
#[async_trait]
pub trait ProfileWrite {
    /// Keeps a profile, or replaces every member but owner and `created_at`.
    async fn put_profile(&mut self, profile: &ProfileRecord) -> Result<()>;
    /// Forgets a profile.
    async fn remove_profile(&mut self, id: ProfileId) -> Result<()>;
    /// Notes that a guest's token was linked. A second time is refused as a duplicate.
    async fn insert_guest_link(&mut self, token_hash: &[u8], account: AccountId, at: Timestamp) -> Result<()>;
    /// Moves what was written in one conversation to the end of another.
    async fn move_chat_entries(&mut self, from: SessionId, to: SessionId) -> Result<()>;
}
