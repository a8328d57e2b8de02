//! The server's outer edge and its operator's tools, on the real program: slow, broken and too many callers, a stop under load,
//! what the log holds.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a story that cannot be told has failed")]

mod caller;
mod disk;
mod doctor;
mod head;
mod listen;
mod log;
mod mail;
mod place;
mod stop;
