//! Several servers on one database behave as one.
//!
//! The records are the truth for all of them, and the event log tells each what the others did. What is in one node's memory
//! is never needed by another: a node that looks at the log a little later misses nothing. [`Relay`] makes it look sooner.

mod key;
mod relay;
mod sweep;

pub(crate) use key::key_of_nodes;
pub(crate) use relay::read as read_address;
pub use relay::{Relay, join};
pub use sweep::keep_swept;
