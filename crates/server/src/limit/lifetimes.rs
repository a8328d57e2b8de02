use std::{sync::Arc, time::Duration};

use protocol::{Clock, Timestamp};

/// Instants for short lifetimes. Of a single program they are counted from the wall clock at its start by the monotonic clock,
/// so that a wall clock that jumps neither revives what was over nor ends what lives. Several nodes judge each other's
/// deadlines, so theirs go by the wall clock, which a time server keeps.
#[derive(Clone, Debug)]
pub struct Lifetimes {
    clock: Arc<dyn Clock>,
    /// Wall clock and monotonic clock at the start; none: the wall clock counts.
    began: Option<(Timestamp, Duration)>,
}

impl Lifetimes {
    /// Lifetimes of a single program.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { began: Some((clock.now(), clock.monotonic())), clock }
    }

    /// Lifetimes that several nodes share.
    #[must_use]
    pub fn of_nodes(clock: Arc<dyn Clock>) -> Self {
        Self { began: None, clock }
    }

    /// Now, as lifetimes count it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.began {
            Some((began, offset)) => began.plus(self.clock.monotonic().saturating_sub(offset)),
            None => self.clock.now(),
        }
    }
}

/// Whole seconds from `now` until `then`, rounded up; 0 once it is past.
#[must_use]
pub(crate) fn seconds_until(then: Timestamp, now: Timestamp) -> u32 {
    u32::try_from(then.since(now).as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Jumping(std::sync::Mutex<(i64, u64)>);

    impl Clock for Jumping {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_millis(self.0.lock().unwrap().0)
        }
        fn monotonic(&self) -> Duration {
            Duration::from_millis(self.0.lock().unwrap().1)
        }
    }

    #[test]
    fn a_wall_clock_that_jumps_moves_no_lifetime() {
        let clock = Arc::new(Jumping(std::sync::Mutex::new((1_000_000, 500))));
        let lifetimes = Lifetimes::new(clock.clone());
        let began = lifetimes.now();
        *clock.0.lock().unwrap() = (5, 2_500);
        assert_eq!(lifetimes.now().since(began), Duration::from_secs(2));
        assert_eq!(Lifetimes::of_nodes(clock).now(), Timestamp::from_unix_millis(5), "nodes agree on the wall clock");
    }

    #[test]
    fn a_begun_second_counts_as_one() {
        let at = Timestamp::from_unix_millis;
        assert_eq!(seconds_until(at(1_001), at(0)), 2);
        assert_eq!(seconds_until(at(1_000), at(0)), 1);
        assert_eq!(seconds_until(at(0), at(1_000)), 0);
    }
}
