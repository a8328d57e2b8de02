//! Pushing the outbox: in the order things were made, again and again until the server has taken each of them in or refused it.
//!
//! Each conversation is a queue of its own. Where the server cannot take a change of one now, the rest of that conversation waits
//! for it, and all others go on.

mod holding;
mod rouse;
mod spare;
mod trouble;

use std::{sync::Arc, time::Duration};

use kiosk_store::Store;
use protocol::{
    Entropy, ErrorCode,
    ids::{KioskSessionId, OpKey},
    sync::{MAX_BYTES, MAX_OPS, Op, PushRequest, PushResponse, Refusal},
};
use tokio::time::Instant;

use crate::{
    backoff::Backoff,
    health::Vitals,
    message::{Inbox, Message},
    server::{Server, ServerError},
};

pub(crate) use holding::Holding;
pub(crate) use rouse::Rouse;
pub(crate) use spare::Spare;
pub(crate) use trouble::Troubles;

/// Bytes of a push around its changes.
const ENVELOPE: usize = 1024;

/// What the pusher works with.
#[derive(Clone)]
pub(crate) struct Means {
    pub(crate) server: Arc<dyn Server>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) messages: Inbox,
    /// Something new waits, or the server is in reach again.
    pub(crate) rouse: Arc<Rouse>,
    /// Ends of conversations that the disk did not take.
    pub(crate) spare: Arc<Spare>,
    pub(crate) vitals: Arc<Vitals>,
    /// Whom the kiosk has on its screen.
    pub(crate) holding: Arc<Holding>,
}

/// Pushes the outbox.
pub(crate) struct Pusher {
    means: Means,
    /// The way to the server as a whole.
    road: Backoff,
    /// The same while the event stream stands.
    near: Backoff,
    /// Conversations that the server could not take.
    troubles: Troubles,
    /// Changes in one push. Halved while pushes fail as a whole, until it shows which change is to blame; one while the server is
    /// out of reach, as one is enough to find out that it is back.
    limit: usize,
    /// Pushes in a row in which the server was lost although it was there just now.
    falls: u32,
    /// What the server has answered and the disk has not taken yet.
    unsettled: (Vec<OpKey>, Vec<Refusal>),
}

/// How a push went.
enum Outcome {
    /// Nothing waits that could be sent now.
    Empty,
    /// There may be more.
    Progress,
    /// The server does not take it now.
    Later(ServerError),
    /// The disk does not give or take it now.
    Disk,
}

impl Pusher {
    pub(crate) fn new(means: Means) -> Self {
        Self {
            means,
            road: Backoff::quick_at_first(),
            near: Backoff::quick(),
            troubles: Troubles::default(),
            limit: MAX_OPS,
            falls: 0,
            unsettled: Default::default(),
        }
    }

    /// Pushes whenever something waits, until the kiosk is no longer enrolled or its loop has ended.
    pub(crate) async fn run(mut self) {
        loop {
            match self.push().await {
                Outcome::Progress => {}
                Outcome::Empty => {
                    let due = self.troubles.next_due();
                    self.pause(Duration::ZERO, due).await;
                }
                Outcome::Later(error) => {
                    let removed = error.code() == ErrorCode::KioskNotEnrolled;
                    let asked = error.retry_after();
                    // The event stream says that the server is there, so that the way is free again at any moment.
                    let is_near = matches!(error, ServerError::Unreachable(_)) && self.means.vitals.is_streaming();
                    let backoff = if is_near { &mut self.near } else { &mut self.road };
                    let wait = backoff.next(self.means.entropy.as_ref()).max(asked);
                    self.means.vitals.not_pushed(error.code(), wait);
                    if !self.means.messages.send(Message::PushFailed(error)).await || removed {
                        return;
                    }
                    self.pause(asked, Some(Instant::now() + wait)).await;
                }
                Outcome::Disk => {
                    let wait = self.road.next(self.means.entropy.as_ref());
                    self.pause(Duration::ZERO, Some(Instant::now() + wait)).await;
                }
            }
        }
    }

    /// Waits for what the server asked for, whatever happens, and then until the moment or until something new waits.
    async fn pause(&mut self, asked: Duration, until: Option<Instant>) {
        tokio::time::sleep(asked).await;
        let all = tokio::select! {
            biased;
            all = self.means.rouse.heard() => all,
            () = sleep_until(until) => false,
        };
        if all {
            self.troubles.due_now();
        }
    }

    /// Pushes what waits, for the end of the program. Nothing is tried twice.
    pub(crate) async fn push_out(mut self) {
        while matches!(self.push().await, Outcome::Progress) {}
    }

    async fn push(&mut self) -> Outcome {
        if let Err(error) = self.settle_what_is_answered().await {
            self.disk(&error);
            if self.means.spare.is_empty() {
                return Outcome::Disk;
            }
        }
        let ops = match self.batch().await {
            Ok(ops) if ops.is_empty() => return Outcome::Empty,
            Ok(ops) => ops,
            Err(error) => {
                self.disk(&error);
                return Outcome::Disk;
            }
        };
        let streaming = self.means.vitals.is_streaming();
        let request = PushRequest { ops: ops.clone(), holding: self.means.holding.get() };
        match self.means.server.push(&request).await {
            Ok(response) => self.answered(&ops, response).await,
            Err(ServerError::Refused(error)) if is_for_good(error.code) => match <[Op; 1]>::try_from(ops) {
                Ok([op]) => {
                    let refused = vec![Refusal::new(op.key, error)];
                    self.answered(&[op], PushResponse { refused, ..PushResponse::default() }).await
                }
                // One of them is to blame; fewer show which.
                Err(ops) => {
                    self.limit = ops.len().div_ceil(2);
                    Outcome::Progress
                }
            },
            Err(error) => {
                if self.is_suspicious(&error, streaming) {
                    self.suspect(&ops, &error);
                } else if !streaming && matches!(error, ServerError::Unreachable(_)) {
                    self.limit = 1;
                }
                Outcome::Later(error)
            }
        }
    }

