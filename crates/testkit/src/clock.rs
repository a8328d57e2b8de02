//! A clock that stands still until a test moves it.

use std::{sync::Mutex, time::Duration};

use protocol::{Clock, Timestamp};

/// A [`Clock`] whose hands a test moves.
#[derive(Debug)]
pub struct FakeClock {
    began: Timestamp,
    passed: Mutex<Duration>,
}

impl FakeClock {
    /// A clock that shows `began`.
    #[must_use]
    pub fn at(began: Timestamp) -> Self {
        Self { began, passed: Mutex::default() }
    }

    /// Lets `by` pass, on the wall and in monotonic time alike.
    pub fn advance(&self, by: Duration) {
        let mut passed = self.passed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *passed = passed.saturating_add(by);
    }

    /// How much time has passed.
    pub fn passed(&self) -> Duration {
        *self.passed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Default for FakeClock {
    /// Noon in the shop on an ordinary day.
    fn default() -> Self {
        Self::at(Timestamp::from_unix_millis(1_770_877_800_000))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.began.plus(self.passed())
    }

    fn monotonic(&self) -> Duration {
        self.passed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_only_when_told() {
        let clock = FakeClock::default();
        let before = clock.now();
        assert_eq!(clock.now(), before);
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now().since(before), Duration::from_millis(1_500));
        assert_eq!(clock.monotonic(), Duration::from_millis(1_500));
    }
}
