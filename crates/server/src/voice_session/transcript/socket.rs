use std::{collections::BTreeMap, time::Duration};

use axum::extract::ws::{CloseFrame, Message, close_code};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use protocol::{
    ids::VoiceSessionId,
    transcript::{SESSION_ENDED, SILENCE_SECONDS, TranscriptEvent},
    voice_session::VoiceEnd,
};
use server_store::StoreError;
use tokio::time::Instant;

use super::{
    super::end::Stage,
    audience::{Heard, Listener, Report},
    event,
};
use crate::{event::Follower, state::AppState};

/// A client that takes longer than this to take one event is too slow, and is dropped.
const SLOW: Duration = Duration::from_secs(10);
/// A client that is told goodbye is given so long to hear it.
const GOODBYE: Duration = Duration::from_secs(1);
/// A client that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(SILENCE_SECONDS);
/// Why a socket is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// The client left, or never took what it was sent.
    Gone,
    /// The client said nothing for too long.
    Silent,
    /// The conversation is over.
    Ended,
    /// The transcript cannot be read.
    Failed,
    /// The server stops.
    Stopping,
}

impl Done {
    fn goodbye(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Silent => (close_code::POLICY, "silence"),
            Self::Ended => (close_code::NORMAL, "session ended"),
            Self::Failed => (close_code::ERROR, "try again"),
            Self::Stopping => (close_code::AWAY, "server stops"),
        };
        Some(CloseFrame { code, reason: reason.into() })
    }
}

/// One open transcript.
pub(super) struct Transcript {
    pub(super) state: AppState,
    pub(super) id: VoiceSessionId,
    /// Hears of what is kept, on whichever node it was reported.
    pub(super) follower: Follower,
    /// Hears everything that is reported to this node.
    pub(super) listener: Listener,
    /// The client has, or wants nothing of, what has this number or a lower one.
    pub(super) sent: i64,
    /// What was reported to this node and waits for what comes before it.
    pub(super) waiting: Vec<TranscriptEvent>,
}

impl Transcript {
    /// Sends what was said and what is being said, until one side has enough; then says why.
    pub(super) async fn run<S, E>(mut self, mut socket: S) -> Done
    where
        S: Stream<Item = Result<Message, E>> + Sink<Message> + Unpin + Send,
    {
        let done = self.follow(&mut socket).await;
        if let Some(goodbye) = done.goodbye() {
            let _ = tokio::time::timeout(GOODBYE, socket.send(Message::Close(Some(goodbye)))).await;
        }
        done
    }

    async fn follow<S, E>(&mut self, socket: &mut S) -> Done
    where
        S: Stream<Item = Result<Message, E>> + Sink<Message> + Unpin + Send,
    {
        let shutdown = self.state.shutdown.clone();
        let mut silent_at = Instant::now() + SILENCE;
        let mut outcome = self.read(socket).await;
        loop {
            match outcome {
                Ok(None) => {}
                Ok(Some(done)) => return done,
                Err(error) => return self.fail(socket, &error).await,
            }
            outcome = tokio::select! {
                () = shutdown.cancelled() => return Done::Stopping,
                _ = self.follower.next() => self.read(socket).await,
                heard = self.listener.next() => match heard {
                    Heard::Missed => self.read(socket).await,
                    Heard::Report(report) => self.hear(socket, &report).await,
                },
                message = socket.next() => match message {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return Done::Gone,
                    Some(Ok(_)) => {
                        silent_at = Instant::now() + SILENCE;
                        Ok(None)
                    }
                },
                () = tokio::time::sleep_until(silent_at) => return Done::Silent,
            };
        }
    }

    /// A report as it came to this node. What follows upon what the client has is sent at once; where numbers are missing, the
    /// store is asked, because another node may have had them.
    async fn hear<S: Sink<Message> + Unpin>(&mut self, socket: &mut S, report: &Report) -> Result<Option<Done>, StoreError> {
        if !report.is_committed().await {
            return Ok(None);
        }
        if report.events.first().is_none_or(|event| event.seq != self.sent + 1) {
            self.waiting.extend(report.events.iter().cloned());
            return self.read(socket).await;
        }
        for event in &report.events {
            self.sent = event.seq;
            if !send(socket, event).await {
                return Ok(Some(Done::Gone));
            }
            if event.event.as_deref() == Some(SESSION_ENDED) {
                return Ok(Some(Done::Ended));
            }
        }
        Ok(None)
    }

    /// Sends what the client has not got, from the store and from the reports that came to this node, in order; and the end, if
    /// that has come.
    async fn read<S: Sink<Message> + Unpin>(&mut self, socket: &mut S) -> Result<Option<Done>, StoreError> {
        loop {
            let mut tx = self.state.read().await?;
            let said = tx.utterances_after(self.id, self.sent).await?;
            let session = tx.voice_session(self.id).await?.map(|counted| counted.session);
            drop(tx);
            // Whatever of this node's reports the store shows was announced before.
            while let Some(report) = self.listener.take() {
                if report.is_committed().await {
                    self.waiting.extend(report.events.iter().cloned());
                }
            }
            let newest = session.as_ref().map_or(i64::MAX, |session| session.last_seq);
            let mut due: BTreeMap<i64, TranscriptEvent> =
                self.waiting.extract_if(.., |event| event.seq <= newest).map(|event| (event.seq, event)).collect();
            due.extend(said.into_iter().map(|utterance| (utterance.seq, event::said(utterance))));
            for (seq, event) in due.split_off(&(self.sent + 1)) {
                // The end is told below, with what the store says of it.
                if event.event.as_deref() != Some(SESSION_ENDED) && !send(socket, &event).await {
                    return Ok(Some(Done::Gone));
                }
                self.sent = seq;
            }
            let over = match &session {
                Some(session) => match Stage::of(session) {
                    Stage::Live => None,
                    Stage::Ended { at, reason } => Some(event::ended(session.last_seq, at, reason)),
                },
                None => Some(event::ended(self.sent + 1, self.state.now(), VoiceEnd::Expired)),
            };
            if let Some(over) = over {
                return Ok(Some(if send(socket, &over).await { Done::Ended } else { Done::Gone }));
            }
            self.sent = self.sent.max(newest);
            if self.waiting.is_empty() {
                return Ok(None);
            }
        }
    }

    async fn fail<S: Sink<Message> + Unpin>(&self, socket: &mut S, error: &StoreError) -> Done {
        tracing::error!(%error, "a transcript cannot be read");
        let heard = send(socket, &event::failed(self.sent + 1, self.state.now())).await;
        if heard { Done::Failed } else { Done::Gone }
    }
}

/// Whether the client took it in time.
async fn send<S: Sink<Message> + Unpin>(socket: &mut S, event: &TranscriptEvent) -> bool {
    let Ok(text) = serde_json::to_string(event) else { return false };
    matches!(tokio::time::timeout(SLOW, socket.send(Message::Text(text.into()))).await, Ok(Ok(())))
}
