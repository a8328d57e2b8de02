//! One connection: HTTP/1.1 with small buffers, because most connections are event streams on which nothing happens.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderValue, Request, StatusCode, header},
};
use http_body::{Frame, SizeHint};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use super::wire::{Line, Times, Wire};

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
    let Manner { router, stopping, closing } = manner;
    let line = Arc::new(Line::new());
    let wire = Wire::new(stream, line.clone(), Times::USUAL);
    let service = service_fn(move |request: Request<Incoming>| {
        line.answering();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().call(request);
        let (line, stopping) = (line.clone(), stopping.clone());
        async move {
            let Ok(mut response) = answer.await;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                line.handed_over();
            } else if stopping.is_cancelled() {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response.map(|body| Watched { body, line }))
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(BUFFER)
        // Answers are so small that a copy of them costs less than a list of their parts.
        .writev(false)
        // The wire has its own bounds of time.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(wire), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The body of an answer; its end is the end of the answer.
#[derive(Debug)]
struct Watched {
    body: Body,
    line: Arc<Line>,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.line.ended();
    }
}
