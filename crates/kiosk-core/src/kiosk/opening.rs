//! Getting ready: keys and files, the server, enrolment.

use std::time::Duration;

use protocol::{
    ErrorCode,
    device::{DeviceResponse, EnrolmentResponse},
    kiosk_session::EndReason,
    sync::OpBody,
};

use super::Kiosk;
use crate::{
    message::{Effect, Moment, Opened, Problem},
    server::ServerError,
    state::Attempt,
    state::{Attract, Connecting, Enrolling, Refused, State},
};

/// People read the seconds until the next try, so it never flickers by.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);

impl Kiosk {
    pub(super) fn opened(&mut self, opened: Result<Opened, Problem>, now: Moment) -> Result<(), Refused> {
        match opened {
            Err(problem) => {
                let retry_at = problem.passes.then(|| now + self.open_backoff.next(self.entropy.as_ref()).max(SHORTEST_RETRY));
                self.state.block(Connecting { problem: problem.code, about: problem.about, attempt: Attempt::Open, retry_at })
            }
            Ok(Opened { device, unfinished }) => {
                if let Some(hold) = unfinished {
                    let op = self.op(hold, OpBody::End { reason: EndReason::Restart });
                    self.act(Effect::Record(op, None));
                }
                self.act(Effect::FetchDevice);
                let Some(device) = device else { return Ok(()) };
                self.device = Some(device);
                self.act(Effect::Connect);
                self.enter_attract(now)
            }
        }
    }

    pub(super) fn device_answered(&mut self, answer: Result<DeviceResponse, ServerError>, now: Moment) -> Result<(), Refused> {
        match answer {
            Ok(device) => self.enrolled(device, now),
            Err(ServerError::Refused(error)) if error.code == ErrorCode::KioskNotEnrolled => {
                self.online = true;
                self.unenrolled(now)
            }
            Err(error) if self.device.is_some() => self.failed(&error, now),
            Err(error) => self.not_ready(&error, now),
        }
    }

    fn enrolled(&mut self, device: DeviceResponse, now: Moment) -> Result<(), Refused> {
        if self.device.as_ref() != Some(&device) {
            self.act(Effect::Remember(Some(Box::new(device.clone()))));
        }
        self.device = Some(device);
        self.reached(now);
        self.act(Effect::Connect);
        match self.state {
            State::Starting | State::Connecting(_) | State::Enrolling(_) => self.enter_attract(now),
            _ => Ok(()),
        }
    }

    /// The server does not know this device, or not any more.
    pub(super) fn unenrolled(&mut self, now: Moment) -> Result<(), Refused> {
        if self.device.take().is_some() {
            self.act(Effect::Remember(None));
            self.act(Effect::Disconnect);
            self.streaming = false;
            self.handoffs.rest();
            self.handoffs.drop_current();
        }
        self.device_due = None;
        match &mut self.state {
            State::Conversation(_) => self.part(EndReason::Unenrolled, now),
            // Goodbye leads to enrolment by itself.
            State::Goodbye(_) => Ok(()),
            State::Enrolling(enrolling) => {
                enrolling.not_yet(now);
                Ok(())
            }
            _ => self.state.enrol(Enrolling::new(now)),
        }
    }

    /// The server cannot tell yet who this device is.
    fn not_ready(&mut self, error: &ServerError, now: Moment) -> Result<(), Refused> {
        self.online = error.is_answer();
        if let (State::Enrolling(enrolling), true) = (&mut self.state, error.is_answer()) {
            enrolling.not_yet(now);
            return Ok(());
        }
        let mut wait = self.connect_backoff.next(self.entropy.as_ref()).max(SHORTEST_RETRY);
        if let ServerError::Refused(refusal) = error {
            wait = wait.max(Duration::from_secs(u64::from(refusal.retry_after.unwrap_or(0))));
        }
        self.state.block(Connecting {
            problem: error.code(),
            about: self.setup.server.clone(),
            attempt: Attempt::Device,
            retry_at: Some(now + wait),
        })
    }

    pub(super) fn coded(&mut self, answer: Result<EnrolmentResponse, ServerError>, now: Moment) -> Result<(), Refused> {
        let State::Enrolling(enrolling) = &mut self.state else { return Err(self.state.refuse("a code for enrolment")) };
        match answer {
            Ok(response) => {
                self.online = true;
                self.device_backoff.reset();
                enrolling.coded(response, now);
                Ok(())
            }
            Err(error) if error.is_answer() => {
                let asked = if let ServerError::Refused(refusal) = &error { refusal.retry_after } else { None };
                let wait =
                    self.device_backoff.next(self.entropy.as_ref()).max(Duration::from_secs(u64::from(asked.unwrap_or(1))));
                enrolling.not_coded(now + wait);
                // Being enrolled meanwhile is a reason to be refused a code.
                self.act(Effect::FetchDevice);
                Ok(())
            }
            Err(error) => self.not_ready(&error, now),
        }
    }

    /// Tries again what the connecting screen waits for.
    pub(super) fn try_again(&mut self) {
        if let State::Connecting(connecting) = &mut self.state {
            connecting.retry_at = None;
            let effect = match connecting.attempt {
                Attempt::Open => Effect::Open,
                Attempt::Device => Effect::FetchDevice,
            };
            self.act(effect);
        }
    }

    /// Shows the attract screen, in the device's own language and voice.
    pub(super) fn enter_attract(&mut self, now: Moment) -> Result<(), Refused> {
        self.state.attract(Attract::default())?;
        self.locale = self.setup.locale;
        self.voice.muted = self.setup.muted;
        self.want_handoff(now);
        Ok(())
    }
}
