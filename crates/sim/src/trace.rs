use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

/// What happened, in order, each with its millisecond of the day.
#[derive(Debug)]
pub(crate) struct Trace {
    began: Instant,
    lines: Mutex<Vec<String>>,
}

impl Trace {
    pub(crate) fn new(began: Instant) -> Self {
        Self { began, lines: Mutex::default() }
    }

    pub(crate) fn note(&self, what: impl AsRef<str>) {
        let line = format!("{:>7} {}", self.began.elapsed().as_millis(), what.as_ref());
        self.lines().push(line);
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.lines().clone()
    }

    /// The same for the same day.
    pub(crate) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.lines().hash(&mut hasher);
        hasher.finish()
    }

    fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
