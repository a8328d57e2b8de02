//! The customer's way: code, digits, conversation, goodbye.

use std::time::Duration;

use protocol::{
    ErrorCode,
    handoff::{GuestRequest, HandoffEnd, IssuedSession, OpenHandoffResponse},
    ids::HandoffId,
    kiosk_session::EndReason,
    sync::OpBody,
    view::{Notice, Who},
};

use super::Kiosk;
use crate::{
    greeting::greeting,
    message::{Effect, Moment},
    seal::EphemeralKey,
    server::ServerError,
    state::{Conversation, Enrolling, Goodbye, GuestStart, Refused, State},
};

/// How long codes wait for a goodbye to reach the server. A handoff opened before it ends the session for another reason.
const GOODBYE_FIRST: Duration = Duration::from_secs(2);

impl Kiosk {
    /// Codes are to be shown where the screen shows them and claims would be heard.
    pub(super) fn want_handoff(&mut self, now: Moment) {
        let shows = match &self.state {
            State::Attract(attract) => matches!(attract.guest, GuestStart::Idle),
            _ => false,
        };
        if shows {
            self.prepare_handoff(now);
        }
    }

    /// The first code is fetched ahead, while the last customer is still being said goodbye to.
    pub(super) fn prepare_handoff(&mut self, now: Moment) {
        if self.streaming && self.device.is_some() {
            self.handoffs.want(now);
            if let Some((_, until)) = self.unheard_goodbye {
                self.handoffs.wait_until(until);
            }
        }
    }

    /// The server knows of the goodbye, or cannot be told now: codes need not wait for it any longer.
    pub(super) fn goodbye_heard(&mut self, now: Moment) {
        if self.unheard_goodbye.take().is_some() {
            self.want_handoff(now);
        }
    }

    pub(super) fn handoff_answered(
        &mut self,
        answer: Result<OpenHandoffResponse, ServerError>,
        now: Moment,
    ) -> Result<(), Refused> {
        match answer {
            Ok(response) => {
                self.reached(now);
                let origin = self.device.as_ref().map(|device| device.phone_origin.clone()).unwrap_or_default();
                let opened = self.handoffs.opened(&response, &origin, now);
                let is_over = self.over_early.take() == Some(response.handoff_id);
                match &self.state {
                    State::Attract(attract) if !matches!(attract.guest, GuestStart::Idle) => {
                        self.give_codes_up();
                        return self.start_wanted_guest(now);
                    }
                    State::Attract(_) | State::Goodbye(_) if is_over => {
                        self.handoffs.drop_current();
                        self.prepare_handoff(now);
                    }
                    State::Attract(_) | State::Goodbye(_) => {}
                    // The server gave the claimed handoff up for this one.
                    State::Matching(_) => return self.back_to_attract(Some(HandoffEnd::Replaced), now),
                    _ => {
                        if opened.is_some() {
                            self.give_codes_up();
                        }
                    }
                }
                Ok(())
            }
            Err(error) => {
                let retry_after = if let ServerError::Refused(refusal) = &error { refusal.retry_after } else { None };
                self.handoffs.failed(now, self.entropy.as_ref(), retry_after);
                if !matches!(self.state, State::Attract(_) | State::Goodbye(_)) {
                    self.handoffs.rest();
                }
                self.failed(&error, now)?;
                self.start_wanted_guest(now)
            }
        }
    }

    pub(super) fn give_codes_up(&mut self) {
        self.handoffs.rest();
        if let Some(id) = self.handoffs.drop_current() {
            self.act(Effect::CancelHandoff(id));
        }
    }

    pub(super) fn claimed(&mut self, id: HandoffId, now: Moment) -> Result<(), Refused> {
        let State::Attract(_) = &self.state else { return Err(self.state.refuse("matching")) };
        let Some(handoff) = self.handoffs.take(id) else { return Err(self.state.refuse("matching for another handoff")) };
        self.handoffs.rest();
        self.notice = None;
        self.state.claim(handoff, now)
    }

    pub(super) fn handoff_over(&mut self, id: HandoffId, reason: HandoffEnd, now: Moment) -> Result<(), Refused> {
        match &self.state {
            State::Matching(matching) if matching.handoff.id == id => self.back_to_attract(Some(reason), now),
            State::Attract(_) | State::Goodbye(_) if self.handoffs.current().is_some_and(|handoff| handoff.id == id) => {
                self.handoffs.drop_current();
                self.prepare_handoff(now);
                Ok(())
            }
            State::Attract(_) | State::Goodbye(_) if self.handoffs.is_opening() => {
                self.over_early = Some(id);
                Ok(())
            }
            _ => Err(self.state.refuse("the end of another handoff")),
        }
    }

