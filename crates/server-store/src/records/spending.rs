//! What the assistant's answers cost.

use async_trait::async_trait;
use protocol::Timestamp;
use uuid::Uuid;

use crate::Result;

/// Questions about spending.
#[async_trait]
pub trait SpendingRead {
    /// Millionths of a US dollar that were spent for `who` on `day`.
    async fn spent(&mut self, who: Uuid, day: i64) -> Result<i64>;
}

/// Changes of spending.
#[async_trait]
pub trait SpendingWrite {
    /// Adds to what was spent.
    async fn spend(&mut self, who: Uuid, day: i64, micro_usd: i64, at: Timestamp) -> Result<()>;
    /// Forgets what was changed last before `before`; answers how many entries those were.
    async fn forget_spending(&mut self, before: Timestamp) -> Result<u64>;
}
