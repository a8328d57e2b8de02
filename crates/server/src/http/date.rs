//! The `Date` of each answer, by which kiosks set their proofs' time.
//!
//! The HTTP library writes one too, but only ever forward: after the machine's clock was set back it would tell the old time until
//! the clock has caught up.

use std::sync::{PoisonError, RwLock};

use axum::http::HeaderValue;
use protocol::Timestamp;
use time::macros::format_description;

/// The header's value for the second in which it was last asked for.
#[derive(Debug, Default)]
pub(super) struct Date {
    latest: RwLock<Option<(i64, HeaderValue)>>,
}

impl Date {
    /// An IMF-fixdate (RFC 9110 section 5.6.7).
    pub(super) fn at(&self, now: Timestamp) -> Option<HeaderValue> {
        let second = now.unix_seconds();
        if let Some((at, value)) = &*self.latest.read().unwrap_or_else(PoisonError::into_inner)
            && *at == second
        {
            return Some(value.clone());
        }
        let format = format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
        let value = HeaderValue::try_from(now.inner().format(format).ok()?).ok()?;
        *self.latest.write().unwrap_or_else(PoisonError::into_inner) = Some((second, value.clone()));
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_the_clock_forwards_and_back() {
        let date = Date::default();
        for (second, told) in [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (784_111_778, "Sun, 06 Nov 1994 08:49:38 GMT"),
            (784_025_377, "Sat, 05 Nov 1994 08:49:37 GMT"),
        ] {
            for millis in [0, 999] {
                assert_eq!(date.at(Timestamp::from_unix_millis(second * 1_000 + millis)).unwrap(), told);
            }
        }
    }
}
