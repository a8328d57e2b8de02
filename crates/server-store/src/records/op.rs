//! Changes pushed by kiosks, each applied once.

use async_trait::async_trait;
use protocol::{
    ApiError, Timestamp,
    ids::{DeviceId, OpKey},
};

use crate::Result;

/// What became of a pushed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpRecord {
    /// Its identity, among the changes of its device.
    pub key: OpKey,
    /// Who pushed it.
    pub device_id: DeviceId,
    /// None once applied; why, once refused for good.
    pub refusal: Option<ApiError>,
    /// When.
    pub at: Timestamp,
}

/// Questions about pushed changes.
#[async_trait]
pub trait OpRead {
    /// What became of that change of that device, where it was seen before.
    async fn op(&mut self, device: DeviceId, key: OpKey) -> Result<Option<OpRecord>>;
}

/// Changes about pushed changes.
#[async_trait]
pub trait OpWrite {
    /// Keeps what became of a change; a second time is refused as a duplicate.
    async fn insert_op(&mut self, op: &OpRecord) -> Result<()>;
    /// Forgets what came before `before`; answers how many that were.
    async fn forget_ops(&mut self, before: Timestamp) -> Result<u64>;
}
