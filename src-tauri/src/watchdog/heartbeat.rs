//! The page's heartbeat: a page that hangs, or whose process does, says nothing any more.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::supervisor::Supervisor;

/// Between two looks. The page beats as often.
pub(super) const LOOK: Duration = Duration::from_secs(5);
/// A page that has not beaten for so many looks hangs.
const MISSED: u32 = 3;
/// A page that is being opened may take longer.
const OPENING: u32 = 12;

/// Counts the page's beats.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    beats: AtomicU64,
    supervisor: Option<Supervisor>,
}

impl Heartbeat {
    /// Nothing has beaten yet.
    pub(crate) fn new() -> Self {
        Self { beats: AtomicU64::new(0), supervisor: Supervisor::from_environment() }
    }

    /// The page lives. So do the window, which passed it on, and the program, so whoever started it is told.
    pub(crate) fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
        if let Some(supervisor) = &self.supervisor {
            supervisor.alive();
        }
    }

    pub(super) fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }
}

/// What looking at the beats again and again has come to. Looks are counted rather than time: a machine that slept, or had no
/// time for any of us, is no page that hangs.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    beats: u64,
    missed: u32,
}

impl Pulse {
    /// Looks; true where the page hangs.
    pub(super) fn hangs(&mut self, beats: u64) -> bool {
        if beats != self.beats {
            *self = Self { beats, missed: 0 };
            return false;
        }
        self.missed += 1;
        self.missed >= if beats == 0 { OPENING } else { MISSED }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks_until_it_hangs(pulse: &mut Pulse, beats: u64) -> u32 {
        (1..100).find(|_| pulse.hangs(beats)).unwrap()
    }

    #[test]
    fn a_page_that_beat_and_stops_hangs_soon_and_one_that_opens_has_time() {
        assert_eq!(looks_until_it_hangs(&mut Pulse::default(), 0), OPENING);
        let mut pulse = Pulse::default();
        for beats in 1..100 {
            assert!(!pulse.hangs(beats));
        }
        assert_eq!(looks_until_it_hangs(&mut pulse, 99), MISSED);
        assert!(LOOK * MISSED < Duration::from_secs(30));
    }

    #[test]
    fn a_beat_in_time_forgives_the_missed_ones() {
        let mut pulse = Pulse::default();
        for beats in [1, 1, 1, 2, 2, 2, 3] {
            assert!(!pulse.hangs(beats));
        }
    }
}
