//! The memory guard: a program that has grown too large starts again while nobody is at the kiosk.

use std::{env, time::Duration};

/// Between two looks.
pub(super) const LOOK: Duration = Duration::from_secs(30);
/// Carries the last such restart to the next life of the process: seconds since 1970.
pub(super) const VARIABLE: &str = "VITRINE_GREW_AT";
/// Seconds between two such restarts. A limit that a fresh program breaks is too low, and restarts would not help.
const APART: i64 = 3_600;

/// The guard.
#[derive(Debug)]
pub(super) struct Guard {
    /// Bytes; 0 for no limit.
    limit: u64,
    /// Seconds since 1970.
    last: Option<i64>,
    /// Nobody was at the kiosk at the last look either.
    lonely: bool,
    told: bool,
}

impl Guard {
    /// Allows `limit` bytes; 0 allows any number.
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, last: env::var(VARIABLE).ok().and_then(|at| at.parse().ok()), lonely: false, told: false }
    }

    /// Whether there is anything to guard.
    pub(super) fn is_on(&self) -> bool {
        self.limit > 0
    }

    /// Looks; true where the program is to start again. `nobody`: the attract screen is shown.
    pub(super) fn is_due(&mut self, resident: u64, nobody: bool, now: i64) -> bool {
        let lonely = std::mem::replace(&mut self.lonely, nobody) && nobody;
        if !self.is_on() || resident <= self.limit {
            return false;
        }
        let soon = self.last.is_some_and(|last| (last..last + APART).contains(&now));
        if soon && !std::mem::replace(&mut self.told, true) {
            tracing::warn!(
                resident,
                limit = self.limit,
                "the program needs more memory than it may, soon after it was started again for that; raise memory_limit_mib"
            );
        }
        lonely && !soon
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(last: Option<i64>) -> Guard {
        Guard { limit: 100, last, lonely: false, told: false }
    }

    #[test]
    fn it_restarts_only_where_nobody_has_been_for_a_while() {
        let mut guard = guard(None);
        assert!(!guard.is_due(101, true, 0), "somebody may have left just now");
        assert!(!guard.is_due(101, false, 30));
        assert!(!guard.is_due(101, true, 60));
        assert!(!guard.is_due(100, true, 90));
        assert!(guard.is_due(101, true, 120));
    }

    #[test]
    fn it_restarts_once_an_hour_at_most_and_never_without_a_limit() {
        let mut hasty = guard(Some(0));
        assert!(!hasty.is_due(101, true, 30) && !hasty.is_due(101, true, 3_599));
        assert!(hasty.is_due(101, true, 3_600));
        let mut unlimited = Guard { limit: 0, ..guard(None) };
        assert!(!unlimited.is_due(u64::MAX, true, 0) && !unlimited.is_due(u64::MAX, true, 30));
    }
}
