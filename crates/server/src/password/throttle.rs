use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use protocol::Clock;

/// Failures that are remembered at once; beyond, the oldest go.
const MOST_ENTRIES: usize = 100_000;
/// A counter is forgotten so long after its block ended.
const FORGET_AFTER: Duration = Duration::from_hours(1);
/// Longest block of an account. An address may be blocked for a day, but a stranger must not lock a customer out so long.
const LONGEST_ACCOUNT_BLOCK: Duration = Duration::from_mins(15);
/// Accounts one address may make in an hour; a store's customers share one.
const SIGN_UPS_PER_HOUR: u32 = 30;

/// Slows down who guesses passwords: each failure of an address or an account makes the next try wait longer.
#[derive(Debug)]
pub struct Throttle {
    clock: Arc<dyn Clock>,
    counters: Mutex<HashMap<Key, Counter>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    Account([u8; 32]),
    /// How many of an address's failures were for this account.
    Pair(IpAddr, [u8; 32]),
    SignUp(IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Counter {
    failures: u32,
    blocked_until: Duration,
}

/// A try that was let through. It counts as a failure until [`Attempt::succeeded`] is called, so that tries side by side
/// cannot slip past the ladder.
#[derive(Debug)]
pub struct Attempt<'a> {
    throttle: &'a Throttle,
    address: IpAddr,
    account: [u8; 32],
}

impl Throttle {
    /// A throttle that has seen nothing.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, counters: Mutex::default() }
    }

    /// Lets a try through.
    ///
    /// # Errors
    /// Too many failures lately: how long to wait.
    pub fn attempt(&self, address: IpAddr, account: [u8; 32]) -> Result<Attempt<'_>, Duration> {
        let now = self.clock.monotonic();
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let address_key = Key::Address(subnet(address));
        let account_key = Key::Account(account);
        for key in [&address_key, &account_key] {
            if let Some(counter) = counters.get(key).filter(|counter| counter.blocked_until > now) {
                return Err(counter.blocked_until.saturating_sub(now));
            }
        }
        make_room(&mut counters, now);
        count(&mut counters, address_key, now, ladder);
        count(&mut counters, account_key, now, |failures| ladder(failures).min(LONGEST_ACCOUNT_BLOCK));
        count(&mut counters, Key::Pair(subnet(address), account), now, |_| Duration::ZERO);
        Ok(Attempt { throttle: self, address: subnet(address), account })
    }

    /// Lets a sign-up through.
    ///
    /// # Errors
    /// Too many from this address: how long to wait.
    pub fn sign_up(&self, address: IpAddr) -> Result<(), Duration> {
        let now = self.clock.monotonic();
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut counters, now);
        let counter =
            counters.entry(Key::SignUp(subnet(address))).or_insert(Counter { failures: 0, blocked_until: now + FORGET_AFTER });
        // Here `blocked_until` is the end of the hour in which sign-ups are counted.
        if counter.blocked_until <= now {
            *counter = Counter { failures: 0, blocked_until: now + FORGET_AFTER };
        }
        if counter.failures >= SIGN_UPS_PER_HOUR {
            return Err(counter.blocked_until.saturating_sub(now));
        }
        counter.failures += 1;
        Ok(())
    }
}

impl Attempt<'_> {
    /// The password was right: the account starts anew, and its failures no longer count against the address. Failures
    /// for other accounts still do, so that a guesser's own login in between does not help.
    pub fn succeeded(self) {
        let now = self.throttle.clock.monotonic();
        let mut counters = self.throttle.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.remove(&Key::Account(self.account));
        let own = counters.remove(&Key::Pair(self.address, self.account)).map_or(0, |counter| counter.failures);
        let key = Key::Address(self.address);
        if let Some(counter) = counters.get_mut(&key) {
            counter.failures = counter.failures.saturating_sub(own);
            counter.blocked_until = now;
            if counter.failures == 0 {
                counters.remove(&key);
            }
        }
    }
}

