//! The transcript of a conversation while it is spoken, over a WebSocket.
//!
//! What was said for good is in the store, and the event log tells every node that there is more of it; sockets of whichever
//! node read it from there. Words still being recognised, and who is speaking, are kept nowhere: they go straight from the
//! report to the sockets of the node that took the report in ([`Transcripts`]), and the sockets of other nodes do without them.
//! Everything has a number, in the order in which reports are committed, so that a socket knows what it has not got.

mod audience;
mod event;
mod http;
mod socket;
#[cfg(test)]
mod tests;

pub use audience::Transcripts;
pub(super) use event::{ended, said};
pub(super) use http::{__path_get, get};

/// What a page offers as WebSocket subprotocol when it offers its ticket as another.
pub(super) const PROTOCOL: &str = "vitrine.transcript";
