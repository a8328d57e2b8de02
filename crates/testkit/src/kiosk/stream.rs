//! A kiosk's event stream, event by event.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use eventsource_stream::{EventStream, Eventsource as _};
use futures_util::{Stream, StreamExt as _};
use protocol::event::{EventBody, StreamEvent};

/// A kiosk's event stream.
pub struct KioskEvents {
    stream: EventStream<std::pin::Pin<Box<dyn Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>>,
}

impl KioskEvents {
    pub(super) fn of(answer: reqwest::Response) -> Self {
        Self { stream: answer.bytes_stream().boxed().eventsource() }
    }

    /// The next event.
    ///
    /// # Errors
    /// None comes within `limit`, or the stream ends.
    pub async fn next(&mut self, limit: Duration) -> Result<StreamEvent> {
        let next = tokio::time::timeout(limit, self.stream.next()).await.context("no event came")?;
        let event = next.ok_or_else(|| anyhow!("the event stream ended"))??;
        Ok(serde_json::from_str(&event.data)?)
    }

    /// The next event that `read` understands; others pass by.
    ///
    /// # Errors
    /// None comes within `limit`, or the stream ends.
    pub async fn next_of<T>(&mut self, limit: Duration, mut read: impl FnMut(EventBody) -> Option<T>) -> Result<T> {
        let awaited = async {
            loop {
                if let Some(found) = read(self.next(limit).await?.body) {
                    return Ok(found);
                }
            }
        };
        tokio::time::timeout(limit, awaited).await.context("the awaited event did not come")?
    }
}