    /// Leaves the number pad for a fresh code.
    pub(super) fn back_to_attract(&mut self, reason: Option<HandoffEnd>, now: Moment) -> Result<(), Refused> {
        let (locale, muted) = (self.locale, self.voice.muted);
        self.enter_attract(now)?;
        // Whoever is there is still there.
        (self.locale, self.voice.muted) = (locale, muted);
        if let State::Attract(attract) = &mut self.state {
            attract.changed(now);
        }
        if let Some(reason) = reason.filter(|reason| *reason != HandoffEnd::KioskLeft) {
            self.tell(Notice::HandoffOver { reason }, now);
        }
        Ok(())
    }

    /// Gives the claimed handoff up.
    pub(super) fn cancel_match(&mut self, now: Moment) -> Result<(), Refused> {
        let State::Matching(matching) = &self.state else { return Err(self.state.refuse("leaving the number pad")) };
        let id = matching.handoff.id;
        self.act(Effect::CancelHandoff(id));
        self.back_to_attract(None, now)
    }

    pub(super) fn matched(
        &mut self,
        id: HandoffId,
        answer: Result<IssuedSession, ServerError>,
        now: Moment,
    ) -> Result<(), Refused> {
        let matching = match &self.state {
            State::Matching(matching) if matching.handoff.id == id => matching,
            _ => return self.unwanted(answer),
        };
        match answer {
            Ok(issued) => match matching.handoff.key.open(&issued.token, &id.to_string()) {
                Ok(token) => self.begin(issued, token, now),
                Err(broken) => {
                    tracing::error!(%broken, "a session was issued that cannot be used");
                    self.give_back(&issued);
                    self.tell(Notice::Refused { code: ErrorCode::InternalError }, now);
                    self.back_to_attract(None, now)
                }
            },
            Err(error) => {
                let notice = match error.code() {
                    ErrorCode::WrongDigits => Notice::HandoffOver { reason: HandoffEnd::WrongDigits },
                    ErrorCode::HandoffOver | ErrorCode::NotFound => Notice::HandoffOver { reason: HandoffEnd::Expired },
                    code => Notice::Refused { code },
                };
                if !error.is_answer() {
                    // It may have been issued; giving it up ends it.
                    self.act(Effect::CancelHandoff(id));
                }
                self.back_to_attract(None, now)?;
                self.tell(notice, now);
                self.failed(&error, now)
            }
        }
    }

    /// A session that came when nobody waited for it any more is given back.
    fn unwanted(&mut self, answer: Result<IssuedSession, ServerError>) -> Result<(), Refused> {
        if let Ok(issued) = answer {
            self.give_back(&issued);
        }
        Err(self.state.refuse("an issued session"))
    }

    fn give_back(&mut self, issued: &IssuedSession) {
        let op = self.op(issued.kiosk_session_id, OpBody::End { reason: EndReason::Done });
        self.act(Effect::Record(op, None));
    }

    /// Somebody wants to look around. Codes are given up first: the server ends a session when a handoff opens after it.
    pub(super) fn ask_for_guest(&mut self, now: Moment) -> Result<(), Refused> {
        let State::Attract(attract) = &mut self.state else { return Err(self.state.refuse("a guest")) };
        if !matches!(attract.guest, GuestStart::Idle) {
            return Ok(());
        }
        attract.guest = GuestStart::Wanted;
        self.give_codes_up();
        self.start_wanted_guest(now)
    }

    /// Asks the server for the guest that is wanted; where it is out of reach, the kiosk begins alone.
    fn start_wanted_guest(&mut self, now: Moment) -> Result<(), Refused> {
        if self.handoffs.is_opening() {
            return Ok(());
        }
        let State::Attract(attract) = &mut self.state else { return Ok(()) };
        if !matches!(attract.guest, GuestStart::Wanted) {
            return Ok(());
        }
        if !self.online {
            return self.begin_alone(now);
        }
        let key = EphemeralKey::random(self.entropy.as_ref());
        let request = GuestRequest { ephemeral_key: key.public().to_owned(), locale: self.locale };
        attract.guest = GuestStart::Asked(key);
        self.act(Effect::StartGuest(request));
        Ok(())
    }

