use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use protocol::{Clock, Timestamp};
use tokio::time::Instant;

/// Noon of an ordinary day.
const NOON: i64 = 1_770_877_800_000;

/// The clock on one machine's wall: it goes with virtual time, and jumps.
#[derive(Debug)]
pub(crate) struct WallClock {
    started: Instant,
    off_by: AtomicI64,
}

impl WallClock {
    pub(crate) fn new(started: Instant) -> Self {
        Self { started, off_by: AtomicI64::new(0) }
    }

    /// Somebody sets it to another time, in milliseconds from the right one.
    pub(crate) fn jump(&self, off_by: i64) {
        self.off_by.store(off_by, Ordering::Release);
    }
}

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_unix_millis(NOON + passed + self.off_by.load(Ordering::Acquire))
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}
