//! Who an account is at sign-in providers.

use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId};

use crate::Result;

/// A subject of a provider. Both texts are compared byte by byte.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalIdentityRecord {
    /// The provider's issuer address.
    pub issuer: String,
    /// The provider's name for the person.
    pub subject: String,
    /// Whose.
    pub account_id: AccountId,
    /// Since when.
    pub linked_at: Timestamp,
}

impl std::fmt::Debug for ExternalIdentityRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExternalIdentityRecord")
            .field("issuer", &self.issuer)
            .field("account_id", &self.account_id)
            .finish_non_exhaustive()
    }
}

/// Questions about external identities.
#[async_trait]
pub trait ExternalIdentityRead {
    /// The account of that subject.
    async fn account_of_subject(&mut self, issuer: &str, subject: &str) -> Result<Option<AccountId>>;
    /// Every subject of an account, the first linked first.
    async fn external_identities(&mut self, account: AccountId) -> Result<Vec<ExternalIdentityRecord>>;
}

/// Changes of external identities.
#[async_trait]
pub trait ExternalIdentityWrite {
    /// Links a subject to an account. One that is linked already is refused as a duplicate.
    async fn insert_external_identity(&mut self, identity: &ExternalIdentityRecord) -> Result<()>;
    /// Takes every link of an account back; answers how many that were.
    async fn remove_external_identities(&mut self, account: AccountId) -> Result<u64>;
}
