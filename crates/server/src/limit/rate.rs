use std::{
    collections::{HashMap, VecDeque},
    fmt::Debug,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::Clock;

/// Callers remembered at a time; beyond that, whoever was quiet longest is forgotten.
const CALLERS: usize = 65_536;

/// At most so many in any stretch of time, for each caller.
#[derive(Debug)]
pub struct Rate<K> {
    most: usize,
    within: Duration,
    clock: Arc<dyn Clock>,
    seen: Mutex<HashMap<K, VecDeque<Duration>>>,
}

impl<K: Eq + Hash + Copy + Debug> Rate<K> {
    /// At most `most` in any `within`.
    #[must_use]
    pub fn new(most: usize, within: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { most, within, clock, seen: Mutex::default() }
    }

    /// Counts one more.
    ///
    /// # Errors
    /// There were too many, and this one was not counted: seconds until the next is taken.
    pub fn take(&self, caller: K) -> Result<(), u32> {
        let now = self.clock.monotonic();
        let mut seen = self.seen();
        self.judge(&mut seen, caller, now)?;
        if seen.len() >= CALLERS && !seen.contains_key(&caller) {
            self.make_room(&mut seen, now);
        }
        seen.entry(caller).or_default().push_back(now);
        Ok(())
    }

    /// Takes the last count back.
    pub fn give_back(&self, caller: K) {
        if let Some(times) = self.seen().get_mut(&caller) {
            times.pop_back();
        }
    }

    fn judge(&self, seen: &mut HashMap<K, VecDeque<Duration>>, caller: K, now: Duration) -> Result<(), u32> {
        let Some(times) = seen.get_mut(&caller) else { return Ok(()) };
        while times.front().is_some_and(|at| now.saturating_sub(*at) >= self.within) {
            times.pop_front();
        }
        match times.front() {
            None => {
                seen.remove(&caller);
                Ok(())
            }
            Some(oldest) if times.len() >= self.most => {
                let left = (*oldest + self.within).saturating_sub(now);
                Err(u32::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1))
            }
            Some(_) => Ok(()),
        }
    }

    fn make_room(&self, seen: &mut HashMap<K, VecDeque<Duration>>, now: Duration) {
        seen.retain(|_, times| times.back().is_some_and(|at| now.saturating_sub(*at) < self.within));
        if seen.len() >= CALLERS {
            let mut last: Vec<Duration> = seen.values().filter_map(|times| times.back().copied()).collect();
            last.sort_unstable();
            let middle = last.get(last.len() / 2).copied().unwrap_or(now);
            seen.retain(|_, times| times.back().is_some_and(|at| *at > middle));
        }
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<K, VecDeque<Duration>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use testkit::clock::FakeClock;

    use super::*;

    #[test]
    fn one_too_many_waits_until_the_oldest_is_old_enough() {
        let clock = Arc::new(FakeClock::default());
        let rate = Rate::new(2, Duration::from_mins(1), clock.clone());
        assert_eq!(rate.take(1), Ok(()));
        clock.advance(Duration::from_secs(20));
        assert_eq!(rate.take(1), Ok(()));
        assert_eq!(rate.take(1), Err(40));
        assert_eq!(rate.take(2), Ok(()), "another caller is counted alone");
        clock.advance(Duration::from_secs(40));
        assert_eq!(rate.take(1), Ok(()));
        assert_eq!(rate.take(1), Err(20));
        rate.give_back(1);
        assert_eq!(rate.take(1), Ok(()));
    }

    #[test]
    fn a_crowd_of_callers_is_forgotten_rather_than_kept_for_ever() {
        let clock = Arc::new(FakeClock::default());
        let rate = Rate::new(1, Duration::from_mins(1), clock.clone());
        for caller in 0..=CALLERS {
            clock.advance(Duration::from_micros(1));
            assert_eq!(rate.take(caller), Ok(()));
        }
        assert!(rate.seen().len() <= CALLERS);
        assert!(rate.take(CALLERS).is_err(), "the newest is still known");
    }
}
