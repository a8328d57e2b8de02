use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use protocol::Clock;

use super::nonce::LONGEST;
use crate::key::sha256;

/// Proofs remembered for one device, and for all callers that are no device. A kiosk makes a few a second at most.
const REMEMBERED: usize = 16_384;

/// Ids of proofs, each remembered for as long as its nonce could be taken. Whoever floods the server with proofs fills a
/// memory of their own, and is refused when it is full: forgetting an id would let its proof be replayed.
#[derive(Debug)]
pub(super) struct Seen {
    clock: Arc<dyn Clock>,
    memories: Mutex<HashMap<String, Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    ids: HashSet<[u8; 32]>,
    order: VecDeque<(Duration, [u8; 32])>,
}

impl Memory {
    fn forget(&mut self, now: Duration) {
        while let Some((at, id)) = self.order.front().copied()
            && now.saturating_sub(at) > LONGEST
        {
            self.order.pop_front();
            self.ids.remove(&id);
        }
    }
}

/// What a proof is remembered by.
pub(super) fn id(thumbprint: &str, jti: &str) -> [u8; 32] {
    sha256(format!("{thumbprint} {jti}").as_bytes())
}

/// What became of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    First,
    Again,
    Full,
}

impl Seen {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, memories: Mutex::default() }
    }

    /// Remembers the proof `jti` of `thumbprint`, in the memory of `device` or, for none, in the one of all strangers.
    pub(super) fn remember(&self, device: Option<&str>, thumbprint: &str, jti: &str) -> Sight {
        let id = id(thumbprint, jti);
        let now = self.clock.monotonic();
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        if !memories.contains_key(device.unwrap_or_default()) {
            memories.retain(|_, memory| {
                memory.forget(now);
                !memory.ids.is_empty()
            });
        }
        let memory = memories.entry(device.unwrap_or_default().to_owned()).or_default();
        memory.forget(now);
        if memory.ids.contains(&id) {
            return Sight::Again;
        }
        if memory.ids.len() >= REMEMBERED {
            return Sight::Full;
        }
        memory.ids.insert(id);
        memory.order.push_back((now, id));
        Sight::First
    }
}

#[cfg(test)]
mod tests {
    use testkit::clock::FakeClock;

    use super::*;

    #[test]
    fn an_id_is_seen_once_until_its_nonce_is_out_of_use() {
        let clock = Arc::new(FakeClock::default());
        let seen = Seen::new(clock.clone());
        assert_eq!(seen.remember(None, "a", "1"), Sight::First);
        clock.advance(LONGEST);
        assert_eq!(seen.remember(None, "a", "1"), Sight::Again);
        assert_eq!(seen.remember(None, "b", "1"), Sight::First, "the same id of another key");
        clock.advance(Duration::from_millis(1));
        assert_eq!(seen.remember(None, "a", "1"), Sight::First);
    }

    #[test]
    fn a_flood_of_strangers_neither_revives_a_proof_nor_shuts_out_a_device() {
        let clock = Arc::new(FakeClock::default());
        let seen = Seen::new(clock);
        assert_eq!(seen.remember(Some("kiosk"), "kiosk", "1"), Sight::First);
        for number in 0..REMEMBERED {
            assert_eq!(seen.remember(None, "stranger", &number.to_string()), Sight::First);
        }
        assert_eq!(seen.remember(None, "stranger", "one more"), Sight::Full);
        assert_eq!(seen.remember(None, "stranger", "0"), Sight::Again);
        assert_eq!(seen.remember(Some("kiosk"), "kiosk", "1"), Sight::Again);
        assert_eq!(seen.remember(Some("kiosk"), "kiosk", "2"), Sight::First);
    }
}
