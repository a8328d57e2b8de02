//! Pushing the outbox: in the order things were made, again and again until the server has taken each of them in or refused it.

use std::{sync::Arc, time::Duration};

use kiosk_store::Store;
use protocol::{
    Entropy, ErrorCode,
    ids::OpKey,
    sync::{MAX_OPS, Op, PushRequest, PushResponse, Refusal},
};
use tokio::sync::Notify;

use crate::{
    backoff::Backoff,
    health::Vitals,
    message::{Inbox, Message},
    server::{Server, ServerError},
};

/// Pushes the outbox.
pub(crate) struct Pusher {
    pub(crate) server: Arc<dyn Server>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) messages: Inbox,
    /// Something new waits, or the server is in reach again.
    pub(crate) wake: Arc<Notify>,
    pub(crate) vitals: Arc<Vitals>,
}

/// How a push went.
enum Outcome {
    /// Nothing waits any more.
    Empty,
    /// There may be more.
    Progress,
    /// The server does not take it now.
    Later(ServerError),
    /// The disk does not give or take it now.
    Disk,
}

impl Pusher {
    /// Pushes whenever something waits, until the kiosk is no longer enrolled or its loop has ended.
    pub(crate) async fn run(self) {
        let mut backoff = Backoff::default();
        loop {
            match self.push().await {
                Outcome::Empty => {
                    backoff.reset();
                    self.wake.notified().await;
                }
                Outcome::Progress => backoff.reset(),
                Outcome::Later(error) => {
                    let removed = error.code() == ErrorCode::KioskNotEnrolled;
                    let wait = backoff.next(self.entropy.as_ref()).max(asked_for(&error));
                    self.vitals.not_pushed(error.code(), wait);
                    if !self.messages.send(Message::PushFailed(error)).await || removed {
                        return;
                    }
                    self.pause(wait).await;
                }
                Outcome::Disk => self.pause(backoff.next(self.entropy.as_ref())).await,
            }
        }
    }

    async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.wake.notified() => {}
        }
    }

    /// Pushes what waits once; for the end of the program.
    pub(crate) async fn push_once(&self) {
        self.push().await;
    }

    async fn push(&self) -> Outcome {
        let ops = match self.store.pending(MAX_OPS, &[]).await {
            Ok(ops) => ops,
            Err(error) => return disk(&error),
        };
        if ops.is_empty() {
            return Outcome::Empty;
        }
        match self.server.push(&PushRequest { ops: ops.clone() }).await {
            Ok(response) => self.settle(&ops, response).await,
            Err(ServerError::Refused(error)) if is_for_good(error.code) => match <[Op; 1]>::try_from(ops) {
                Ok([op]) => {
                    let refused = vec![Refusal { key: op.key, error }];
                    self.settle(&[op], PushResponse { applied: Vec::new(), refused }).await
                }
                // One of them is to blame; alone it shows which.
                Err(ops) => self.push_one(&ops[0]).await,
            },
            Err(error) => Outcome::Later(error),
        }
    }

    async fn push_one(&self, op: &Op) -> Outcome {
        match self.server.push(&PushRequest { ops: vec![op.clone()] }).await {
            Ok(response) => self.settle(std::slice::from_ref(op), response).await,
            Err(ServerError::Refused(error)) if is_for_good(error.code) => {
                let refused = vec![Refusal { key: op.key, error }];
                self.settle(std::slice::from_ref(op), PushResponse { applied: Vec::new(), refused }).await
            }
            Err(error) => Outcome::Later(error),
        }
    }

    async fn settle(&self, ops: &[Op], response: PushResponse) -> Outcome {
        let sent = |key: &OpKey| ops.iter().any(|op| op.key == *key);
        let applied: Vec<OpKey> = response.applied.into_iter().filter(sent).collect();
        let refused: Vec<Refusal> = response.refused.into_iter().filter(|refusal| sent(&refusal.key)).collect();
        if applied.is_empty() && refused.is_empty() {
            // The server took nothing in; asking again at once would be a loop.
            return Outcome::Later(ServerError::NotVitrine);
        }
        for refusal in &refused {
            tracing::warn!(key = %refusal.key, code = ?refusal.error.code, "the server refused a change for good");
        }
        if let Err(error) = self.store.settle(&applied, &refused).await {
            return disk(&error);
        }
        self.vitals.pushed();
        // Where nobody hears it the program ends; the disk knows already.
        self.messages.send(Message::Settled { applied, refused }).await;
        Outcome::Progress
    }
}

fn disk(error: &kiosk_store::StoreError) -> Outcome {
    tracing::error!(%error, "the outbox cannot be read or written");
    Outcome::Disk
}

fn asked_for(error: &ServerError) -> Duration {
    match error {
        ServerError::Refused(refusal) => Duration::from_secs(u64::from(refusal.retry_after.unwrap_or(0))),
        _ => Duration::ZERO,
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
