//! What happens because time passes.

use protocol::{handoff::HandoffEnd, kiosk_session::EndReason};

use super::Kiosk;
use crate::{
    message::{Effect, Moment},
    state::{EnrollingStep, Refused, Silence, State},
};

impl Kiosk {
    /// When something is to be done or drawn although nothing happens. On an attract screen that is a code's change, nothing else.
    pub(crate) fn deadline(&self, now: Moment) -> Option<Moment> {
        let notice = self.notice.map(|(_, until)| until);
        let state = match &self.state {
            State::Starting => None,
            State::Connecting(connecting) => connecting.deadline(now),
            State::Enrolling(enrolling) => enrolling.deadline(),
            State::Attract(attract) => attract.back_at(),
            State::Matching(matching) => Some(matching.left_at().min(matching.over_at())),
            State::Conversation(conversation) => {
                conversation.deadline(now, self.is_speaking()).into_iter().chain(self.take_over_at()).min()
            }
            State::Goodbye(goodbye) => Some(goodbye.deadline()),
        };
        let codes = match &self.state {
            State::Attract(_) | State::Goodbye(_) => self.handoffs.deadline(now),
            _ => None,
        };
        let staff = self.staff.deadline(now);
        notice.into_iter().chain(staff).chain(state).chain(codes).chain(self.device_due).chain(self.snapshot_due).min()
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: Moment) {
        self.notice.take_if(|(_, until)| now >= *until);
        if self.device_due.take_if(|due| now >= *due).is_some() {
            self.act(Effect::FetchDevice);
        }
        if self.snapshot_due.take_if(|due| now >= *due).is_some() {
            self.fetch_missed(now);
        }
        if self.staff.tick(now) {
            self.act(Effect::LookAtHealth);
        }
        if self.staff.forgets_look_ups() {
            self.act(Effect::ForgetLookUps);
        }
        // A state that was just entered may have something to do at once.
        for _ in 0..2 {
            let before = self.state.name();
            if let Err(refused) = self.tick_state(now) {
                tracing::warn!(%refused, "a timer asked for what is not possible");
            }
            if self.state.name() == before {
                break;
            }
        }
        if matches!(self.state, State::Attract(_) | State::Goodbye(_))
            && let Some(request) = self.handoffs.request(now, self.entropy.as_ref(), self.locale)
        {
            self.act(Effect::OpenHandoff(request));
        }
    }

    fn tick_state(&mut self, now: Moment) -> Result<(), Refused> {
        let speaking = self.is_speaking();
        match &mut self.state {
            State::Starting => {}
            State::Connecting(connecting) => {
                if connecting.retry_at.is_some_and(|at| now >= at) {
                    self.try_again();
                }
            }
            State::Enrolling(enrolling) => {
                while let Some(step) = enrolling.step(now) {
                    self.effects.push(match step {
                        EnrollingStep::Renew => Effect::RequestEnrolment,
                        EnrollingStep::Look => Effect::FetchDevice,
                    });
                }
            }
            State::Attract(attract) => {
                if attract.back_at().is_some_and(|at| now >= at) {
                    attract.is_back();
                    let chosen = std::mem::replace(&mut self.locale, self.setup.locale);
                    self.voice.muted = self.setup.muted;
                    if chosen != self.locale && self.handoffs.current().is_some() {
                        self.handoffs.renew_by(now);
                    }
                }
            }
            State::Matching(matching) => {
                if now >= matching.over_at() {
                    return self.back_to_attract(Some(HandoffEnd::Expired), now);
                }
                if now >= matching.left_at() {
                    return self.cancel_match(now);
                }
            }
            State::Conversation(conversation) => {
                if now >= conversation.ends_at {
                    return self.leave(EndReason::TimeOver, now);
                }
                if conversation.idle.tick(now, speaking) == Silence::Over {
                    return self.leave(EndReason::Idle, now);
                }
                if conversation.sign_of_life_at().is_some_and(|at| now >= at) {
                    self.fetch_session(now);
                }
                if self.take_over_at().is_some_and(|at| now >= at) {
                    self.take_over();
                }
            }
            State::Goodbye(goodbye) => {
                if now >= goodbye.over_at() {
                    return self.after_goodbye(now);
                }
                if goodbye.prepare(now) {
                    self.prepare_handoff(now);
                }
            }
        }
        Ok(())
    }
}
