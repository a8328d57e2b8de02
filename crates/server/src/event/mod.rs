//! The event stream, what it is fed from, and how long events are kept.
//!
//! The log in the store is the truth. One reader per program ([`tail`]) follows it and tells each event to those who follow its
//! topic ([`Bus`]); nobody else asks the database what is new. A commit, another program or another node only says that there
//! may be something ([`Bus::nudge`]), and nothing is lost if it does not.

mod bus;
mod http;
mod stream;
mod sweep;
mod tail;
#[cfg(test)]
mod tests;

pub use bus::{Bus, Follower, News, Told};
pub use http::routes;
use protocol::{event::EventBody, ids::Cursor};
use server_store::{StoreError, records::Topic};
pub use sweep::{keep_swept, sweep};
pub use tail::tail;

use crate::transaction::Tx;

/// Appends to the event log; the topic's followers hear of it when the transaction is committed.
///
/// # Errors
/// The store failed.
pub async fn append(tx: &mut Tx, topic: Topic, body: &EventBody) -> Result<Cursor, StoreError> {
    tx.append(topic, body).await
}
