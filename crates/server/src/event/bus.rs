use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use protocol::ids::Cursor;
use server_store::records::Topic;
use tokio::sync::broadcast;

/// Commits that a slow stream may miss before it is told to look at everything again.
const BACKLOG: usize = 1024;

/// Tells streams that something happened. It carries no data: the log in the store is the truth.
#[derive(Debug)]
pub struct Bus {
    /// Topics that were touched; none stands for any.
    sender: broadcast::Sender<Arc<[Topic]>>,
    announced: AtomicI64,
}

impl Bus {
    /// A bus nobody listens to yet.
    #[must_use]
    pub fn new() -> Self {
        Self { sender: broadcast::Sender::new(BACKLOG), announced: AtomicI64::new(0) }
    }

    /// Wakes the streams of these topics; `newest` is the newest event that was appended with them.
    pub fn wake(&self, topics: &[Topic], newest: Option<Cursor>) {
        if let Some(newest) = newest {
            self.announced.fetch_max(newest.0, Ordering::Relaxed);
        }
        if !topics.is_empty() {
            // No listener is no failure.
            let _ = self.sender.send(topics.into());
        }
    }

    /// Wakes every stream if the log has events that no commit of this program announced.
    pub fn catch_up(&self, newest: Cursor) {
        if self.announced.fetch_max(newest.0, Ordering::Relaxed) < newest.0 {
            let _ = self.sender.send(Arc::new([]));
        }
    }

    /// Whether anybody listens.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// From here on, every wake-up is received.
    #[must_use]
    pub fn subscribe(&self) -> Wakes {
        Wakes { receiver: self.sender.subscribe() }
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

/// A listener of the bus.
#[derive(Debug)]
pub struct Wakes {
    receiver: broadcast::Receiver<Arc<[Topic]>>,
}

impl Wakes {
    /// Waits until one of `topics` was touched, or may have been. Does not return once the bus is gone.
    pub async fn next(&mut self, topics: &[Topic]) {
        loop {
            match self.receiver.recv().await {
                Ok(touched) if touched.is_empty() || touched.iter().any(|topic| topics.contains(topic)) => return,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
