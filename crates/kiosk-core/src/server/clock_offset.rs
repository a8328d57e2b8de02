//! How far the kiosk's clock is from the server's, learned from each answer's `Date`.

use std::sync::atomic::{AtomicI64, Ordering};

use time::{PrimitiveDateTime, macros::format_description};

/// Seconds that `Date` and a quick answer differ by anyway.
const TOLERATED: i64 = 2;

/// Seconds to add to the kiosk's clock.
#[derive(Debug, Default)]
pub(super) struct ClockOffset(AtomicI64);

impl ClockOffset {
    /// Learns from a `Date` header that arrived at `now`, in seconds since 1970.
    pub(super) fn learn(&self, date: &str, now: i64) {
        let Some(server) = seconds(date) else { return };
        let offset = server - now;
        if (offset - self.0.load(Ordering::Relaxed)).abs() > TOLERATED {
            self.0.store(offset, Ordering::Relaxed);
        }
    }

    /// The server's time when the kiosk's clock says `now`.
    pub(super) fn apply(&self, now: i64) -> i64 {
        now.saturating_add(self.0.load(Ordering::Relaxed))
    }
}

/// Seconds since 1970 of an IMF-fixdate (RFC 9110 section 5.6.7).
fn seconds(date: &str) -> Option<i64> {
    let format = format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    PrimitiveDateTime::parse(date, format).ok().map(|date| date.assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_is_corrected() {
        let offset = ClockOffset::default();
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        offset.learn("Sun, 06 Nov 1994 08:49:37 GMT", 1_000);
        assert_eq!(offset.apply(1_010), 784_111_787);
    }

    #[test]
    fn a_right_clock_and_a_strange_date_change_nothing() {
        let offset = ClockOffset::default();
        offset.learn("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_778);
        offset.learn("yesterday", 0);
        assert_eq!(offset.apply(5), 5);
    }
}
