//! The records of each area, with what can be asked about them and how they change.

mod account;
mod answer;
mod catalogue;
mod channel_key;
mod customer;
mod device;
mod event;
mod handoff;
mod idempotency;
mod kiosk_session;
mod loyalty;
mod op;
mod order;
mod payment;
mod phone_session;
mod qr_token;
mod session;
mod stock;

pub use account::*;
pub use answer::*;
pub use catalogue::*;
pub use channel_key::*;
pub use customer::*;
pub use device::*;
pub use event::*;
pub use handoff::*;
pub use idempotency::*;
pub use kiosk_session::*;
pub use loyalty::*;
pub use op::*;
pub use order::*;
pub use payment::*;
pub use phone_session::*;
pub use qr_token::*;
pub use session::*;
pub use stock::*;
