//! Staff at the kiosk.

use protocol::{device::DeviceRole, kiosk_health::KioskHealth, kiosk_session::EndReason};

use super::Kiosk;
use crate::{
    message::{Effect, Moment},
    state::{Refused, State},
};

impl Kiosk {
    /// Somebody held the corner.
    pub(super) fn open_staff(&mut self, now: Moment) -> Result<(), Refused> {
        let is_set = self.device.as_ref().is_some_and(|device| device.role == DeviceRole::Kiosk && device.staff_pin.is_some());
        self.staff.open(is_set, now)
    }

    pub(super) fn enter_pin(&mut self, now: Moment) -> Result<(), Refused> {
        let refused = self.state.refuse("a PIN where none is set up");
        let typed = self.staff.enter(now)?;
        let pin = self.device.as_ref().and_then(|device| device.staff_pin.clone()).ok_or(refused)?;
        self.act(Effect::CheckPin(typed, *pin));
        Ok(())
    }

    pub(super) fn pin_checked(&mut self, right: bool, now: Moment) -> Result<(), Refused> {
        if self.staff.checked(right, now)? {
            self.act(Effect::LookAtHealth);
        } else {
            tracing::warn!("a wrong staff PIN was typed");
        }
        Ok(())
    }

    pub(super) fn told_health(&mut self, health: KioskHealth) -> Result<(), Refused> {
        self.staff.told(health)
    }

    pub(super) fn look_up(&mut self, text: String) -> Result<(), Refused> {
        self.staff.look_up(text.clone())?;
        self.act(Effect::LookUp(text));
        Ok(())
    }

    /// Staff end the visit of whoever is there, or was.
    pub(super) fn end_for_staff(&mut self, now: Moment) -> Result<(), Refused> {
        self.staff.allow("ending a visit")?;
        self.staff.close();
        match &self.state {
            State::Conversation(_) => self.leave(EndReason::Staff, now),
            State::Matching(_) => self.cancel_match(now),
            _ => Err(self.state.refuse("ending a visit")),
        }
    }

    /// Staff start the program anew. A visit ends with it.
    pub(super) fn restart_for_staff(&mut self) -> Result<(), Refused> {
        self.staff.allow("starting anew")?;
        self.staff.close();
        self.act(Effect::StartAnew);
        Ok(())
    }
}