    /// What is pushed next.
    async fn batch(&self) -> Result<Vec<Op>, kiosk_store::StoreError> {
        let Means { store, spare, .. } = &self.means;
        let held_up = self.troubles.held_up();
        let mut ops = match store.pending(self.limit, &held_up).await {
            Ok(ops) => ops,
            Err(error) if spare.is_empty() => return Err(error),
            Err(error) => {
                self.disk(&error);
                Vec::new()
            }
        };
        if ops.len() < self.limit {
            // Everything else of their conversations stands before them.
            ops.extend(spare.list().into_iter().filter(|op| !held_up.contains(&op.kiosk_session_id)));
        }
        if ops.is_empty()
            && let Some(alone) = self.troubles.alone()
        {
            ops = store.pending_of(alone, self.limit).await?;
            ops.extend(spare.list().into_iter().filter(|op| op.kiosk_session_id == alone));
            ops.truncate(1);
        }
        cut(&mut ops);
        Ok(ops)
    }

    /// Whether one of the changes may be why a push failed as a whole: the server stumbled over it, or falls whenever it comes.
    fn is_suspicious(&mut self, error: &ServerError, streaming: bool) -> bool {
        match error {
            ServerError::Refused(error) => {
                matches!(error.code, ErrorCode::InternalError | ErrorCode::UpstreamError | ErrorCode::Unknown)
            }
            ServerError::Unreachable(_) => {
                self.falls += u32::from(streaming);
                streaming && self.falls > 1
            }
            ServerError::NotVitrine => false,
        }
    }

    /// A push failed as a whole in a way that one of its changes may be to blame for.
    fn suspect(&mut self, ops: &[Op], error: &ServerError) {
        match ops {
            [op] => self.troubles.alone_from_now_on(op.kiosk_session_id, error.code(), self.means.entropy.as_ref()),
            _ => self.limit = ops.len().div_ceil(2),
        }
        self.means.vitals.held_up(&self.troubles);
    }

    async fn answered(&mut self, ops: &[Op], response: PushResponse) -> Outcome {
        let sent = |key: &OpKey| ops.iter().find(|op| op.key == *key).map(|op| op.kiosk_session_id);
        let PushResponse { mut applied, mut refused, later } = response;
        applied.retain(|key| sent(key).is_some());
        refused.retain(|refusal| sent(&refusal.key).is_some());
        let progress = !applied.is_empty() || !refused.is_empty();
        let taken: Vec<KioskSessionId> =
            applied.iter().chain(refused.iter().map(|refusal| &refusal.key)).filter_map(sent).collect();
        for conversation in taken {
            self.troubles.over(conversation);
        }
        let mut cause = None;
        for Refusal { key, error, .. } in later {
            let Some(conversation) = sent(&key) else { continue };
            self.troubles.later(conversation, &error, self.means.entropy.as_ref());
            cause.get_or_insert(error);
        }
        self.means.vitals.held_up(&self.troubles);
        if !progress {
            // Asking again at once would be a loop.
            return Outcome::Later(cause.map_or(ServerError::NotVitrine, ServerError::Refused));
        }
        self.limit = self.limit.saturating_mul(2).min(MAX_OPS);
        self.falls = 0;
        self.road.reset();
        self.near.reset();
        self.means.vitals.pushed();
        // Between two values of a profile the customer decides, or nobody: staff can do nothing about it.
        let (disputed, wedged): (Vec<_>, Vec<_>) = refused.iter().cloned().partition(|refusal| refusal.profile.is_some());
        for refusal in &wedged {
            tracing::warn!(key = %refusal.key, code = ?refusal.error.code, "the server refused a change for good");
        }
        self.unsettled.0.extend(applied.iter().copied().chain(disputed.iter().map(|refusal| refusal.key)));
        self.unsettled.1.extend(wedged);
        let settled = self.settle_what_is_answered().await;
        // Where nobody hears it the program ends; the disk knows already.
        self.means.messages.send(Message::Settled { applied, refused }).await;
        match settled {
            Ok(()) => Outcome::Progress,
            Err(error) => {
                self.disk(&error);
                Outcome::Disk
            }
        }
    }

    /// Tells the disk what the server has answered.
    async fn settle_what_is_answered(&mut self) -> Result<(), kiosk_store::StoreError> {
        let (applied, refused) = &mut self.unsettled;
        applied.retain(|key| !self.means.spare.forget(*key));
        refused.retain(|refusal| !self.means.spare.forget(refusal.key));
        if applied.is_empty() && refused.is_empty() {
            return Ok(());
        }
        self.means.store.settle(applied, refused).await?;
        applied.clear();
        refused.clear();
        Ok(())
    }

    fn disk(&self, error: &kiosk_store::StoreError) {
        tracing::error!(%error, "the outbox cannot be read or written");
        self.means.vitals.disk(error);
    }
}

/// Leaves as many changes as fit into one push, at least one.
fn cut(ops: &mut Vec<Op>) {
    let mut left = MAX_BYTES - ENVELOPE;
    let fitting = ops.iter().take_while(|op| {
        let bytes = serde_json::to_vec(op).map_or(0, |json| json.len() + 1);
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        fits
    });
    let count = fitting.count().max(1);
    ops.truncate(count);
}

async fn sleep_until(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// Whether sending the same again can never work.
fn is_for_good(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::BadRequest
            | ErrorCode::ValidationError
            | ErrorCode::MalformedJson
            | ErrorCode::PayloadTooLarge
            | ErrorCode::IdempotencyMismatch
    )
}
