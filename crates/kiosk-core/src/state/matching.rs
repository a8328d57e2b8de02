//! A phone claimed the handoff; its digits are to be typed.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::{handoff::Handoff, message::Moment};

/// Digits to type.
const DIGITS: usize = 2;
/// Without a touch for this long, nobody is there.
const LEFT: Duration = Duration::from_mins(1);
/// The server ends a handoff by itself; this long after that the kiosk does not wait for the news any more.
const NEWS: Duration = Duration::from_secs(5);

/// A phone claimed the handoff; its digits are to be typed.
pub(crate) struct Matching {
    pub(crate) handoff: Handoff,
    digits: Zeroizing<String>,
    checking: bool,
    touched: Moment,
}

impl Matching {
    pub(crate) fn new(handoff: Handoff, now: Moment) -> Self {
        Self { handoff, digits: Zeroizing::new(String::with_capacity(DIGITS)), checking: false, touched: now }
    }

    /// Somebody is there.
    pub(crate) fn touch(&mut self, now: Moment) {
        self.touched = now;
    }

    /// A digit was pressed. With the last one there are digits to check; there is one try.
    pub(crate) fn press(&mut self, digit: u8) -> Option<Zeroizing<String>> {
        if self.checking || digit > 9 {
            return None;
        }
        self.digits.push(char::from(b'0' + digit));
        if self.digits.len() < DIGITS {
            return None;
        }
        self.checking = true;
        Some(std::mem::take(&mut self.digits))
    }

    pub(crate) fn erase(&mut self) {
        self.digits.pop();
    }

    pub(crate) fn is_checking(&self) -> bool {
        self.checking
    }

    /// How many digits are on the screen.
    pub(crate) fn typed(&self) -> u8 {
        if self.checking { 2 } else { u8::from(!self.digits.is_empty()) }
    }

    /// When nobody seems to be there any more.
    pub(crate) fn left_at(&self) -> Moment {
        self.touched + LEFT
    }

    /// When the handoff is over, even if the server's news of it got lost.
    pub(crate) fn over_at(&self) -> Moment {
        self.handoff.ends + NEWS
    }
}
