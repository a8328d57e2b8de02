use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::Clock;

use super::{MINUTE, Network};

/// Pieces, so that threads seldom wait for each other.
const PIECES: usize = 64;
/// Addresses that are remembered in one piece.
const ADDRESSES: usize = 1_024;

/// How many calls a minute each address has. Calls that were not made are not saved up beyond that; a call comes back every
/// minute divided by their number, so nobody waits for the end of a minute.
#[derive(Debug)]
pub struct Budget {
    per_minute: u32,
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    /// When each address will have all its calls again, on the monotonic clock.
    whole_at: Vec<Mutex<HashMap<Network, Duration>>>,
}

/// What an address has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Calls a minute.
    pub limit: u32,
    /// Calls that can be made at once.
    pub remaining: u32,
    /// Seconds until all of them can.
    pub reset: u32,
    /// Seconds until this call may be made, where it may not be made now.
    pub wait: Option<u32>,
}

impl Budget {
    /// `per_minute` calls for each address; with 0 there is no limit.
    #[must_use]
    pub fn new(per_minute: u32, clock: Arc<dyn Clock>) -> Self {
        let whole_at = (0..PIECES).map(|_| Mutex::default()).collect();
        Self { per_minute, clock, hasher: RandomState::new(), whole_at }
    }

    /// Counts a call of `address`; none where there is no limit. A call that may not be made is not counted.
    #[must_use]
    pub fn take(&self, address: Network) -> Option<Standing> {
        let every = MINUTE.checked_div(self.per_minute)?;
        let now = self.clock.monotonic();
        let mut piece = self.piece(&address);
        let whole_at = piece.get(&address).map_or(now, |at| (*at).max(now));
        let next = whole_at + every;
        let spent = next.saturating_sub(now);
        if spent > MINUTE {
            return Some(self.standing(whole_at.saturating_sub(now), Some(seconds(spent.saturating_sub(MINUTE)).max(1))));
        }
        if piece.len() >= ADDRESSES && !piece.contains_key(&address) {
            make_room(&mut piece, now);
        }
        piece.insert(address, next);
        Some(self.standing(spent, None))
    }

    fn standing(&self, spent: Duration, wait: Option<u32>) -> Standing {
        let left = MINUTE.saturating_sub(spent).as_nanos() * u128::from(self.per_minute) / MINUTE.as_nanos();
        let remaining = if wait.is_some() { 0 } else { u32::try_from(left).unwrap_or(self.per_minute) };
        Standing { limit: self.per_minute, remaining, reset: seconds(spent), wait }
    }

    fn piece(&self, address: &Network) -> MutexGuard<'_, HashMap<Network, Duration>> {
        let hash = usize::try_from(self.hasher.hash_one(address) % PIECES as u64).unwrap_or_default();
        self.whole_at[hash].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets who has all calls again, and, where that is not enough, the half that has most of them.
fn make_room(piece: &mut HashMap<Network, Duration>, now: Duration) {
    piece.retain(|_, at| *at > now);
    if piece.len() >= ADDRESSES {
        let mut all: Vec<Duration> = piece.values().copied().collect();
        all.sort_unstable();
        let middle = all.get(all.len() / 2).copied().unwrap_or(now);
        let mut to_go = all.len() / 2;
        piece.retain(|_, at| {
            let goes = to_go > 0 && *at <= middle;
            to_go -= usize::from(goes);
            !goes
        });
    }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use testkit::clock::FakeClock;

    use super::*;

    fn address(number: u32) -> Network {
        std::net::IpAddr::V4(Ipv4Addr::from(number)).into()
    }

    #[test]
    fn calls_are_counted_by_address_and_come_back_one_by_one() {
        let clock = Arc::new(FakeClock::default());
        let budget = Budget::new(3, clock.clone());
        let take = |number| budget.take(address(number)).unwrap();
        assert_eq!(take(1), Standing { limit: 3, remaining: 2, reset: 20, wait: None });
        assert_eq!(take(1), Standing { limit: 3, remaining: 1, reset: 40, wait: None });
        assert_eq!(take(1), Standing { limit: 3, remaining: 0, reset: 60, wait: None });
        assert_eq!(take(1), Standing { limit: 3, remaining: 0, reset: 60, wait: Some(20) });
        assert_eq!(take(2).remaining, 2, "another address is counted alone");
        clock.advance(Duration::from_secs(19));
        assert_eq!(take(1).wait, Some(1));
        clock.advance(Duration::from_secs(1));
        assert_eq!(take(1), Standing { limit: 3, remaining: 0, reset: 60, wait: None });
        clock.advance(Duration::from_hours(1));
        assert_eq!(
            take(1),
            Standing { limit: 3, remaining: 2, reset: 20, wait: None },
            "no more than a minute's calls are saved"
        );
    }

    #[test]
    fn no_limit_is_none() {
        assert_eq!(Budget::new(0, Arc::new(FakeClock::default())).take(address(1)), None);
    }

    #[test]
    fn a_crowd_of_addresses_takes_bounded_memory_and_does_not_free_who_is_over_the_limit() {
        let clock = Arc::new(FakeClock::default());
        let budget = Budget::new(2, clock);
        let over = address(u32::MAX);
        while budget.take(over).unwrap().wait.is_none() {}
        for number in 0..u32::try_from(PIECES * ADDRESSES * 3).unwrap() {
            let _ = budget.take(address(number));
        }
        let kept: usize = budget.whole_at.iter().map(|piece| piece.lock().unwrap().len()).sum();
        assert!(kept <= PIECES * ADDRESSES, "{kept}");
        assert!(budget.take(over).unwrap().wait.is_some(), "it is still known");
    }
}
