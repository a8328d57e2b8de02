//! HTTP: connections, the router, and what holds for every request and answer.

mod admission;
#[cfg(test)]
mod admission_tests;
mod body;
mod connection;
mod cors;
#[cfg(test)]
mod cors_tests;
mod date;
mod edge;
mod error;
mod idempotency;
mod language;
mod lasting;
mod pace;
mod page;
mod peer;
mod plain;
mod request_id;
mod router;
mod serve;
mod table;
#[cfg(test)]
mod tests;
mod wire;

pub use body::{JsonBody, OptionalJsonBody};
pub use error::{Answer, Failure, with_error};
pub use idempotency::Idempotency;
pub use language::wanted_language;
pub use lasting::Lasts;
pub use page::Page;
pub use peer::Peer;
#[cfg(test)]
pub(crate) use router::areas;
pub use router::router;
pub use serve::{serve, serve_all};
