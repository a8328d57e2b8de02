//! Accounts: who signs in, and to which customer that leads.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, CustomerId},
};

use crate::Result;

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// Its id.
    pub id: AccountId,
    /// E.164; nobody else has it.
    pub phone: Option<String>,
    /// Somebody trustworthy said that the phone is this person's.
    pub phone_verified: bool,
    /// Lower case; nobody else has it.
    pub email: Option<String>,
    /// In PHC form.
    pub password_hash: Option<String>,
    /// At most one customer; nobody else is linked to it.
    pub customer_id: Option<CustomerId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for AccountRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountRecord").field("id", &self.id).field("customer_id", &self.customer_id).finish_non_exhaustive()
    }
}

/// Questions about accounts.
#[async_trait]
pub trait AccountRead {
    /// The account of that id.
    async fn account(&mut self, id: AccountId) -> Result<Option<AccountRecord>>;
    /// The account with that E.164 phone.
    async fn account_by_phone(&mut self, phone: &str) -> Result<Option<AccountRecord>>;
    /// The account with that e-mail, in lower case.
    async fn account_by_email(&mut self, email: &str) -> Result<Option<AccountRecord>>;
    /// The account linked to that customer.
    async fn account_of_customer(&mut self, customer: &CustomerId) -> Result<Option<AccountRecord>>;
}

/// Changes of accounts.
#[async_trait]
pub trait AccountWrite {
    /// Keeps a new account. A phone, e-mail or customer that somebody has is refused as a duplicate.
    async fn insert_account(&mut self, account: &AccountRecord) -> Result<()>;
    /// Replaces the password hash.
    async fn set_password_hash(&mut self, id: AccountId, hash: &str, at: Timestamp) -> Result<()>;
    /// Takes the phone away: somebody else proved that it is theirs.
    async fn drop_phone(&mut self, id: AccountId, at: Timestamp) -> Result<()>;
}
