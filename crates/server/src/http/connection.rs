//! One connection: HTTP/1.1 with small buffers, because most connections are event streams on which nothing happens.

use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderValue, Method, Request, StatusCode, Version, header},
};
use http_body::{Body as _, Frame, SizeHint};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use super::{
    lasting::{LastingAnswer, Lasts},
    wire::{Line, Times, Wire},
};

/// Bytes of a request's address and headers, and of a connection's buffers each way. A buffer begins with half of it.
const BUFFER: usize = 16 * 1024;

/// What a connection is served with.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    /// Answers.
    pub(super) router: Router,
    /// The server was told to stop: no further request after the one that is answered.
    pub(super) stopping: CancellationToken,
    /// Connections on which nothing is under way are closed.
    pub(super) closing: CancellationToken,
}

/// Serves a connection to its end.
pub(super) async fn serve(stream: TcpStream, peer: SocketAddr, manner: Manner) {
    // Answers are small and waited for.
    let _ = stream.set_nodelay(true);
    // In a box, which is given back before an answer begins that may last for hours.
    let lasting = Box::pin(speak(stream, peer, manner)).await;
    if let Some(lasting) = lasting {
        lasting.serve().await;
    }
}

/// Answers requests, until the connection ends or an answer lasts.
async fn speak(stream: TcpStream, peer: SocketAddr, manner: Manner) -> Option<LastingAnswer> {
    let Manner { router, stopping, closing } = manner;
    let line = Arc::new(Line::new());
    let wire = Wire::new(stream, line.clone(), Times::USUAL);
    let left = Arc::new(Mutex::new(None));
    let service = service_fn({
        let (line, left) = (line.clone(), left.clone());
        move |request: Request<Incoming>| {
            line.answering();
            let may_last = may_last(&request);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.clone().call(request);
            let (line, left, stopping) = (line.clone(), left.clone(), stopping.clone());
            async move {
                let Ok(mut response) = answer.await;
                let lasts = may_last && response.extensions().get::<Lasts>().is_some();
                if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                    line.handed_over();
                } else if lasts || stopping.is_cancelled() {
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response.map(|body| {
                    if lasts {
                        *left.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
                        return Watched { body: None, line };
                    }
                    Watched { body: Some(body), line }
                }))
            }
        }
    });
    let mut connection = http1::Builder::new()
        .max_buf_size(BUFFER)
        // Answers are so small that a copy of them costs less than a list of their parts.
        .writev(false)
        // The wire has its own bounds of time.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(wire), service)
        .with_upgrades();
    let ended = tokio::select! {
        ended = ended_or_left(&mut connection, &line) => ended,
        () = closing.cancelled() => {
            Pin::new(&mut connection).graceful_shutdown();
            ended_or_left(&mut connection, &line).await
        }
    };
    if let Some(ended) = ended {
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
        return None;
    }
    let body = left.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let stream = connection.into_parts()?.io.into_inner().into_stream();
    Some(LastingAnswer::new(stream, body))
}

/// Whether its answer may be sent without the HTTP library, in chunks.
fn may_last(request: &Request<Incoming>) -> bool {
    request.method() == Method::GET && request.version() == Version::HTTP_11 && request.body().is_end_stream()
}

/// How the connection ended; none once the head of an answer that lasts is sent.
async fn ended_or_left<C>(connection: &mut C, line: &Line) -> Option<hyper::Result<()>>
where
    C: Future<Output = hyper::Result<()>> + Unpin,
{
    poll_fn(|context| match Pin::new(&mut *connection).poll(context) {
        Poll::Pending if line.is_left() => Poll::Ready(None),
        polled => polled.map(Some),
    })
    .await
}

/// The body of an answer; its end is the end of the answer.
#[derive(Debug)]
struct Watched {
    /// None of an answer that lasts, of which the HTTP library sends the head alone.
    body: Option<Body>,
    line: Arc<Line>,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.body else {
            self.line.leaving();
            return Poll::Pending;
        };
        Pin::new(body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_some_and(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(http_body::Body::size_hint).unwrap_or_default()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.line.ended();
    }
}
