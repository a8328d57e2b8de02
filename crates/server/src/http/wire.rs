//! A connection below HTTP: how long it may take, and the words of a refusal that is given before there is a request.
//!
//! The HTTP library answers a head that it cannot read by itself, with a status and no body, and offers no say in it. It does
//! so when no answer of ours is under way, so whatever is written at such a time is replaced here by a refusal like all others.

use std::{
    io::{self, ErrorKind, IoSlice},
    mem::MaybeUninit,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use protocol::{ApiError, ErrorCode};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// How long a connection may take for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// From the first byte of a head to its last.
    head: Duration,
    /// Between two requests.
    idle: Duration,
    /// Until the peer takes some of what it is sent.
    pub(super) write: Duration,
    /// Until the peer ends the connection that we have ended.
    pub(super) linger: Duration,
}

impl Times {
    /// Between requests longer than proxies keep connections, so that it is they who close them.
    pub(super) const USUAL: Self = Self {
        head: Duration::from_secs(15),
        idle: Duration::from_secs(90),
        write: Duration::from_mins(1),
        linger: Duration::from_secs(2),
    };
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Stage {
    /// Between requests, or in the middle of a head.
    Reading,
    /// A request is being answered.
    Answering,
    /// The answer is complete, but not all of it is sent.
    Ending,
    /// Another protocol has it.
    HandedOver,
    /// An answer lasts, and its head is not sent yet.
    Leaving,
    /// It is.
    Left,
}

/// What a connection is doing, as the two who move it on see it: who answers, and who writes.
#[derive(Debug)]
pub(super) struct Line(AtomicU8);

impl Line {
    /// A new connection.
    pub(super) fn new() -> Self {
        Self(AtomicU8::new(Stage::Reading as u8))
    }

    /// A request is there.
    pub(super) fn answering(&self) {
        self.0.store(Stage::Answering as u8, Ordering::Release);
    }

    /// The last of the answer is there.
    pub(super) fn ended(&self) {
        self.step(Stage::Answering, Stage::Ending);
    }

    /// From here on, the connection speaks something else.
    pub(super) fn handed_over(&self) {
        self.0.store(Stage::HandedOver as u8, Ordering::Release);
    }

    /// The head of an answer that lasts is written.
    pub(super) fn leaving(&self) {
        self.step(Stage::Answering, Stage::Leaving);
    }

    /// Whether the head of an answer that lasts is sent.
    pub(super) fn is_left(&self) -> bool {
        self.is(Stage::Left)
    }

    /// Everything that was written is sent.
    fn sent(&self) -> bool {
        self.step(Stage::Leaving, Stage::Left);
        self.step(Stage::Ending, Stage::Reading)
    }

    fn step(&self, from: Stage, to: Stage) -> bool {
        self.0.compare_exchange(from as u8, to as u8, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    fn is(&self, stage: Stage) -> bool {
        self.0.load(Ordering::Acquire) == stage as u8
    }
}

/// A connection with its bounds of time.
#[derive(Debug)]
pub(super) struct Wire<S> {
    stream: S,
    line: Arc<Line>,
    times: Times,
    /// Since when nothing came between two requests.
    idle_since: Instant,
    /// Since when a head is coming.
    head_since: Option<Instant>,
    /// Since when the peer takes nothing.
    stuck_since: Option<Instant>,
    /// Since when our side has ended.
    closing_since: Option<Instant>,
    /// Wakes at the earliest bound or before; made when there is something to wait for.
    alarm: Option<Pin<Box<Sleep>>>,
    refusal: Option<Refusal>,
}

/// What is sent instead of the library's own answer.
#[derive(Debug)]
struct Refusal {
    text: Vec<u8>,
    sent: usize,
}

impl<S> Wire<S> {
    /// `stream`, on which requests come.
    pub(super) fn new(stream: S, line: Arc<Line>, times: Times) -> Self {
        Self {
            stream,
            line,
            times,
            idle_since: Instant::now(),
            head_since: None,
            stuck_since: None,
            closing_since: None,
            alarm: None,
            refusal: None,
        }
    }

    /// The stream alone.
    pub(super) fn into_stream(self) -> S {
        self.stream
    }

    /// Whether `bound` is over; if not, the task is woken then.
    fn is_over(&mut self, bound: Instant, context: &mut Context<'_>) -> bool {
        if Instant::now() >= bound {
            return true;
        }
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(bound)));
        if alarm.deadline() > bound || alarm.is_elapsed() {
            alarm.as_mut().reset(bound);
        }
        // An alarm that was set for something earlier is set again.
        while alarm.as_mut().poll(context).is_ready() {
            if Instant::now() >= bound {
                return true;
            }
            alarm.as_mut().reset(bound);
        }
        false
    }

