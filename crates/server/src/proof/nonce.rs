use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{Clock, Entropy};
use ring::hmac;

use crate::key::same;

/// How long one nonce is given out.
const BUCKET: Duration = Duration::from_mins(5);
/// How long a nonce is taken at most, from when it was first given out.
pub(super) const LONGEST: Duration = Duration::from_mins(10);

/// Nonces that need no memory: each is a MAC over the stretch of time in which it is given out.
#[derive(Debug)]
pub(super) struct Nonces {
    key: hmac::Key,
    clock: Arc<dyn Clock>,
}

impl Nonces {
    pub(super) fn new(clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let mut secret = zeroize::Zeroizing::new([0; 32]);
        entropy.fill(secret.as_mut_slice());
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice()), clock }
    }

    pub(super) fn current(&self) -> String {
        self.of(self.bucket())
    }

    /// Whether it is the one given out now or the one before.
    pub(super) fn accepts(&self, nonce: &str) -> bool {
        let bucket = self.bucket();
        let now = same(self.of(bucket).as_bytes(), nonce.as_bytes());
        let before = bucket.checked_sub(1).is_some_and(|before| same(self.of(before).as_bytes(), nonce.as_bytes()));
        now | before
    }

    fn bucket(&self) -> u64 {
        self.clock.monotonic().as_secs() / BUCKET.as_secs()
    }

    fn of(&self, bucket: u64) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&hmac::sign(&self.key, &bucket.to_be_bytes()).as_ref()[..16])
    }
}

#[cfg(test)]
mod tests {
    use testkit::{clock::FakeClock, dice::SeededEntropy};

    use super::*;

    #[test]
    fn a_nonce_is_taken_for_at_least_five_and_at_most_ten_minutes() {
        let clock = Arc::new(FakeClock::default());
        let nonces = Nonces::new(clock.clone(), &SeededEntropy::new(1));
        clock.advance(BUCKET.checked_sub(Duration::from_secs(1)).unwrap());
        let nonce = nonces.current();
        clock.advance(Duration::from_mins(5));
        assert!(nonces.accepts(&nonce), "the one before");
        clock.advance(Duration::from_secs(1));
        assert!(!nonces.accepts(&nonce));
    }

    #[test]
    fn a_nonce_of_before_a_restart_is_refused() {
        let clock: Arc<dyn Clock> = Arc::new(FakeClock::default());
        let entropy = SeededEntropy::new(1);
        let before = Nonces::new(clock.clone(), &entropy).current();
        assert!(!Nonces::new(clock, &entropy).accepts(&before));
        assert!(!before.is_empty());
    }
}
