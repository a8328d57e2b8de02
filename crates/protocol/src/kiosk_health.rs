//! How a kiosk is doing, for staff and for whoever looks after it. Nothing in it is about a customer.

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, Timestamp, ids::OpKey};

/// How a kiosk is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct KioskHealth {
    /// When it was asked, by the kiosk's clock.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub at: Timestamp,
    /// Of the kiosk's program.
    pub version: String,
    /// The session server's address.
    pub server: String,
    /// The secret store in use, as staff call it; none before it was opened.
    pub key_store: Option<String>,
    /// The event stream.
    pub stream: StreamHealth,
    /// Changes on their way to the server.
    pub outbox: OutboxHealth,
    /// The copy of the catalogue.
    #[serde(default)]
    pub catalogue: CatalogueHealth,
    /// Outboxes that could not be read and were moved out of the way, oldest first. They stay until somebody takes them away.
    pub set_aside: Vec<SetAside>,
    /// What went wrong lately, newest first.
    pub problems: Vec<SeenProblem>,
}

/// The event stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct StreamHealth {
    /// What it is doing.
    pub state: StreamState,
    /// Since when.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub since: Timestamp,
    /// When the last event came.
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    pub last_event_at: Option<Timestamp>,
}

/// What the event stream is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum StreamState {
    /// Nobody asked for it: the kiosk is not enrolled, or only starting.
    #[default]
    Off,
    /// It is being opened.
    Connecting,
    /// It stands.
    Up,
    /// It could not be opened; the kiosk tries again.
    Down,
}

/// Changes on their way to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct OutboxHealth {
    /// Whether the outbox could be read just now; where it could not, the numbers of what waits are 0.
    pub readable: bool,
    /// Changes that wait.
    pub waiting: u32,
    /// When the oldest of them was made.
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    pub oldest: Option<Timestamp>,
    /// Ends of conversations that the disk did not take; they are pushed from memory.
    pub in_memory: u32,
    /// Changes of a newer program, which wait for it.
    pub unreadable: u32,
    /// Pushes in a row that did not get through.
    pub attempts: u32,
    /// Why the last of them did not.
    pub failing_with: Option<ErrorCode>,
    /// When the next try is due.
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    pub next_try_at: Option<Timestamp>,
    /// Conversations that the server could not take while it took others.
    pub held_up: Vec<HeldUp>,
    /// Changes that were refused for good, newest first.
    pub wedged: Vec<WedgedChange>,
}

/// The kiosk's copy of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CatalogueHealth {
    /// Whether it could be read just now; where it could not, its numbers are 0.
    pub readable: bool,
    /// Whether all products are there, so that only differences are missing.
    pub complete: bool,
    /// Products that are there.
    pub products: u32,
    /// Products that the copy that goes on has brought so far.
    pub copied: u32,
    /// Products that the shop has, as the server said last.
    pub total: u32,
    /// When all that is there was last known to be so; none before the first complete copy.
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    pub as_of: Option<Timestamp>,
    /// Why the server could not be asked last time.
    pub failing_with: Option<ErrorCode>,
}

/// A conversation whose changes the server cannot take at the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HeldUp {
    /// Tries so far.
    pub attempts: u32,
    /// Why the last one failed.
    pub code: ErrorCode,
    /// When the next one is due.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub next_try_at: Timestamp,
}

/// A change that the server refused for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WedgedChange {
    /// Which.
    pub key: OpKey,
    /// When it was made.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub made_at: Timestamp,
    /// Why it was refused.
    pub code: ErrorCode,
}

/// An outbox that was moved out of the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SetAside {
    /// Where it lies.
    pub file: String,
    /// When it was moved.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub at: Timestamp,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SeenProblem {
    /// With what.
    pub part: Part,
    /// What.
    pub code: ErrorCode,
    /// How often in a row.
    pub times: u32,
    /// When it was last seen.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub at: Timestamp,
}

/// A part of the kiosk that something can be wrong with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Keys and files when the program started.
    Start,
    /// The event stream.
    Stream,
    /// Pushing what waits.
    Push,
    /// A call to the server.
    Call,
    /// Writing to the disk.
    Disk,
}
