use std::sync::atomic::{AtomicBool, Ordering};

/// The time between a start and a power cut. After the cut, whatever the program still wanted to do waits for ever.
#[derive(Debug, Default)]
pub(crate) struct Life(AtomicBool);

impl Life {
    pub(crate) fn end(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Goes on, or never.
    pub(crate) async fn goes_on(&self) {
        if self.is_over() {
            std::future::pending::<()>().await;
        }
    }
}
