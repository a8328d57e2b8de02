//! Dice that fall the same way in every run.

use std::{sync::Mutex, time::Duration};

use protocol::Entropy;
use ring::digest;

/// An [`Entropy`] that draws the same bytes for the same seed. Only for tests: whoever knows the seed knows every byte.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: Mutex<u64>,
}

impl SeededEntropy {
    /// Dice of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: Mutex::new(0) }
    }

    /// Less than `end`, and 0 where that is 0.
    #[must_use]
    pub fn below(&self, end: u64) -> u64 {
        u64::from_be_bytes(self.bytes()) % end.max(1)
    }

    /// True so many times in a thousand.
    #[must_use]
    pub fn chance(&self, in_a_thousand: u64) -> bool {
        self.below(1000) < in_a_thousand
    }

    /// From `from` to `to` milliseconds.
    #[must_use]
    pub fn millis(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to.saturating_sub(from) + 1))
    }

    /// Dice of their own for one part of a test, so that what one part draws does not shift the others.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self::new(u64::from_be_bytes(self.bytes()))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        let mut drawn = self.drawn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for piece in out.chunks_mut(digest::SHA256_OUTPUT_LEN) {
            let mut block = [0; 16];
            block[..8].copy_from_slice(&self.seed.to_be_bytes());
            block[8..].copy_from_slice(&drawn.to_be_bytes());
            *drawn += 1;
            piece.copy_from_slice(&digest::digest(&digest::SHA256, &block).as_ref()[..piece.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_bytes_and_never_the_same_twice() {
        let (a, b) = (SeededEntropy::new(7), SeededEntropy::new(7));
        let first: [u8; 40] = a.bytes();
        assert_eq!(first, b.bytes::<40>());
        assert_ne!(first, a.bytes::<40>());
        assert_ne!(first, SeededEntropy::new(8).bytes::<40>());
    }
}
