//! Sessions: what a customer carries from channel to channel.

mod absorb;
mod action;
mod begin;
mod beside;
mod cart;
mod chat;
mod end;
mod error;
mod history;
mod http;
mod live;
mod look;
mod memory;
pub mod operations;
mod snapshot;
mod start;
mod summary;
#[cfg(test)]
mod tests;
mod token;
mod wire;

pub(crate) use action::parse_channel;
pub use begin::{Details, Person, Wish};
pub use chat::NewEntry;
pub use error::SessionError;
pub use http::routes;
pub use live::{Kept, LiveSessions};
pub use snapshot::Snapshot;
pub use start::strength;
pub(crate) use token::LIFE;
pub use token::SessionToken;
pub use wire::{customer as wire_customer, customer_by_number, own as wire_own, session as wire_session};
