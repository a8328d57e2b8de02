//! Who is signed in in which browser.

use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId};

use crate::Result;

/// A browser in which somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneSessionRecord {
    /// SHA-256 of the cookie.
    pub cookie_hash: Vec<u8>,
    /// Who.
    pub account_id: AccountId,
    /// Since when.
    pub created_at: Timestamp,
    /// Signed out from here on.
    pub expires_at: Timestamp,
}

/// Questions about browsers.
#[async_trait]
pub trait PhoneSessionRead {
    /// Who is signed in with a cookie of this SHA-256; it may have expired.
    async fn phone_session(&mut self, cookie_hash: &[u8]) -> Result<Option<PhoneSessionRecord>>;
}

/// Changes about browsers.
#[async_trait]
pub trait PhoneSessionWrite {
    /// Keeps who signed in.
    async fn insert_phone_session(&mut self, session: &PhoneSessionRecord) -> Result<()>;
    /// Signs out; answers whether anybody was signed in.
    async fn remove_phone_session(&mut self, cookie_hash: &[u8]) -> Result<bool>;
    /// Signs an account out everywhere; answers how many browsers that were.
    async fn remove_phone_sessions_of(&mut self, account: AccountId) -> Result<u64>;
    /// Forgets what expired before `before`; answers how many that were.
    async fn forget_phone_sessions(&mut self, before: Timestamp) -> Result<u64>;
}
