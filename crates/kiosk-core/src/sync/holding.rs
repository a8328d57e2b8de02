use std::sync::{Mutex, PoisonError};

use protocol::ids::KioskSessionId;

/// Whom the kiosk has on its screen, as the loop last told.
#[derive(Debug, Default)]
pub(crate) struct Holding(Mutex<Option<KioskSessionId>>);

impl Holding {
    pub(crate) fn set(&self, hold: Option<KioskSessionId>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = hold;
    }

    pub(super) fn get(&self) -> Option<KioskSessionId> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
