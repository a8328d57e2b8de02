//! Something stands in the way.

use protocol::ErrorCode;

use crate::message::Moment;

/// What is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Opening keys and files.
    Open,
    /// Asking the server about this device.
    Device,
}

/// Something stands in the way.
pub(crate) struct Connecting {
    pub(crate) problem: ErrorCode,
    /// What staff can look up; never a secret.
    pub(crate) about: String,
    pub(crate) attempt: Attempt,
    /// When it is tried again; none where only a person can help, or while a try is on its way.
    pub(crate) retry_at: Option<Moment>,
}

impl Connecting {
    /// Whole seconds until the next try, at least one.
    pub(crate) fn retry_in(&self, now: Moment) -> Option<u32> {
        let left = self.retry_at?.saturating_sub(now);
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        u32::try_from(seconds.max(1)).ok()
    }

    /// When the next try is due, or the seconds on the screen change.
    pub(crate) fn deadline(&self, now: Moment) -> Option<Moment> {
        let retry_at = self.retry_at?;
        let whole = std::time::Duration::from_secs(u64::from(self.retry_in(now)?) - 1);
        Some(retry_at.saturating_sub(whole))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn seconds_count_down_to_the_try() {
        let connecting = Connecting {
            problem: ErrorCode::ServerUnreachable,
            about: String::new(),
            attempt: Attempt::Device,
            retry_at: Some(Duration::from_millis(2_500)),
        };
        let mut now = Duration::ZERO;
        let mut shown = Vec::new();
        while now < Duration::from_millis(2_500) {
            shown.push(connecting.retry_in(now).unwrap());
            now = connecting.deadline(now).unwrap();
        }
        assert_eq!(shown, [3, 2, 1]);
        assert_eq!(now, Duration::from_millis(2_500));
    }
}
