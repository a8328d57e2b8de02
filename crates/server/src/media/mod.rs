//! Photos and videos that customers show the shop: their owner's own, cleaned of everything but the picture, and gone after
//! a day or with the conversation.
//!
//! The database knows them, a folder has them. Several nodes need one folder that all of them see ([`crate::Config::uploads`]).

mod clean;
mod http;
mod keep;
mod sweep;
#[cfg(test)]
mod tests;

pub use clean::{Content, LARGEST_IMAGE, LARGEST_VIDEO, Refusal, clean};
pub use http::{room_for, routes};
pub use keep::{MediaError, NewMedia, decode, keep, remove, wire};
pub use sweep::{keep_swept, sweep};
