use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::hmac;

use crate::{key::same, limit::Lifetimes};

/// How long one nonce is given out.
const BUCKET: Duration = Duration::from_mins(5);
/// How long a nonce is taken at most, from when it was first given out.
pub(crate) const LONGEST: Duration = Duration::from_mins(10);

/// Nonces that need no memory: each is a MAC over the stretch of time in which it is given out.
#[derive(Debug)]
pub(super) struct Nonces {
    key: hmac::Key,
    lifetimes: Lifetimes,
}

impl Nonces {
    pub(super) fn new(lifetimes: Lifetimes, secret: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret), lifetimes }
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
        self.lifetimes.now().unix_seconds().unsigned_abs() / BUCKET.as_secs()
    }

    fn of(&self, bucket: u64) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&hmac::sign(&self.key, &bucket.to_be_bytes()).as_ref()[..16])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use protocol::{Clock, Timestamp};

    use super::*;

    #[derive(Debug)]
    struct At(std::sync::Mutex<i64>);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_millis(*self.0.lock().unwrap() * 1_000)
        }
        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
    }

    #[test]
    fn a_nonce_is_taken_for_at_least_five_and_at_most_ten_minutes() {
        let clock = Arc::new(At(std::sync::Mutex::new(600 + 299)));
        let nonces = Nonces::new(Lifetimes::of_nodes(clock.clone()), &[1; 32]);
        let nonce = nonces.current();
        *clock.0.lock().unwrap() = 900 + 299;
        assert!(nonces.accepts(&nonce), "the one before");
        *clock.0.lock().unwrap() = 1_200;
        assert!(!nonces.accepts(&nonce));
    }

    #[test]
    fn a_nonce_of_another_key_is_refused() {
        let lifetimes = Lifetimes::of_nodes(Arc::new(At(std::sync::Mutex::new(600))));
        let nonce = Nonces::new(lifetimes.clone(), &[1; 32]).current();
        assert!(!Nonces::new(lifetimes.clone(), &[2; 32]).accepts(&nonce));
        assert!(Nonces::new(lifetimes, &[1; 32]).accepts(&nonce), "nodes with one key take each other's");
    }
}
