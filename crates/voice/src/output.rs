//! The sound device as the player sees it, so that a silent one can stand in for it.

use std::time::Duration;

use crate::speech::Speech;

/// Where sinks come from.
pub trait Output: Send + 'static {
    /// Opens the device that the system prefers now. `on_trouble` may be called from any thread, as often as the device likes.
    ///
    /// # Errors
    /// There is no device, or it cannot be opened.
    fn open(&mut self, on_trouble: Box<dyn Fn(Trouble) + Send + Sync>) -> Result<Box<dyn Sink>, Fault>;

    /// The open device is gone, or closed for long, and with it whatever is kept for the next one.
    fn lost(&mut self) {}
}

/// An open device. Dropping it silences it at once, whatever it still holds.
pub trait Sink: Send {
    /// Plays `speech` to its end.
    fn play(&self, speech: Speech);

    /// Time from a sample's leaving the [`Speech`] until it is heard.
    fn latency(&self) -> Duration;

    /// A number that moves for as long as the device takes sound or silence. Some devices vanish without a word.
    fn beat(&self) -> u64;
}

/// Something that an open device reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It goes on playing.
    Passing(String),
    /// It has to be opened again.
    Lost(String),
}

/// Why no device could be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);
