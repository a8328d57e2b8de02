//! Answers that stay open for hours. Once the head of such an answer is sent, nothing of HTTP is left to do but to frame what
//! comes: the connection is taken over from the HTTP library, which would keep several KiB for each of them and look at all of
//! its own state with each event.

use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use http_body::{Body as _, Frame};
use tokio::{
    io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
};

use super::wire::Times;

/// The last chunk of a body, by RFC 9112, section 7.1.
const END: &[u8] = b"0\r\n\r\n";
/// A peer that sends so many bytes while it is answered wants something else.
const UNASKED: usize = 16 * 1024;

/// Marks an answer as one that lasts. Its connection serves nothing else after it.
#[derive(Clone, Copy, Debug)]
pub struct Lasts;

/// An answer whose head is sent, with its connection.
#[derive(Debug)]
pub(super) struct LastingAnswer {
    stream: TcpStream,
    body: Body,
    /// Bytes that came unasked.
    unasked: usize,
}

impl LastingAnswer {
    /// The rest of an answer that is sent in chunks.
    pub(super) fn new(stream: TcpStream, body: Body) -> Self {
        Self { stream, body, unasked: 0 }
    }

    /// Sends what comes until one side has enough.
    pub(super) async fn serve(mut self) {
        if let Err(error) = self.send_all().await {
            tracing::debug!(%error, "a stream ended early");
        }
    }

    async fn send_all(&mut self) -> io::Result<()> {
        while let Some(next) = self.next().await {
            match next {
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref().filter(|data| !data.is_empty()) {
                        self.send(&chunk(data)).await?;
                    }
                }
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => {
                    self.send(END).await?;
                    self.stream.shutdown().await?;
                    return self.linger().await;
                }
            }
        }
        Ok(())
    }

    /// What comes next of the body; none once the peer has gone.
    async fn next(&mut self) -> Option<Option<Result<Frame<Bytes>, axum::Error>>> {
        poll_fn(|context| {
            if self.peer_is_gone(context) {
                return Poll::Ready(None);
            }
            Pin::new(&mut self.body).poll_frame(context).map(Some)
        })
        .await
    }

    fn peer_is_gone(&mut self, context: &mut Context<'_>) -> bool {
        let mut bytes = [0; 64];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Pending => return false,
                Poll::Ready(Err(_)) => return true,
                Poll::Ready(Ok(())) => {
                    self.unasked += buffer.filled().len();
                    if buffer.filled().is_empty() || self.unasked > UNASKED {
                        return true;
                    }
                }
            }
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let sent = match self.stream.try_write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            sent => sent?,
        };
        let rest = bytes.get(sent..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(());
        }
        within(Times::USUAL.write, self.stream.write_all(rest)).await
    }

    /// Waits a moment for the peer to end its side, too, so that it reads the last chunk before the connection is gone.
    async fn linger(&mut self) -> io::Result<()> {
        let gone = poll_fn(|context| if self.peer_is_gone(context) { Poll::Ready(Ok(())) } else { Poll::Pending });
        within(Times::USUAL.linger, gone).await
    }
}

async fn within(limit: Duration, work: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
}

/// A chunk of a body, by RFC 9112, section 7.1.
fn chunk(data: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", data.len()).into_bytes();
    chunk.reserve_exact(data.len() + 2);
    chunk.extend_from_slice(data);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::StreamExt as _;
    use tokio::{io::AsyncReadExt as _, net::TcpListener, sync::mpsc, task::JoinHandle};
    use tokio_stream::wrappers::UnboundedReceiverStream;

    use super::*;

    struct Open {
        far: TcpStream,
        says: mpsc::UnboundedSender<&'static str>,
        serving: JoinHandle<()>,
    }

    async fn open() -> Open {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let far = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (near, _) = listener.accept().await.unwrap();
        let (says, said) = mpsc::unbounded_channel();
        let said = UnboundedReceiverStream::new(said).map(|text: &str| Ok::<_, Infallible>(Bytes::from(text)));
        let serving = tokio::spawn(LastingAnswer::new(near, Body::from_stream(said)).serve());
        Open { far, says, serving }
    }

    #[tokio::test]
    async fn what_comes_is_sent_in_chunks_until_it_ends() {
        let Open { mut far, says, serving } = open().await;
        says.send("id: 1\n\n").unwrap();
        let mut first = [0; 12];
        far.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"7\r\nid: 1\n\n\r\n");
        says.send("").unwrap();
        says.send("data: seventeen..").unwrap();
        drop(says);
        let mut rest = String::new();
        far.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "11\r\ndata: seventeen..\r\n0\r\n\r\n");
        drop(far);
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_peer_that_goes_ends_it() {
        let Open { far, says, serving } = open().await;
        drop(far);
        serving.await.unwrap();
        assert!(says.is_closed(), "nobody is left to send it to");
    }

    #[tokio::test]
    async fn a_peer_that_talks_all_the_time_ends_it_too() {
        let Open { mut far, says, serving } = open().await;
        far.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        says.send("still here").unwrap();
        let mut chunk = [0; 15];
        far.read_exact(&mut chunk).await.unwrap();
        // The connection may be gone before all of it was taken.
        let _ = far.write_all(&[b'x'; UNASKED]).await;
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_large_piece_is_sent_whole() {
        let Open { mut far, says, serving } = open().await;
        let large: &'static str = Box::leak("x".repeat(8 * 1024 * 1024).into_boxed_str());
        says.send(large).unwrap();
        drop(says);
        let mut all = Vec::new();
        far.read_to_end(&mut all).await.unwrap();
        assert_eq!(all.len(), "800000\r\n".len() + large.len() + "\r\n0\r\n\r\n".len());
        drop(far);
        serving.await.unwrap();
    }
}
