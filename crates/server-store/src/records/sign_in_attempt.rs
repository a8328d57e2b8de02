//! Browsers that went to a sign-in provider.

use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId};

use crate::Result;

/// A browser that went to a sign-in provider and has not come back.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInAttemptRecord {
    /// SHA-256 of the state that the provider gives back.
    pub state_hash: Vec<u8>,
    /// SHA-256 of the browser's cookie.
    pub browser_hash: Vec<u8>,
    /// The provider's issuer address.
    pub issuer: String,
    /// Whose account the subject is to be linked to; none: it signs in.
    pub linking: Option<AccountId>,
    /// Of no use from here on.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for SignInAttemptRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInAttemptRecord")
            .field("issuer", &self.issuer)
            .field("linking", &self.linking)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Changes about sign-in attempts.
#[async_trait]
pub trait SignInAttemptWrite {
    /// Keeps an attempt.
    async fn insert_sign_in_attempt(&mut self, attempt: &SignInAttemptRecord) -> Result<()>;
    /// Takes the attempt of this state and this browser away; it may have expired. It is there once, and for nobody else.
    async fn take_sign_in_attempt(&mut self, state_hash: &[u8], browser_hash: &[u8]) -> Result<Option<SignInAttemptRecord>>;
    /// Forgets what expired before `before`; answers how many that were.
    async fn forget_sign_in_attempts(&mut self, before: Timestamp) -> Result<u64>;
}
