//! The event log: the truth that streams and kiosks catch up from.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    event::{EventBody, StreamEvent},
    ids::{ClaimId, Cursor, DeviceId, SessionId},
};

use crate::Result;

/// What an event is about; streams follow topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// One device.
    Device(DeviceId),
    /// One session.
    Session(SessionId),
    /// One claim of a handoff, for the phone.
    Claim(ClaimId),
}

impl std::fmt::Display for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device(id) => write!(f, "device:{id}"),
            Self::Session(id) => write!(f, "session:{id}"),
            Self::Claim(id) => write!(f, "claim:{id}"),
        }
    }
}

/// Questions about the log.
#[async_trait]
pub trait EventRead {
    /// The cursor of the newest event there ever was; 0 before the first.
    async fn newest_cursor(&mut self) -> Result<Cursor>;
    /// The cursor of the newest event that is no longer kept; 0 while all are. A reader behind it has missed something.
    async fn forgotten_cursor(&mut self) -> Result<Cursor>;
    /// At most `limit` events of these topics after `after`, in the order of their commits.
    async fn events_after(&mut self, topics: &[Topic], after: Cursor, limit: u32) -> Result<Vec<StreamEvent>>;
}

/// Changes of the log.
#[async_trait]
pub trait EventWrite {
    /// Appends an event. Cursors grow in the order of commits.
    async fn append_event(&mut self, topic: Topic, body: &EventBody, at: Timestamp) -> Result<Cursor>;
    /// Forgets what was appended before `before`; answers how many that were.
    async fn forget_events(&mut self, before: Timestamp) -> Result<u64>;
}
