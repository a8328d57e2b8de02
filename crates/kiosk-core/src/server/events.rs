//! Server-sent events: bytes in, [`StreamEvent`]s out.

use std::time::Duration;

use bytes::Bytes;
use eventsource_stream::Eventsource as _;
use futures_util::{Stream, StreamExt as _, future, stream};
use protocol::event::StreamEvent;

use super::{EventStream, ServerError};

/// A comment comes every 25 s; two of them missing and some patience mean that nobody is there any more.
const SILENCE: Duration = Duration::from_mins(1);

/// Reads the events of `bytes`. Silence ends the stream with an error.
pub(super) fn read(bytes: impl Stream<Item = Result<Bytes, ServerError>> + Send + 'static) -> EventStream {
    awake(bytes)
        .eventsource()
        .filter_map(|event| {
            future::ready(match event {
                Ok(event) => parse(&event.data).map(Ok),
                Err(eventsource_stream::EventStreamError::Transport(error)) => Some(Err(error)),
                Err(_) => Some(Err(ServerError::NotVitrine)),
            })
        })
        .boxed()
}

/// `bytes` until they stop coming. Comments count as life, which is why this looks at bytes and not at events.
fn awake(
    bytes: impl Stream<Item = Result<Bytes, ServerError>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, ServerError>> + Send {
    stream::unfold(Some(Box::pin(bytes)), |bytes| async {
        let mut bytes = bytes?;
        match tokio::time::timeout(SILENCE, bytes.next()).await {
            Ok(Some(chunk)) => Some((chunk, Some(bytes))),
            Ok(None) => None,
            Err(_) => Some((Err(ServerError::Unreachable("the event stream fell silent".into())), None)),
        }
    })
}

/// An event, or none where it cannot be read: a newer server may say things that this program does not know.
fn parse(data: &str) -> Option<StreamEvent> {
    serde_json::from_str(data)
        .inspect_err(|error| tracing::warn!(category = ?error.classify(), "an event cannot be read and is skipped"))
        .ok()
}

#[cfg(test)]
mod tests {
    use protocol::{event::EventBody, ids::Cursor};

    use super::*;

    fn chunks(parts: &[&'static str]) -> impl Stream<Item = Result<Bytes, ServerError>> + Send + 'static {
        stream::iter(parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))).collect::<Vec<_>>())
    }

    #[tokio::test]
    async fn events_are_read_across_chunks_comments_and_strangers() {
        let parts = [
            ": here\n\nid: 7\ndata: {\"cursor\":7,\"at\":\"2026-02-12T10:00:00Z\",",
            "\"body\":{\"kind\":\"device_changed\"}}\n\n",
            "data: nonsense\n\n",
            "data: {\"cursor\":8,\"at\":\"2026-02-12T10:00:00Z\",\"body\":{\"kind\":\"from_the_future\"}}\n\n",
        ];
        let events: Vec<_> = read(chunks(&parts)).map(Result::unwrap).collect().await;
        assert_eq!(events.iter().map(|event| event.cursor).collect::<Vec<_>>(), [Cursor(7), Cursor(8)]);
        assert_eq!(events[1].body, EventBody::Unknown);
    }

    #[tokio::test(start_paused = true)]
    async fn comments_keep_a_stream_alive_and_silence_ends_it() {
        let started = tokio::time::Instant::now();
        let comments = stream::unfold(0, |sent| async move {
            if sent == 4 {
                future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_secs(25)).await;
            Some((Ok(Bytes::from_static(b": here\n\n")), sent + 1))
        });
        let last = read(comments).next().await;
        assert!(matches!(last, Some(Err(ServerError::Unreachable(_)))));
        assert_eq!(started.elapsed(), Duration::from_secs(4 * 25 + 60));
    }
}
