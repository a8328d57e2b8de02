//! One-time tokens that are mailed to people.

use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId};
use serde::{Deserialize, Serialize};

use crate::Result;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPurpose {
    /// Says that its bearer reads mail sent to the address.
    VerifyEmail,
    /// Says the same, and sets a new password.
    ResetPassword,
}

/// A token that was mailed and not used yet.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountTokenRecord {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// For whom.
    pub account_id: AccountId,
    /// What for; an account has one token for each purpose.
    pub purpose: TokenPurpose,
    /// Where it was sent to, in lower case.
    pub email: String,
    /// When.
    pub created_at: Timestamp,
    /// Of no use from here on.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for AccountTokenRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountTokenRecord")
            .field("account_id", &self.account_id)
            .field("purpose", &self.purpose)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Questions about one-time tokens.
#[async_trait]
pub trait AccountTokenRead {
    /// The token with this SHA-256; it may have expired.
    async fn account_token(&mut self, token_hash: &[u8]) -> Result<Option<AccountTokenRecord>>;
}

/// Changes of one-time tokens.
#[async_trait]
pub trait AccountTokenWrite {
    /// Keeps a token in place of the account's last one for the same purpose.
    async fn put_account_token(&mut self, token: &AccountTokenRecord) -> Result<()>;
    /// Uses a token up; answers whether it was there, which is true once.
    async fn use_account_token(&mut self, token_hash: &[u8]) -> Result<bool>;
    /// Takes back every token of an account.
    async fn remove_account_tokens(&mut self, account: AccountId) -> Result<()>;
    /// Forgets what expired before `before`; answers how many that were.
    async fn forget_account_tokens(&mut self, before: Timestamp) -> Result<u64>;
}
