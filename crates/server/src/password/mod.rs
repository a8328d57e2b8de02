//! Passwords: hashing, what a new one must be, and slowing down who guesses.

mod draw;
mod foreign;
mod pool;
mod rule;
mod throttle;

pub use draw::draw;
pub use pool::{Check, HashError, PasswordPool};
pub use rule::{WeakPassword, check};
pub(crate) use throttle::FORGET_AFTER;
pub use throttle::{Attempt, Held, Throttle};
