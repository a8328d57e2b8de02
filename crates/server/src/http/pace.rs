//! How long a request may take: its body has to keep coming, and its answer has to begin.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody as _},
    extract::Request,
};
use http_body::{Frame, SizeHint};
use protocol::ErrorCode;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::Failure;

/// What a body is given.
const PATIENCE: Patience = Patience { late: Duration::from_secs(15), per_second: 8 * 1024 };

/// How slow a body may be.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// It may be so late.
    late: Duration,
    /// Bytes a second that it has to bring on the whole.
    per_second: u64,
}

/// Why a body was cut.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct TooSlow;

/// Says whether a body is still coming.
#[derive(Clone, Debug, Default)]
pub(super) struct Coming(Option<Arc<AtomicBool>>);

/// Cuts the body of `request` where it comes too slowly.
pub(super) fn paced(request: Request) -> (Request, Coming) {
    paced_with(request, PATIENCE)
}

fn paced_with(request: Request, patience: Patience) -> (Request, Coming) {
    if request.body().is_end_stream() {
        return (request, Coming::default());
    }
    let coming = Arc::new(AtomicBool::new(true));
    let paced = request.map(|body| {
        let coming = coming.clone();
        Body::new(Paced { body, patience, began: Instant::now(), bytes: 0, alarm: None, coming })
    });
    (paced, Coming(Some(coming)))
}

/// The answer of `work` if it begins within `limit` after the body is there.
///
/// # Errors
/// It does not. What `work` has not made durable leaves no trace.
pub(super) async fn within<T>(limit: Duration, coming: Coming, work: impl Future<Output = T>) -> Result<T, Failure> {
    let mut work = std::pin::pin!(work);
    loop {
        match timeout_at(Instant::now() + limit, work.as_mut()).await {
            Ok(answer) => return Ok(answer),
            // A long body has bounds of its own.
            Err(_) if coming.0.as_ref().is_some_and(|coming| coming.load(Ordering::Acquire)) => {}
            Err(_) => {
                tracing::warn!("a request was given up because its answer took too long");
                return Err(Failure::new(ErrorCode::ServiceUnavailable, "This took too long. Please try again."));
            }
        }
    }
}

struct Paced {
    body: Body,
    patience: Patience,
    began: Instant,
    bytes: u64,
    alarm: Option<Pin<Box<Sleep>>>,
    coming: Arc<AtomicBool>,
}

impl Paced {
    fn bound(&self) -> Instant {
        let Patience { late, per_second } = self.patience;
        self.began + late + Duration::from_millis(self.bytes.saturating_mul(1_000) / per_second)
    }
}

impl http_body::Body for Paced {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let more = frame.data_ref().map_or(0, Bytes::len);
                self.bytes = self.bytes.saturating_add(more as u64);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => {
                self.coming.store(false, Ordering::Release);
                Poll::Ready(None)
            }
            Poll::Pending => {
                let bound = self.bound();
                let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(bound)));
                if alarm.deadline() != bound {
                    alarm.as_mut().reset(bound);
                }
                if alarm.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                Poll::Ready(Some(Err(TooSlow.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Whoever drops a body does not wait for the rest of it.
impl Drop for Paced {
    fn drop(&mut self) {
        self.coming.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::http::StatusCode;
    use futures_util::{StreamExt as _, stream};

    use super::*;

    fn request(body: Body) -> Request {
        Request::new(body)
    }

    /// One byte at a time, each so much after the one before.
    fn drops(every: Duration, count: usize, size: usize) -> Body {
        Body::from_stream(stream::iter(0..count).then(move |_| async move {
            tokio::time::sleep(every).await;
            Ok::<_, Infallible>(Bytes::from(vec![b'x'; size]))
        }))
    }

    async fn read(body: Body) -> Result<usize, axum::Error> {
        axum::body::to_bytes(body, usize::MAX).await.map(|bytes| bytes.len())
    }

    const MILLI: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn a_body_that_trickles_is_cut() {
        let patience = Patience { late: 100 * MILLI, per_second: 1_024 };
        let (trickle, _) = paced_with(request(drops(10 * MILLI, usize::MAX, 1)), patience);
        let error = read(trickle.into_body()).await.unwrap_err();
        assert!(error.to_string().contains("too slowly"), "{error}");
        let (silent, _) = paced_with(request(drops(Duration::from_hours(1), 1, 1)), patience);
        assert!(read(silent.into_body()).await.is_err());
    }

    #[tokio::test]
    async fn a_body_that_flows_may_take_longer_than_one_that_is_late() {
        let patience = Patience { late: Duration::from_secs(1), per_second: 1_024 };
        let (flow, _) = paced_with(request(drops(100 * MILLI, 15, 16 * 1024)), patience);
        assert_eq!(read(flow.into_body()).await.unwrap(), 15 * 16 * 1024);
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_given_up() {
        assert_eq!(within(Duration::from_hours(1), Coming::default(), async { 7 }).await.unwrap(), 7);
        let failure = within(50 * MILLI, Coming::default(), std::future::pending::<()>()).await.unwrap_err();
        assert_eq!(failure.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test]
    async fn the_time_of_a_long_body_is_not_that_of_its_answer() {
        let (slow, coming) = paced(request(drops(20 * MILLI, 20, 1)));
        let read_slowly = within(50 * MILLI, coming, read(slow.into_body())).await.unwrap();
        assert_eq!(read_slowly.unwrap(), 20);
        let (slow, coming) = paced(request(drops(20 * MILLI, 5, 1)));
        let stuck = async {
            read(slow.into_body()).await.unwrap();
            std::future::pending::<()>().await;
        };
        assert!(within(50 * MILLI, coming, stuck).await.is_err());
    }
}
