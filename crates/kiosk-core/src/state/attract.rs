//! Nobody is there.

use std::time::Duration;

use crate::{message::Moment, seal::EphemeralKey};

/// A language or mute button touched by somebody who walked on is taken back after this time.
const TAKEN_BACK: Duration = Duration::from_mins(1);

/// Nobody is there.
#[derive(Default)]
pub(crate) struct Attract {
    pub(crate) guest: GuestStart,
    /// When the last touch of a button was that changed language or voice.
    changed: Option<Moment>,
}

/// How far a guest's start has come.
#[derive(Default)]
pub(crate) enum GuestStart {
    /// Nobody asked.
    #[default]
    Idle,
    /// Waits for the handoff request on its way: the server ends a session when a handoff is opened after it.
    Wanted,
    /// The server was asked; what it issues is sealed to this key.
    Asked(EphemeralKey),
}

impl Attract {
    /// Language or voice were changed.
    pub(crate) fn changed(&mut self, now: Moment) {
        self.changed = Some(now);
    }

    /// When language and voice return to the device's own.
    pub(crate) fn back_at(&self) -> Option<Moment> {
        self.changed.map(|changed| changed + TAKEN_BACK)
    }

    /// Language and voice are the device's own again.
    pub(crate) fn is_back(&mut self) {
        self.changed = None;
    }
}
