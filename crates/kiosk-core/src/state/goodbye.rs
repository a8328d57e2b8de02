//! Somebody leaves.

use std::time::Duration;

use protocol::kiosk_session::EndReason;

use crate::message::Moment;

/// How long the screen says goodbye.
const SHOWN: Duration = Duration::from_secs(4);
/// When the next code is fetched, so that it is there when the attract screen comes.
const PREPARED: Duration = Duration::from_secs(3);

/// Before this a touch is the end of a double tap.
const READ: Duration = Duration::from_millis(500);

/// Somebody leaves.
pub(crate) struct Goodbye {
    pub(crate) reason: EndReason,
    pub(crate) guest: bool,
    began: Moment,
    prepared: bool,
}

impl Goodbye {
    pub(crate) fn new(reason: EndReason, guest: bool, now: Moment) -> Self {
        Self { reason, guest, began: now, prepared: false }
    }

    pub(crate) fn over_at(&self) -> Moment {
        self.began + SHOWN
    }

    /// Whether a touch is meant for this screen, rather than the second half of the one that led here.
    pub(crate) fn is_over_by_touch(&self, now: Moment) -> bool {
        now >= self.began + READ
    }

    pub(crate) fn deadline(&self) -> Moment {
        if self.prepared { self.over_at() } else { self.began + PREPARED }
    }

    /// Whether it is time to fetch the next code; true once.
    pub(crate) fn prepare(&mut self, now: Moment) -> bool {
        let due = !self.prepared && now >= self.began + PREPARED;
        self.prepared |= due;
        due
    }
}