/// IPv6 addresses count by the network a household or server gets, because it can choose freely within it.
fn subnet(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

fn count(counters: &mut HashMap<Key, Counter>, key: Key, now: Duration, block: impl Fn(u32) -> Duration) {
    let counter = counters.entry(key).or_insert(Counter { failures: 0, blocked_until: now });
    if now.saturating_sub(counter.blocked_until) > FORGET_AFTER {
        counter.failures = 0;
    }
    counter.failures = counter.failures.saturating_add(1);
    counter.blocked_until = now + block(counter.failures);
}

fn make_room(counters: &mut HashMap<Key, Counter>, now: Duration) {
    if counters.len() < MOST_ENTRIES {
        return;
    }
    counters.retain(|_, counter| now.saturating_sub(counter.blocked_until) <= FORGET_AFTER);
    if counters.len() >= MOST_ENTRIES {
        let mut ends: Vec<Duration> = counters.values().map(|counter| counter.blocked_until).collect();
        let middle = ends.len() / 2;
        let median = *ends.select_nth_unstable(middle).1;
        counters.retain(|_, counter| counter.blocked_until > median);
    }
}

/// How long the next try waits after so many failures.
fn ladder(failures: u32) -> Duration {
    let seconds = match failures {
        0..=2 => 0,
        3..=4 => failures * 2,
        5..=6 => failures * 3,
        7 => 60,
        8..=9 => failures * 5,
        10 => 600,
        11..=14 => failures * 10,
        15 => 900,
        16..=19 => failures * 15,
        20 => 3_600,
        21..=24 => failures * 20,
        _ => 86_400,
    };
    Duration::from_secs(seconds.into())
}

#[cfg(test)]
mod tests {
    use testkit::clock::FakeClock;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn throttle() -> (Throttle, Arc<FakeClock>) {
        let clock = Arc::new(FakeClock::default());
        (Throttle::new(clock.clone()), clock)
    }

    fn elsewhere(last: u8) -> IpAddr {
        IpAddr::from([198, 51, 100, last])
    }

    #[test]
    fn each_failure_makes_the_next_try_wait_longer() {
        let (throttle, clock) = throttle();
        let mut waits = Vec::new();
        for _ in 0..8 {
            while let Err(wait) = throttle.attempt(HERE, [1; 32]) {
                waits.push(wait.as_secs());
                clock.advance(wait);
            }
        }
        assert_eq!(waits, [6, 8, 15, 18, 60]);
    }

    #[test]
    fn tries_side_by_side_do_not_slip_past() {
        let (throttle, _) = throttle();
        let attempts: Vec<_> = (0..10).map(|_| throttle.attempt(HERE, [1; 32])).collect();
        assert_eq!(attempts.iter().filter(|attempt| attempt.is_ok()).count(), 3);
    }

    #[test]
    fn an_account_is_guarded_against_many_addresses_but_never_for_long() {
        let (throttle, clock) = throttle();
        let mut longest = Duration::ZERO;
        for last in 0..40 {
            while let Err(wait) = throttle.attempt(elsewhere(last), [1; 32]) {
                longest = longest.max(wait);
                clock.advance(wait);
            }
        }
        assert_eq!(longest, LONGEST_ACCOUNT_BLOCK);
    }

    #[test]
    fn an_address_is_guarded_over_many_accounts() {
        let (throttle, clock) = throttle();
        let mut longest = Duration::ZERO;
        for account in 0..25 {
            while let Err(wait) = throttle.attempt(HERE, [account; 32]) {
                longest = longest.max(wait);
                clock.advance(wait);
            }
        }
        assert_eq!(longest, Duration::from_hours(1));
        assert!(throttle.attempt(elsewhere(1), [77; 32]).is_ok(), "others are not held up");
    }

    #[test]
    fn a_guessers_own_login_in_between_does_not_help() {
        let (throttle, _) = throttle();
        for guess in 0..2 {
            throttle.attempt(HERE, [guess; 32]).unwrap();
            throttle.attempt(HERE, [99; 32]).unwrap().succeeded();
        }
        throttle.attempt(HERE, [2; 32]).unwrap();
        assert!(throttle.attempt(HERE, [3; 32]).is_err(), "three failures of the address stand");
    }

    #[test]
    fn whoever_mistypes_and_then_signs_in_starts_anew() {
        let (throttle, _) = throttle();
        for _ in 0..10 {
            throttle.attempt(HERE, [1; 32]).unwrap();
            throttle.attempt(HERE, [1; 32]).unwrap().succeeded();
        }
    }

    #[test]
    fn failures_are_forgotten_after_an_hour() {
        let (throttle, clock) = throttle();
        for _ in 0..3 {
            throttle.attempt(HERE, [1; 32]).unwrap();
        }
        clock.advance(Duration::from_secs(3_700));
        for _ in 0..3 {
            throttle.attempt(HERE, [1; 32]).unwrap();
        }
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one_address() {
        let (throttle, _) = throttle();
        let from = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 7, 0, 0, 0, last]);
        for last in 0..3 {
            throttle.attempt(from(last), [u8::try_from(last).unwrap(); 32]).unwrap();
        }
        assert!(throttle.attempt(from(9), [9; 32]).is_err());
    }

    #[test]
    fn sign_ups_of_an_address_are_counted_by_the_hour() {
        let (throttle, clock) = throttle();
        for _ in 0..SIGN_UPS_PER_HOUR {
            throttle.sign_up(HERE).unwrap();
        }
        assert_eq!(throttle.sign_up(HERE), Err(Duration::from_hours(1)));
        clock.advance(Duration::from_hours(1));
        assert_eq!(throttle.sign_up(HERE), Ok(()));
    }

    #[test]
    fn memory_stays_bounded() {
        let (throttle, clock) = throttle();
        for number in 0_u32..150_000 {
            let mut account = [0; 32];
            account[..4].copy_from_slice(&number.to_be_bytes());
            let _ = throttle.attempt(IpAddr::from(number.to_be_bytes()), account);
            clock.advance(Duration::from_millis(1));
        }
        assert!(throttle.counters.lock().unwrap().len() <= MOST_ENTRIES + 3);
    }
}
