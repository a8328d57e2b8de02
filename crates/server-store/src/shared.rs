//! What nodes that serve the same records have to agree on besides the records.

use async_trait::async_trait;
use protocol::Timestamp;

use crate::Result;

/// How often something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Failures in a row.
    pub failures: u32,
    /// No further try before.
    pub blocked_until: Timestamp,
}

/// What nodes that serve the same records tell each other. It is part of no transaction, waits for no writer, and what was
/// told in the last second may be lost in a power cut.
#[async_trait]
pub trait Shared: Send + Sync {
    /// Notes that something good once was used; answers whether that was the first time on any node.
    async fn first_use(&self, id: &[u8; 32], at: Timestamp) -> Result<bool>;
    /// Hands the counters of these keys to `change`, in their order, and keeps what it makes of them; none is zero. Nobody else
    /// changes them in between.
    async fn change_counters(
        &self,
        keys: &[[u8; 32]],
        change: &mut (dyn for<'a> FnMut(&'a mut [Option<Counter>]) + Send),
    ) -> Result<()>;
    /// Forgets uses before `uses`, and counters that block nobody since `counters`; answers how many that were.
    async fn forget(&self, uses: Timestamp, counters: Timestamp) -> Result<u64>;
    /// What tells the nodes' server key from any other; none before the first node.
    async fn key_fingerprint(&self) -> Result<Option<Vec<u8>>>;
    /// Keeps the fingerprint of the nodes' server key where there is none yet, or in any case where it is to `replace` the old
    /// one; answers whether it is the nodes' fingerprint now.
    async fn keep_key_fingerprint(&self, fingerprint: &[u8; 32], replace: bool) -> Result<bool>;
}
