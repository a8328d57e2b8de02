use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use protocol::Timestamp;
use server_store::{Counter, Store, StoreError};

use crate::{key::sha256, limit::Lifetimes};

/// Failures that are remembered at once; beyond, the oldest go.
const MOST_ENTRIES: usize = 100_000;
/// A counter is forgotten so long after its block ended.
pub(crate) const FORGET_AFTER: Duration = Duration::from_hours(1);
/// Longest block of an account. An address may be blocked for a day, but a stranger must not lock a customer out so long.
const LONGEST_ACCOUNT_BLOCK: Duration = Duration::from_mins(15);
/// Accounts one address may make in an hour; a store's customers share one.
const SIGN_UPS_PER_HOUR: u32 = 30;

/// Slows down who guesses passwords: each failure of an address or an account makes the next try wait longer. Nodes that
/// serve the same records count together.
#[derive(Debug)]
pub struct Throttle {
    lifetimes: Lifetimes,
    /// Keeps addresses out of the database.
    salt: [u8; 32],
    store: Arc<dyn Store>,
    /// The counters of a single node.
    counters: Mutex<HashMap<[u8; 32], Counter>>,
    refused: AtomicU64,
}

/// Why a try is not let through.
#[derive(Debug, thiserror::Error)]
pub enum Held {
    /// Too many failures lately: how long to wait.
    #[error("wait {0:?}")]
    Wait(Duration),
    /// The counters cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Clone, Debug)]
enum Key {
    Address(IpAddr),
    Account([u8; 32]),
    /// How many of an address's failures were for this account.
    Pair(IpAddr, [u8; 32]),
    SignUp(IpAddr),
}

/// A try that was let through. It counts as a failure until [`Attempt::succeeded`] is called, so that tries side by side
/// cannot slip past the ladder.
#[derive(Debug)]
#[must_use]
pub struct Attempt<'a> {
    throttle: &'a Throttle,
    address: IpAddr,
    account: [u8; 32],
}

impl Throttle {
    /// A throttle that has seen nothing but what the nodes on `store` have. `salt` is the same on all of them and secret.
    #[must_use]
    pub fn new(lifetimes: Lifetimes, salt: [u8; 32], store: Arc<dyn Store>) -> Self {
        Self { lifetimes, salt, store, counters: Mutex::default(), refused: AtomicU64::new(0) }
    }

    /// Lets a try through.
    ///
    /// # Errors
    /// Too many failures lately, or the store failed.
    pub async fn attempt(&self, address: IpAddr, account: [u8; 32]) -> Result<Attempt<'_>, Held> {
        let now = self.lifetimes.now();
        let address = subnet(address);
        let mut wait = None;
        let keys = [Key::Address(address), Key::Account(account), Key::Pair(address, account)];
        self.change(keys, &mut |[of_address, of_account, of_pair]| {
            let blocks = [&of_address, &of_account].into_iter().filter_map(|counter| **counter);
            wait = blocks.map(|counter| counter.blocked_until.since(now)).find(|wait| !wait.is_zero());
            if wait.is_none() {
                count(of_address, now, ladder);
                count(of_account, now, |failures| ladder(failures).min(LONGEST_ACCOUNT_BLOCK));
                count(of_pair, now, |_| Duration::ZERO);
            }
        })
        .await?;
        match wait {
            Some(wait) => Err(self.held(wait)),
            None => Ok(Attempt { throttle: self, address, account }),
        }
    }

    /// Lets a sign-up through.
    ///
    /// # Errors
    /// Too many from this address, or the store failed.
    pub async fn sign_up(&self, address: IpAddr) -> Result<(), Held> {
        let now = self.lifetimes.now();
        let mut wait = None;
        self.change([Key::SignUp(subnet(address))], &mut |[counter]| {
            // Here `blocked_until` is the end of the hour in which sign-ups are counted.
            let mut hour = counter
                .filter(|counter| counter.blocked_until > now)
                .unwrap_or(Counter { failures: 0, blocked_until: now.plus(FORGET_AFTER) });
            if hour.failures >= SIGN_UPS_PER_HOUR {
                wait = Some(hour.blocked_until.since(now));
            } else {
                hour.failures += 1;
            }
            *counter = Some(hour);
        })
        .await?;
        wait.map_or(Ok(()), |wait| Err(self.held(wait)))
    }

    /// How many tries had to wait.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn held(&self, wait: Duration) -> Held {
        self.refused.fetch_add(1, Ordering::Relaxed);
        Held::Wait(wait)
    }

    /// Changes the counters of these keys, wherever they are kept, without anybody else in between.
    async fn change<const N: usize>(
        &self,
        keys: [Key; N],
        change: &mut (dyn FnMut([&mut Option<Counter>; N]) + Send),
    ) -> Result<(), StoreError> {
        let keys = keys.map(|key| self.kept_as(&key));
        let mut change = |counters: &mut [Option<Counter>]| {
            if let Ok(counters) = counters.iter_mut().collect::<Vec<_>>().try_into() {
                change(counters);
            }
        };
        if let Some(shared) = self.store.shared() {
            return shared.change_counters(&keys, &mut change).await;
        }
        let mut kept = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut kept, self.lifetimes.now());
        let mut counters = keys.map(|key| kept.get(&key).copied());
        change(&mut counters);
        for (key, counter) in keys.into_iter().zip(counters) {
            match counter {
                Some(counter) => kept.insert(key, counter),
                None => kept.remove(&key),
            };
        }
        Ok(())
    }

    fn kept_as(&self, key: &Key) -> [u8; 32] {
        let (kind, address, account) = match key {
            Key::Address(address) => (1, Some(address), None),
            Key::Account(account) => (2, None, Some(account)),
            Key::Pair(address, account) => (3, Some(address), Some(account)),
            Key::SignUp(address) => (4, Some(address), None),
        };
        let mut bytes = self.salt.to_vec();
        bytes.push(kind);
        bytes.extend(
            address
                .map(|address| match address {
                    IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
                    IpAddr::V6(address) => address.octets(),
                })
                .into_iter()
                .flatten(),
        );
        bytes.extend(account.into_iter().flatten());
        sha256(&bytes)
    }
}

