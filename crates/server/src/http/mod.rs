//! HTTP: the router, bodies, errors and the log line of each request.

mod body;
mod error;
mod idempotency;
mod language;
mod log;
mod page;
mod peer;
mod router;
mod serve;
#[cfg(test)]
mod tests;

pub use body::{JsonBody, OptionalJsonBody};
pub use error::{Answer, Failure, with_error};
pub use idempotency::Idempotency;
pub use language::wanted_language;
pub use page::Page;
pub use peer::Peer;
#[cfg(test)]
pub(crate) use router::areas;
pub use router::router;
pub use serve::serve;
