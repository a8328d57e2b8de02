//! Messages that wait for the assistant.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{EntryId, SessionId, StoreId},
};

use crate::Result;

/// A customer's message that is not answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitedAnswer {
    /// The message.
    pub entry_id: EntryId,
    /// Its session.
    pub session_id: SessionId,
    /// The store where it was written, whose stock counts.
    pub store_id: Option<StoreId>,
    /// When it was written.
    pub at: Timestamp,
}

/// Questions about awaited answers.
#[async_trait]
pub trait AnswerRead {
    /// Every message that waits, oldest first.
    async fn awaited_answers(&mut self) -> Result<Vec<AwaitedAnswer>>;
}

/// Changes of awaited answers.
#[async_trait]
pub trait AnswerWrite {
    /// Notes that a message waits.
    async fn await_answer(&mut self, awaited: &AwaitedAnswer) -> Result<()>;
    /// Notes that a message of a session waits no more; answers whether it did.
    async fn settle_answer(&mut self, session: SessionId, entry: EntryId) -> Result<bool>;
}
