//! The documented chat: customers, staff and those who want to be staff talk to the shop, over HTTP or a socket.
//!
//! It is the conversation of the customer's one session, the same that kiosks and message channels show. A message is stored
//! first; its answer is found off the path of the request, and stored together with everything that it changes.

mod ask;
mod button;
mod customer;
mod enrolment;
mod http;
mod recalled;
mod remember;
mod request;
pub mod socket;
mod speaker;
mod spending;
mod staff;
mod sweep;
mod task;
#[cfg(test)]
mod tests;
mod told;
mod turn;
mod wanted;

pub use http::routes;
pub use speaker::{Speaker, names, speaker};
pub use sweep::sweep;
