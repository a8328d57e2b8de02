//! Passwords: hashing, what a new one must be, and slowing down who guesses.

mod draw;
mod pool;
mod rule;
mod throttle;

pub use draw::draw;
pub use pool::PasswordPool;
pub use rule::{WeakPassword, check};
pub use throttle::{Attempt, Throttle};
