//! The event log: the truth that streams and kiosks catch up from.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    event::{EventBody, StreamEvent},
    ids::{ClaimId, Cursor, DeviceId, SessionId, VoiceSessionId},
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
    /// The transcript of one spoken conversation.
    Transcript(VoiceSessionId),
    /// The shop and its catalogue.
    Shop,
}

impl std::fmt::Display for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device(id) => write!(f, "device:{id}"),
            Self::Session(id) => write!(f, "session:{id}"),
            Self::Claim(id) => write!(f, "claim:{id}"),
            Self::Transcript(id) => write!(f, "transcript:{id}"),
            Self::Shop => f.write_str("shop"),
        }
    }
}

impl Topic {
    /// The topic that is written like this; none for one of a newer program.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("device", id)) => id.parse().map(Self::Device).ok(),
            Some(("session", id)) => id.parse().map(Self::Session).ok(),
            Some(("claim", id)) => id.parse().map(Self::Claim).ok(),
            Some(("transcript", id)) => id.parse().map(Self::Transcript).ok(),
            None if text == "shop" => Some(Self::Shop),
            _ => None,
        }
    }
}

/// An event of the log, of whatever topic, its body as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place in the log.
    pub cursor: Cursor,
    /// When it was appended.
    pub at: Timestamp,
    /// What it is about; none for a topic of a newer program.
    pub topic: Option<Topic>,
    /// The JSON of its `EventBody`; none for [`EventBody::Touched`], which is sent to nobody.
    pub body: Option<String>,
}

/// Questions about the log.
#[async_trait]
pub trait EventRead {
    /// The cursor of the newest event there ever was; 0 before the first.
    async fn newest_cursor(&mut self) -> Result<Cursor>;
    /// The cursor of the newest event that is no longer kept; 0 while all are. A reader behind it has missed something.
    async fn forgotten_cursor(&mut self) -> Result<Cursor>;
    /// At most `limit` events of all topics after `after`, in the order of their commits; none is ever overtaken by another.
    async fn log_after(&mut self, after: Cursor, limit: u32) -> Result<Vec<LogEntry>>;
    /// At most `limit` events of these topics after `after`, in the order of their commits, without [`EventBody::Touched`].
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
