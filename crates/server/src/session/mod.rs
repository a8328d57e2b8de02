//! Sessions: what a customer carries from channel to channel.

mod action;
mod cart;
mod chat;
mod end;
mod error;
mod history;
mod http;
pub mod operations;
mod snapshot;
mod start;
mod summary;
#[cfg(test)]
mod tests;
mod token;
mod wire;

pub use chat::NewEntry;
pub use error::SessionError;
pub use http::routes;
pub use snapshot::Snapshot;
pub(crate) use token::LIFE;
pub use token::SessionToken;
pub use wire::{customer as wire_customer, session as wire_session};
