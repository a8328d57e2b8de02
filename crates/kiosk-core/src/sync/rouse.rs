use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Rouses the pusher from a pause.
#[derive(Debug, Default)]
pub(crate) struct Rouse {
    notify: Notify,
    all: AtomicBool,
}

impl Rouse {
    /// Something new waits.
    pub(crate) fn new_change(&self) {
        self.notify.notify_one();
    }

    /// The server is in reach, so that nothing need wait for its next try any longer.
    pub(crate) fn everything(&self) {
        self.all.store(true, Ordering::Release);
        self.notify.notify_one();
    }

    /// Waits to be roused; true where it was to try everything.
    pub(super) async fn heard(&self) -> bool {
        self.notify.notified().await;
        self.all.swap(false, Ordering::AcqRel)
    }
}