    fn read_bound(&self) -> Instant {
        self.head_since.map_or(self.idle_since + self.times.idle, |since| since + self.times.head)
    }
}

fn too_slow() -> io::Error {
    io::Error::from(ErrorKind::TimedOut)
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if !self.line.is(Stage::Reading) {
            self.head_since = None;
            // A stream may stay open for hours; it keeps no alarm.
            self.alarm.take_if(|alarm| alarm.is_elapsed());
            return read;
        }
        if read.is_ready() {
            if buffer.filled().len() > before && self.head_since.is_none() {
                self.head_since = Some(Instant::now());
            }
            return read;
        }
        let bound = self.read_bound();
        if self.is_over(bound, context) { Poll::Ready(Err(too_slow())) } else { Poll::Pending }
    }
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    /// Judges how an attempt to write went.
    fn judge<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() || self.line.is(Stage::HandedOver) {
            self.stuck_since = None;
            return written;
        }
        let since = *self.stuck_since.get_or_insert_with(Instant::now);
        if self.is_over(since + self.times.write, context) { Poll::Ready(Err(too_slow())) } else { Poll::Pending }
    }

    /// Sends our refusal in place of `text`, which the library wrote by itself.
    fn refuse(&mut self, text: &[u8], context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut refusal = self.refusal.take().unwrap_or_else(|| Refusal::instead_of(text));
        while refusal.sent < refusal.text.len() {
            let written = Pin::new(&mut self.stream).poll_write(context, &refusal.text[refusal.sent..]);
            match self.judge(written, context) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(more)) => refusal.sent += more,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.refusal = Some(refusal);
                    return Poll::Pending;
                }
            }
        }
        // Nothing of the library's answer is left, and nothing follows it.
        self.line.answering();
        Poll::Ready(Ok(text.len()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.line.is(Stage::Reading) && !bytes.is_empty() {
            return self.refuse(bytes, context);
        }
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.line.is(Stage::Reading) {
            let first = parts.iter().find(|part| !part.is_empty()).map(|part| &**part).unwrap_or_default();
            return self.poll_write(context, first);
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.judge(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        ready!(self.judge(flushed, context))?;
        if self.line.sent() {
            self.idle_since = Instant::now();
            self.head_since = None;
        }
        Poll::Ready(Ok(()))
    }

    /// Ends our side, and waits a moment for the peer to end its own: a connection that is closed while something comes in is
    /// reset, and the peer may lose an answer that it has not read yet.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.closing_since.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        }
        let bound = *self.closing_since.get_or_insert_with(Instant::now) + self.times.linger;
        let mut unread = [MaybeUninit::uninit(); 4_096];
        loop {
            if Instant::now() >= bound {
                return Poll::Ready(Ok(()));
            }
            let mut buffer = ReadBuf::uninit(&mut unread);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending if self.is_over(bound, context) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl Refusal {
    fn instead_of(text: &[u8]) -> Self {
        let status = text.get(9..12).and_then(|status| std::str::from_utf8(status).ok()).unwrap_or_default();
        let text = match status {
            "414" | "431" => plain_refusal(
                "413 Payload Too Large",
                &ApiError::new(
                    ErrorCode::PayloadTooLarge,
                    "The address and the headers of the request are too long; send at most 16 KiB.",
                ),
            ),
            _ => plain_refusal(
                "400 Bad Request",
                &ApiError::new(ErrorCode::BadRequest, "This is no HTTP request that can be read."),
            ),
        };
        Self { text, sent: 0 }
    }
}

/// A refusal on a connection that is closed after it.
pub(super) fn plain_refusal(status: &str, error: &ApiError) -> Vec<u8> {
    let body = serde_json::to_string(error).unwrap_or_default();
    let wait = error.retry_after.map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n\
         {wait}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    const LONG: Duration = Duration::from_hours(1);
    const SHORT: Duration = Duration::from_millis(50);
    const LONG_TIMES: Times = Times { head: LONG, idle: LONG, write: LONG, linger: LONG };

    fn wire(times: Times) -> (Wire<DuplexStream>, DuplexStream, Arc<Line>) {
        let (near, far) = duplex(64);
        let line = Arc::new(Line::new());
        (Wire::new(near, line.clone(), times), far, line)
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_and_a_silent_caller_are_cut() {
        let (mut wire, mut far, _line) = wire(Times { head: SHORT, ..LONG_TIMES });
        far.write_all(b"GET /").await.unwrap();
        let mut bytes = [0; 64];
        assert_eq!(wire.read(&mut bytes).await.unwrap(), 5);
        wire.flush().await.unwrap();
        assert_eq!(wire.read(&mut bytes).await.unwrap_err().kind(), ErrorKind::TimedOut);
        let (mut wire, _far, _line) = self::wire(Times { idle: SHORT, ..LONG_TIMES });
        assert_eq!(wire.read(&mut bytes).await.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn while_an_answer_is_under_way_nobody_is_too_late() {
        let (mut wire, mut far, line) = wire(Times { head: SHORT, idle: SHORT, ..LONG_TIMES });
        line.answering();
        let mut bytes = [0; 64];
        assert!(tokio::time::timeout(SHORT * 4, wire.read(&mut bytes)).await.is_err());
        line.ended();
        wire.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        wire.flush().await.unwrap();
        assert_eq!(far.read(&mut bytes).await.unwrap(), 19);
        assert_eq!(wire.read(&mut bytes).await.unwrap_err().kind(), ErrorKind::TimedOut, "and from then on it is");
    }

    #[tokio::test]
    async fn a_peer_that_takes_nothing_is_cut() {
        let (mut wire, _far, line) = wire(Times { write: SHORT, ..LONG_TIMES });
        line.answering();
        assert_eq!(wire.write_all(&[b'x'; 1_000]).await.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn only_what_the_library_says_by_itself_is_replaced() {
        let (mut wire, mut far, line) = wire(Times { linger: SHORT, ..LONG_TIMES });
        let bare = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n";
        line.answering();
        let ours = tokio::spawn(async move {
            wire.write_all(bare).await.unwrap();
            line.ended();
            wire.write_all(b"and more").await.unwrap();
            wire.flush().await.unwrap();
            wire.write_all(bare).await.unwrap();
            wire.shutdown().await.unwrap();
        });
        let mut said = String::new();
        far.read_to_string(&mut said).await.unwrap();
        ours.await.unwrap();
        let (first, second) = said.split_once("and more").unwrap();
        assert_eq!(first.as_bytes(), bare);
        let (head, body) = second.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{head}");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        let error: ApiError = serde_json::from_str(body).unwrap();
        assert_eq!(error.code, ErrorCode::PayloadTooLarge);
    }

    #[tokio::test]
    async fn a_peer_that_still_sends_reads_the_answer_before_it_is_cut_off() {
        let (mut wire, mut far, line) = wire(LONG_TIMES);
        line.answering();
        let sending = tokio::spawn(async move {
            far.write_all(&[b'x'; 10_000]).await.unwrap();
            let mut said = String::new();
            far.read_to_string(&mut said).await.unwrap();
            said
        });
        wire.write_all(b"HTTP/1.1 413").await.unwrap();
        wire.shutdown().await.unwrap();
        assert_eq!(sending.await.unwrap(), "HTTP/1.1 413");
        let (mut wire, _far, _line) = self::wire(Times { linger: SHORT, ..LONG_TIMES });
        wire.shutdown().await.unwrap();
    }

    #[tokio::test]
    async fn another_protocol_is_left_alone() {
        let (mut wire, mut far, line) = wire(Times { head: SHORT, idle: SHORT, write: SHORT, linger: SHORT });
        line.answering();
        line.handed_over();
        line.ended();
        wire.write_all(b"HTTP/1.1 101").await.unwrap();
        wire.flush().await.unwrap();
        wire.write_all(b" a frame").await.unwrap();
        let mut bytes = [0; 20];
        far.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"HTTP/1.1 101 a frame");
        assert!(tokio::time::timeout(SHORT * 4, wire.read(&mut bytes)).await.is_err());
    }
}
