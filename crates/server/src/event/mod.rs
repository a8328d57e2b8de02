//! The event stream, what wakes it, and how long events are kept.

mod bus;
mod http;
mod stream;
mod sweep;
#[cfg(test)]
mod tests;
mod watch;

pub use bus::{Bus, Wakes};
pub use http::routes;
use protocol::{event::EventBody, ids::Cursor};
use server_store::{StoreError, records::Topic};
pub use sweep::{keep_swept, sweep};
pub use watch::watch;

use crate::transaction::Tx;

/// Appends to the event log; the topic's streams wake when the transaction is committed.
///
/// # Errors
/// The store failed.
pub async fn append(tx: &mut Tx, topic: Topic, body: &EventBody) -> Result<Cursor, StoreError> {
    tx.append(topic, body).await
}
