//! When a run ends: by Ctrl-C, by a signal, or by the clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;

/// Whether it is time to stop.
#[derive(Debug)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    at: Option<Instant>,
}

impl Stop {
    /// Stops at Ctrl-C, at a request to terminate, or after `after`.
    ///
    /// # Errors
    /// The signals cannot be caught.
    pub fn on_signals(after: Option<Duration>) -> anyhow::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&asked);
        ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)).context("Ctrl-C cannot be caught")?;
        Ok(Self { asked, at: after.map(|after| Instant::now() + after) })
    }

    /// Whether it is time.
    pub fn is_due(&self) -> bool {
        self.asked.load(Ordering::Relaxed) || self.at.is_some_and(|at| Instant::now() >= at)
    }
}
