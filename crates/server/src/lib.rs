//! The session server: one origin that knows each customer's session and hands it to kiosks.
//!
//! Routes are thin adapters over operations; an operation works in a transaction ([`transaction::Tx`]) and knows no HTTP.
//! Everything a request needs is in [`state::AppState`]; [`http::router`] joins the areas' routes.

pub mod account;
pub mod assistant;
pub mod auth;
pub mod caller;
pub mod catalogue;
pub mod chat;
pub mod command;
pub mod config;
pub mod device;
pub mod event;
pub mod handoff;
pub mod health;
pub mod http;
pub mod import;
pub mod key;
pub mod kiosk_session;
pub mod limit;
pub mod logging;
pub mod loyalty;
pub mod mail;
pub mod media;
pub mod metrics;
pub mod node;
pub mod openapi;
pub mod order;
pub mod output;
pub mod password;
pub mod phone;
pub mod phone_number;
pub mod profile;
pub mod proof;
pub mod provider;
pub mod request;
pub mod secret;
pub mod session;
pub mod speech;
pub mod staff;
pub mod state;
pub mod stock;
pub mod sync;
#[cfg(test)]
mod testing;
pub mod transaction;
pub mod voice_session;

pub use config::Config;
pub use http::{router, serve};
pub use protocol::money;
pub use state::AppState;
