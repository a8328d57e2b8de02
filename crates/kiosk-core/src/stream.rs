//! The event stream: connected for as long as the kiosk is enrolled, resumed where it broke off.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use kiosk_store::Store;
use protocol::{
    Entropy, ErrorCode,
    ids::Cursor,
    kiosk_health::{Part, StreamState},
};
use tokio::{sync::Notify, time::Instant};

use crate::{
    backoff::Backoff,
    health::Vitals,
    message::{Inbox, Message, Stream},
    server::{Server, ServerError},
};

/// A stream that stood this long was no fluke, so the next try comes quickly.
const STEADY: Duration = Duration::from_secs(10);

/// How often the loop is told that the stream still cannot be opened.
const STILL_DOWN: Duration = Duration::from_secs(10);

/// The event stream.
pub(crate) struct Listener {
    pub(crate) server: Arc<dyn Server>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) messages: Inbox,
    /// Tries at once.
    pub(crate) retry: Arc<Notify>,
    pub(crate) vitals: Arc<Vitals>,
}

impl Listener {
    /// Listens until the kiosk is no longer enrolled or its loop has ended.
    pub(crate) async fn run(self) {
        let mut backoff = Backoff::quick();
        let mut last = self.store.cursor().await.ok().flatten();
        let mut told_down: Option<(ErrorCode, Instant)> = None;
        loop {
            let started = Instant::now();
            let mut asked = Duration::ZERO;
            self.vitals.stream(StreamState::Connecting);
            match self.server.events(last).await {
                Ok(mut events) => {
                    self.vitals.stream(StreamState::Up);
                    told_down = None;
                    if !self.tell(Stream::Up).await {
                        return;
                    }
                    while let Some(event) = events.next().await {
                        match event {
                            Ok(event) => {
                                self.vitals.event();
                                last = last.max(Some(event.cursor));
                                backoff.reset();
                                if !self.tell(Stream::Event(event)).await {
                                    return;
                                }
                            }
                            Err(error) => {
                                self.vitals.saw(Part::Stream, error.code());
                                tracing::info!(%error, "the event stream broke off and is resumed");
                                break;
                            }
                        }
                    }
                    self.vitals.stream(StreamState::Connecting);
                    if started.elapsed() >= STEADY {
                        backoff.reset();
                    }
                }
                Err(ServerError::Refused(error)) if error.code == ErrorCode::CursorExpired && last.is_some() => {
                    last = self.start_over().await;
                    if !self.tell(Stream::Missed).await {
                        return;
                    }
                    continue;
                }
                Err(error) => {
                    self.vitals.stream(StreamState::Down);
                    self.vitals.saw(Part::Stream, error.code());
                    asked = error.retry_after();
                    let code = error.code();
                    let is_news = told_down.is_none_or(|(told, at)| told != code || at.elapsed() >= STILL_DOWN);
                    if is_news {
                        told_down = Some((code, Instant::now()));
                        if !self.tell(Stream::Down(error)).await || code == ErrorCode::KioskNotEnrolled {
                            return;
                        }
                    }
                }
            }
            let wait = backoff.next(self.entropy.as_ref());
            tokio::time::sleep(asked).await;
            tokio::select! {
                biased;
                () = tokio::time::sleep(wait) => {}
                () = self.retry.notified() => {}
            }
        }
    }

    /// Forgets a place that the server's log does not reach back to.
    async fn start_over(&self) -> Option<Cursor> {
        if let Err(error) = self.store.forget_cursor().await {
            tracing::warn!(%error, "the place in the event log was not forgotten");
        }
        None
    }

    /// False once nobody listens.
    async fn tell(&self, stream: Stream) -> bool {
        self.messages.send(Message::Stream(stream)).await
    }
}