impl Attempt<'_> {
    /// The password was right: the account starts anew, and its failures no longer count against the address. Failures
    /// for other accounts still do, so that a guesser's own login in between does not help.
    ///
    /// # Errors
    /// The store failed; the try counts as a failure.
    pub async fn succeeded(self) -> Result<(), StoreError> {
        let now = self.throttle.lifetimes.now();
        let keys = [Key::Address(self.address), Key::Account(self.account), Key::Pair(self.address, self.account)];
        let mut change = |[of_address, of_account, of_pair]: [&mut Option<Counter>; 3]| {
            *of_account = None;
            let own = of_pair.take().map_or(0, |counter| counter.failures);
            if let Some(counter) = of_address {
                counter.failures = counter.failures.saturating_sub(own);
                counter.blocked_until = now;
                if counter.failures == 0 {
                    *of_address = None;
                }
            }
        };
        self.throttle.change(keys, &mut change).await
    }
}

/// IPv6 addresses count by the network a household or server gets, because it can choose freely within it.
fn subnet(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

fn count(counter: &mut Option<Counter>, now: Timestamp, block: impl Fn(u32) -> Duration) {
    let before = counter.filter(|counter| now.since(counter.blocked_until) <= FORGET_AFTER);
    let failures = before.map_or(0, |counter| counter.failures).saturating_add(1);
    *counter = Some(Counter { failures, blocked_until: now.plus(block(failures)) });
}

fn make_room(counters: &mut HashMap<[u8; 32], Counter>, now: Timestamp) {
    if counters.len() < MOST_ENTRIES {
        return;
    }
    counters.retain(|_, counter| now.since(counter.blocked_until) <= FORGET_AFTER);
    if counters.len() >= MOST_ENTRIES {
        let mut ends: Vec<Timestamp> = counters.values().map(|counter| counter.blocked_until).collect();
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
    use server_store::sqlite::SqliteStore;
    use tempfile::TempDir;
    use testkit::clock::FakeClock;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    async fn throttle() -> (Throttle, Arc<FakeClock>, TempDir) {
        let clock = Arc::new(FakeClock::default());
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("vitrine.db")).await.unwrap();
        (Throttle::new(Lifetimes::new(clock.clone()), [5; 32], Arc::new(store)), clock, folder)
    }

    /// How long to wait; none for one that was let through.
    async fn held(throttle: &Throttle, address: IpAddr, account: [u8; 32]) -> Option<Duration> {
        match throttle.attempt(address, account).await {
            Ok(_) => None,
            Err(Held::Wait(wait)) => Some(wait),
            Err(Held::Store(error)) => panic!("{error}"),
        }
    }

    async fn succeeds(throttle: &Throttle, account: [u8; 32]) {
        throttle.attempt(HERE, account).await.unwrap().succeeded().await.unwrap();
    }

    fn elsewhere(last: u8) -> IpAddr {
        IpAddr::from([198, 51, 100, last])
    }

    #[tokio::test]
    async fn each_failure_makes_the_next_try_wait_longer() {
        let (throttle, clock, _folder) = throttle().await;
        let mut waits = Vec::new();
        for _ in 0..8 {
            while let Some(wait) = held(&throttle, HERE, [1; 32]).await {
                waits.push(wait.as_secs());
                clock.advance(wait);
            }
        }
        assert_eq!(waits, [6, 8, 15, 18, 60]);
    }

    #[tokio::test]
    async fn tries_side_by_side_do_not_slip_past() {
        let (throttle, _, _folder) = throttle().await;
        let attempts = (0..10).map(|_| throttle.attempt(HERE, [1; 32]));
        let attempts = futures_util::future::join_all(attempts).await;
        assert_eq!(attempts.iter().filter(|attempt| attempt.is_ok()).count(), 3);
    }

    #[tokio::test]
    async fn an_account_is_guarded_against_many_addresses_but_never_for_long() {
        let (throttle, clock, _folder) = throttle().await;
        let mut longest = Duration::ZERO;
        for last in 0..40 {
            while let Some(wait) = held(&throttle, elsewhere(last), [1; 32]).await {
                longest = longest.max(wait);
                clock.advance(wait);
            }
        }
        assert_eq!(longest, LONGEST_ACCOUNT_BLOCK);
    }

    #[tokio::test]
    async fn an_address_is_guarded_over_many_accounts() {
        let (throttle, clock, _folder) = throttle().await;
        let mut longest = Duration::ZERO;
        for account in 0..25 {
            while let Some(wait) = held(&throttle, HERE, [account; 32]).await {
                longest = longest.max(wait);
                clock.advance(wait);
            }
        }
        assert_eq!(longest, Duration::from_hours(1));
        assert!(held(&throttle, elsewhere(1), [77; 32]).await.is_none(), "others are not held up");
    }

    #[tokio::test]
    async fn a_guessers_own_login_in_between_does_not_help() {
        let (throttle, _, _folder) = throttle().await;
        for guess in 0..2 {
            assert_eq!(held(&throttle, HERE, [guess; 32]).await, None);
            succeeds(&throttle, [99; 32]).await;
        }
        assert_eq!(held(&throttle, HERE, [2; 32]).await, None);
        assert!(held(&throttle, HERE, [3; 32]).await.is_some(), "three failures of the address stand");
    }

    #[tokio::test]
    async fn whoever_mistypes_and_then_signs_in_starts_anew() {
        let (throttle, _, _folder) = throttle().await;
        for _ in 0..10 {
            assert_eq!(held(&throttle, HERE, [1; 32]).await, None);
            succeeds(&throttle, [1; 32]).await;
        }
    }

    #[tokio::test]
    async fn failures_are_forgotten_after_an_hour() {
        let (throttle, clock, _folder) = throttle().await;
        for _ in 0..3 {
            assert_eq!(held(&throttle, HERE, [1; 32]).await, None);
        }
        clock.advance(Duration::from_secs(3_700));
        for _ in 0..3 {
            assert_eq!(held(&throttle, HERE, [1; 32]).await, None);
        }
    }

    #[tokio::test]
    async fn a_whole_ipv6_network_counts_as_one_address() {
        let (throttle, _, _folder) = throttle().await;
        let from = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 7, 0, 0, 0, last]);
        for last in 0..3 {
            assert_eq!(held(&throttle, from(last), [u8::try_from(last).unwrap(); 32]).await, None);
        }
        assert!(held(&throttle, from(9), [9; 32]).await.is_some());
    }

    #[tokio::test]
    async fn sign_ups_of_an_address_are_counted_by_the_hour() {
        let (throttle, clock, _folder) = throttle().await;
        for _ in 0..SIGN_UPS_PER_HOUR {
            throttle.sign_up(HERE).await.unwrap();
        }
        assert!(matches!(throttle.sign_up(HERE).await, Err(Held::Wait(wait)) if wait == Duration::from_hours(1)));
        clock.advance(Duration::from_hours(1));
        throttle.sign_up(HERE).await.unwrap();
    }

    #[tokio::test]
    async fn memory_stays_bounded() {
        let (throttle, clock, _folder) = throttle().await;
        for number in 0_u32..150_000 {
            let mut account = [0; 32];
            account[..4].copy_from_slice(&number.to_be_bytes());
            held(&throttle, IpAddr::from(number.to_be_bytes()), account).await;
            clock.advance(Duration::from_millis(1));
        }
        assert!(throttle.counters.lock().unwrap().len() <= MOST_ENTRIES + 3);
    }
}
