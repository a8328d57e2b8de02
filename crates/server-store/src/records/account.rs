//! Accounts: who signs in, and to which customer that leads.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    account::Preferences,
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
    /// Somebody proved to read mail sent there.
    pub email_verified: bool,
    /// Lower case; takes the place of `email` once it is verified. Several accounts may want the same.
    pub pending_email: Option<String>,
    /// What to call the person.
    pub display_name: String,
    /// In PHC form, or as another program made it: `$2b$…` (bcrypt), `pbkdf2_sha256$…`.
    pub password_hash: Option<String>,
    /// How the assistant speaks.
    pub preferences: Preferences,
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

impl AccountRecord {
    /// The address that the person still has to prove: the one that is wanted, else an unverified one.
    #[must_use]
    pub fn address_to_verify(&self) -> Option<&String> {
        self.pending_email.as_ref().or(self.email.as_ref().filter(|_| !self.email_verified))
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
    /// Of each kind of password hash that is not our own, the one that takes longest to check.
    async fn slowest_foreign_hashes(&mut self) -> Result<Vec<String>>;
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
    /// Replaces the password hash if it still is `known`; answers whether it was.
    async fn replace_password_hash(&mut self, id: AccountId, known: &str, hash: &str, at: Timestamp) -> Result<bool>;
    /// Replaces what to call the person.
    async fn set_display_name(&mut self, id: AccountId, name: &str, at: Timestamp) -> Result<()>;
    /// Replaces the e-mail, none being wanted any more. One that somebody has is refused as a duplicate.
    async fn set_email(&mut self, id: AccountId, email: &str, verified: bool, at: Timestamp) -> Result<()>;
    /// Replaces the e-mail that is wanted.
    async fn set_pending_email(&mut self, id: AccountId, email: Option<&str>, at: Timestamp) -> Result<()>;
    /// Replaces how the assistant speaks.
    async fn set_preferences(&mut self, id: AccountId, preferences: &Preferences, at: Timestamp) -> Result<()>;
    /// Links an account that has none to a customer; answers whether it had none. A customer that somebody has is refused as
    /// a duplicate.
    async fn link_customer(&mut self, id: AccountId, customer: &CustomerId, at: Timestamp) -> Result<bool>;
}
