//! Mails that are still to be sent.

use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId, shop::Locale};
use uuid::Uuid;

use super::TokenPurpose;
use crate::Result;

/// A mail that is still to be sent. It is written only then, with a fresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct MailRecord {
    /// Its id.
    pub id: Uuid,
    /// What its link is good for.
    pub purpose: TokenPurpose,
    /// Where to, in lower case.
    pub email: String,
    /// For whom; none: for whoever has the address, if anybody.
    pub account_id: Option<AccountId>,
    /// In which language.
    pub locale: Locale,
    /// How often it could not be sent.
    pub failures: u32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When to send it.
    pub due_at: Timestamp,
}

impl std::fmt::Debug for MailRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailRecord")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .field("failures", &self.failures)
            .field("due_at", &self.due_at)
            .finish_non_exhaustive()
    }
}

/// Questions about mails.
#[async_trait]
pub trait MailRead {
    /// When the next mail is due.
    async fn next_mail_due(&mut self) -> Result<Option<Timestamp>>;
}

/// Changes about mails.
#[async_trait]
pub trait MailWrite {
    /// Keeps a mail until it is sent.
    async fn insert_mail(&mut self, mail: &MailRecord) -> Result<()>;
    /// The mail that is due longest at `now`. It is due again at `again`, so that nobody else sends it meanwhile, and somebody
    /// else does if the sender is lost.
    async fn take_due_mail(&mut self, now: Timestamp, again: Timestamp) -> Result<Option<MailRecord>>;
    /// It could not be sent: one failure more, and due again at `again`.
    async fn postpone_mail(&mut self, id: Uuid, again: Timestamp) -> Result<()>;
    /// It was sent, or never will be.
    async fn remove_mail(&mut self, id: Uuid) -> Result<()>;
}
