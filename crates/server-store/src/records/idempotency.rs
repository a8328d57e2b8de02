//! Answers kept for repeated requests.

use async_trait::async_trait;
use protocol::Timestamp;

use crate::Result;

/// An answer kept for a repeated request.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// Hash of the caller, the path and the caller's key.
    pub slot: Vec<u8>,
    /// Keyed hash of the request's body.
    pub body_mac: Vec<u8>,
    /// HTTP status of the answer.
    pub status: u16,
    /// The answer's body, sealed with a key that is not in the database, because answers hold tokens.
    pub sealed_answer: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Debug for IdempotencyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdempotencyRecord").field("status", &self.status).field("at", &self.at).finish_non_exhaustive()
    }
}

/// Questions about kept answers.
#[async_trait]
pub trait IdempotencyRead {
    /// The answer kept in that slot.
    async fn kept_answer(&mut self, slot: &[u8]) -> Result<Option<IdempotencyRecord>>;
}

/// Changes of kept answers.
#[async_trait]
pub trait IdempotencyWrite {
    /// Keeps an answer; what was in the slot before goes.
    async fn keep_answer(&mut self, record: &IdempotencyRecord) -> Result<()>;
    /// Forgets what came before `before`; answers how many that were.
    async fn forget_answers(&mut self, before: Timestamp) -> Result<u64>;
}
