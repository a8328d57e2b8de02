//! The records of each area, with what can be asked about them and how they change.

mod account;
mod answer;
mod catalogue;
mod customer;
mod device;
mod event;
mod handoff;
mod idempotency;
mod kiosk_session;
mod op;
mod order;
mod phone_session;
mod session;

pub use account::*;
pub use answer::*;
pub use catalogue::*;
pub use customer::*;
pub use device::*;
pub use event::*;
pub use handoff::*;
pub use idempotency::*;
pub use kiosk_session::*;
pub use op::*;
pub use order::*;
pub use phone_session::*;
pub use session::*;
