//! Answers of the chat that take their time.

use async_trait::async_trait;
use protocol::{
    ErrorCode, Timestamp,
    chat::{ChatResponse, TaskStatus},
    ids::ProfileId,
};

use crate::Result;

/// An answer on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatTaskRecord {
    /// Its name, which nobody can guess.
    pub id: String,
    /// Who asked.
    pub owner: ProfileId,
    /// How far it has come.
    pub status: TaskStatus,
    /// The answer.
    pub result: Option<ChatResponse>,
    /// Why there is none.
    pub error: Option<ErrorCode>,
    /// Last change.
    pub at: Timestamp,
}

/// Questions about tasks.
#[async_trait]
pub trait ChatTaskRead {
    /// The task of that id.
    async fn chat_task(&mut self, id: &str) -> Result<Option<ChatTaskRecord>>;
}

/// Changes of tasks.
#[async_trait]
pub trait ChatTaskWrite {
    /// Keeps a task, or replaces every member but its owner.
    async fn put_chat_task(&mut self, task: &ChatTaskRecord) -> Result<()>;
    /// Forgets tasks that were changed last before `before`; answers how many those were.
    async fn forget_chat_tasks(&mut self, before: Timestamp) -> Result<u64>;
}
