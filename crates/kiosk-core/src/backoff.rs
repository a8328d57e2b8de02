//! When to try again.

use std::time::Duration;

use protocol::Entropy;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);
/// So that a lucky draw does not become a busy loop.
const SHORTEST: Duration = Duration::from_millis(100);

/// Waiting times that double, each drawn between nothing and all of it, so that a hundred kiosks do not come at once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The time to wait after one more failure.
    pub(crate) fn next(&mut self, entropy: &dyn Entropy) -> Duration {
        let ceiling = FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let mut bytes = [0; 4];
        entropy.fill(&mut bytes);
        let share = f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX);
        ceiling.mul_f64(share).max(SHORTEST)
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

    #[test]
    fn waiting_doubles_up_to_half_a_minute() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..9).map(|_| u64::try_from(backoff.next(&Highest).as_millis()).unwrap()).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        backoff.reset();
        assert_eq!(backoff.next(&Highest), FIRST);
    }

    #[test]
    fn even_the_luckiest_draw_waits() {
        assert_eq!(Backoff::default().next(&Lowest), SHORTEST);
    }
}
