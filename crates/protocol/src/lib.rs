//! The words that Vitrine's programs say to each other: ids, wire types, error codes and routes.
//!
//! Nothing here does I/O, and this crate imports no other crate of the workspace. The types derive
//! TypeScript (`ts-rs`) so that what a webview reads is generated and cannot drift.
//!
//! Three groups of types live side by side:
//! - the documented HTTP contract ([`session`], [`memory`], [`auth`], [`account`], [`voice_session`], [`voice_start`],
//!   [`transcript`], [`profile`], [`staff`],
//!   [`customer`], [`catalogue`], [`stock`], [`checkout`], [`order`], [`loyalty`]),
//! - Vitrine's own HTTP API under `/v1/` ([`device`], [`handoff`], [`phone`], [`kiosk_session`], [`kiosk_profile`], [`event`], [`sync`], [`speech`],
//!   [`voice_agent`]),
//! - the view models that the kiosk's core sends to its screen, and the intents that come back ([`view`], [`intent`]), what staff
//!   look up ([`look_up`]), and how the kiosk is doing ([`kiosk_health`]).

pub mod account;
pub mod ambient;
pub mod assistant;
pub mod auth;
pub mod catalogue;
pub mod chat;
pub mod checkout;
pub mod customer;
pub mod device;
pub mod error;
pub mod event;
pub mod handoff;
pub mod health;
pub mod ids;
pub mod intent;
pub mod kiosk_health;
pub mod kiosk_profile;
pub mod kiosk_session;
pub mod look_up;
pub mod loyalty;
pub mod media;
pub mod memory;
pub mod money;
pub mod order;
pub mod phone;
pub mod profile;
pub mod routes;
pub mod session;
pub mod shop;
pub mod speech;
pub mod staff;
pub mod stock;
pub mod sync;
pub mod timestamp;
pub mod transcript;
pub mod view;
pub mod voice_agent;
pub mod voice_session;
pub mod voice_start;

pub use ambient::{Clock, Entropy};
pub use error::{ApiError, ErrorCode};
pub use timestamp::Timestamp;
