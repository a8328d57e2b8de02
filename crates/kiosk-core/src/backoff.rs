//! When to try again.

use std::time::Duration;

use protocol::Entropy;

const FIRST: Duration = Duration::from_millis(500);
/// For what may be there again at any moment, and is cheap to ask for.
const QUICK: Duration = Duration::from_secs(2);
/// For the same, once it has been away for [`LONG_AWAY`] tries: then it is asked less often, and as evenly as that still allows to
/// be back within five seconds.
const PATIENT: Duration = Duration::from_secs(3);
const LONG_AWAY: u32 = 30;
/// For the rest.
const LONGEST: Duration = Duration::from_secs(30);
/// So that a lucky draw does not become a busy loop.
const SHORTEST: Duration = Duration::from_millis(100);

/// Waiting times that double, each drawn between nothing and all of it, so that a hundred kiosks do not come at once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    /// Failures up to which the waiting times stay below [`QUICK`].
    quick: u32,
}

impl Backoff {
    /// Never longer than two seconds, or three where it takes long: who is out of reach is back within five.
    pub(crate) const fn quick() -> Self {
        Self { failures: 0, quick: u32::MAX }
    }

    /// Never longer than two seconds for the first ten tries, up to half a minute then.
    pub(crate) const fn quick_at_first() -> Self {
        Self { failures: 0, quick: 10 }
    }

    /// The time to wait after one more failure.
    pub(crate) fn next(&mut self, entropy: &dyn Entropy) -> Duration {
        let long_away = self.quick == u32::MAX && self.failures >= LONG_AWAY;
        let longest = if self.failures < self.quick { QUICK } else { LONGEST };
        let ceiling = FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(longest);
        self.failures = self.failures.saturating_add(1);
        let mut bytes = [0; 4];
        entropy.fill(&mut bytes);
        let share = f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX);
        if long_away {
            return (PATIENT / 2).mul_f64(1.0 + share);
        }
        ceiling.mul_f64(share).max(SHORTEST)
    }

    /// Failures since it last worked.
    pub(crate) const fn failures(self) -> u32 {
        self.failures
    }

    /// It worked.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Highest;

    impl Entropy for Highest {
        fn fill(&self, out: &mut [u8]) {
            out.fill(0xff);
        }
    }

    #[derive(Debug)]
    struct Lowest;

    impl Entropy for Lowest {
        fn fill(&self, out: &mut [u8]) {
            out.fill(0);
        }
    }

    fn waits(mut backoff: Backoff, count: usize) -> Vec<u64> {
        (0..count).map(|_| u64::try_from(backoff.next(&Highest).as_millis()).unwrap()).collect()
    }

    #[test]
    fn waiting_doubles_up_to_half_a_minute() {
        assert_eq!(waits(Backoff::default(), 9), [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        let mut backoff = Backoff::default();
        backoff.next(&Highest);
        backoff.reset();
        assert_eq!(backoff.next(&Highest), FIRST);
    }

    #[test]
    fn a_quick_one_stays_quick_and_another_for_ten_tries() {
        let quick = waits(Backoff::quick(), 100);
        assert_eq!((&quick[2..30], &quick[30..]), (&[2_000; 28][..], &[3_000; 70][..]));
        let waits = waits(Backoff::quick_at_first(), 12);
        assert_eq!((&waits[2..10], &waits[10..]), (&[2_000; 8][..], &[30_000; 2][..]));
    }

    #[test]
    fn even_the_luckiest_draw_waits() {
        assert_eq!(Backoff::default().next(&Lowest), SHORTEST);
        let mut long_away = Backoff { failures: LONG_AWAY, ..Backoff::quick() };
        assert_eq!(long_away.next(&Lowest), PATIENT / 2);
    }
}
