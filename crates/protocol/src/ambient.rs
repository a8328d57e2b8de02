//! Time and randomness as parameters, so that every program can be run with a clock and dice of a test's choosing.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::Timestamp;

/// Where a program reads the time from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Wall-clock time, for records that people read. It may jump.
    fn now(&self) -> Timestamp;

    /// Time since an arbitrary start. It never goes back; use it for lifetimes.
    fn monotonic(&self) -> Duration;
}

/// Where a program takes randomness from.
pub trait Entropy: Send + Sync + std::fmt::Debug {
    /// Fills `out` with random bytes.
    fn fill(&self, out: &mut [u8]);

    /// `N` random bytes.
    fn bytes<const N: usize>(&self) -> [u8; N]
    where
        Self: Sized,
    {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

/// A `UUIDv7` (RFC 9562) from the given clock and dice: sorts by time of making.
pub fn uuid_v7(clock: &dyn Clock, entropy: &dyn Entropy) -> Uuid {
    let millis = u64::try_from(clock.now().unix_millis()).unwrap_or_default();
    let mut random = [0; 10];
    entropy.fill(&mut random);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// The machine's own clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[must_use]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::from(time::OffsetDateTime::now_utc())
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The operating system's cryptographic randomness.
#[derive(Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's randomness")]
    fn fill(&self, out: &mut [u8]) {
        if let Err(error) = getrandom::fill(out) {
            // Going on would mean guessable tokens, so the process must not.
            stop_without_randomness(error);
        }
    }
}

fn stop_without_randomness(error: getrandom::Error) -> ! {
    use std::io::Write as _;
    let _ = writeln!(
        std::io::stderr(),
        "the operating system gives no randomness ({error}); stopping, because tokens would be guessable"
    );
    std::process::abort()
}