    pub(super) fn guest_answered(&mut self, answer: Result<IssuedSession, ServerError>, now: Moment) -> Result<(), Refused> {
        let key = match &self.state {
            State::Attract(attract) => match &attract.guest {
                GuestStart::Asked(key) => key,
                _ => return self.unwanted(answer),
            },
            _ => return self.unwanted(answer),
        };
        let failure = match answer {
            Ok(issued) => match key.open(&issued.token, "") {
                Ok(token) => return self.begin(issued, token, now),
                Err(broken) => {
                    tracing::error!(%broken, "a session was issued that cannot be used");
                    self.give_back(&issued);
                    None
                }
            },
            // Whatever became of the call: a guest that begins here takes the place of one that it may have begun.
            Err(error) if !error.is_answer() => {
                self.failed(&error, now)?;
                return self.begin_alone(now);
            }
            Err(error) => Some(error),
        };
        if let State::Attract(attract) = &mut self.state {
            attract.guest = GuestStart::Idle;
        }
        self.want_handoff(now);
        let code = failure.as_ref().map_or(ErrorCode::InternalError, ServerError::code);
        self.tell(Notice::Refused { code }, now);
        failure.map_or(Ok(()), |error| self.failed(&error, now))
    }

    /// Somebody is there.
    fn begin(&mut self, issued: IssuedSession, token: crate::server::Token, now: Moment) -> Result<(), Refused> {
        self.reached(now);
        if self.last_ended == Some(issued.kiosk_session_id) {
            // The phone, or whoever came next, ended it before it was on the screen.
            let State::Attract(attract) = &mut self.state else { return self.back_to_attract(None, now) };
            attract.guest = GuestStart::Idle;
            self.want_handoff(now);
            return Ok(());
        }
        let session = issued.session;
        let conversation = Box::new(Conversation::new(session.clone(), token, now));
        let who = conversation.who.clone();
        if let Err(refused) = self.state.converse(conversation) {
            let op = self.op(session.kiosk_session_id, OpBody::End { reason: EndReason::Done });
            self.act(Effect::Record(op, None));
            return Err(refused);
        }
        self.handoffs.rest();
        self.handoffs.drop_current();
        self.notice = None;
        self.act(Effect::Hold(Box::new(session)));
        self.look_for_a_gap(now);
        self.greet(&who);
        Ok(())
    }

    pub(super) fn greet(&mut self, who: &Who) {
        let shop = self.device.as_ref().map(|device| device.shop.name.as_str()).unwrap_or_default();
        let text = greeting(self.locale, who, shop);
        self.say(&text);
    }

    /// Ends the conversation from here; the server hears of it now or when it is in reach.
    pub(super) fn leave(&mut self, reason: EndReason, now: Moment) -> Result<(), Refused> {
        let State::Conversation(conversation) = &self.state else { return Err(self.state.refuse("goodbye")) };
        let op = self.op(conversation.hold, OpBody::End { reason });
        self.hush();
        self.unheard_goodbye = Some((op.key, now + GOODBYE_FIRST));
        self.act(Effect::Record(op, None));
        self.part(reason, now)
    }

    /// The conversation is over: what was on the screen, in memory and on the disk goes.
    pub(super) fn part(&mut self, reason: EndReason, now: Moment) -> Result<(), Refused> {
        let State::Conversation(conversation) = &self.state else { return Err(self.state.refuse("goodbye")) };
        let goodbye = Goodbye::new(reason, conversation.is_guest(), now);
        self.hush();
        let conversation = self.state.part(goodbye)?;
        self.last_ended = Some(conversation.hold);
        drop(conversation);
        self.notice = None;
        self.act(Effect::Wipe);
        Ok(())
    }

    /// The program ends: so does a conversation, and nobody is left waiting at the number pad.
    pub(crate) fn shut_down(&mut self, now: Moment) {
        let done = match &self.state {
            State::Conversation(_) => self.leave(EndReason::Restart, now),
            State::Matching(_) => self.cancel_match(now),
            _ => Ok(()),
        };
        if let Err(refused) = done {
            tracing::debug!(%refused, "there was nothing to end");
        }
        self.hush();
    }

    /// Goodbye has been said.
    pub(super) fn after_goodbye(&mut self, now: Moment) -> Result<(), Refused> {
        let State::Goodbye(_) = &self.state else { return Err(self.state.refuse("the end of goodbye")) };
        if self.device.is_none() {
            (self.locale, self.voice.muted) = (self.setup.locale, self.setup.muted);
            return self.state.enrol(Enrolling::new(now));
        }
        self.enter_attract(now)
    }
}
