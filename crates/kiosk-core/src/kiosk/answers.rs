//! The server's answers.

use protocol::{
    ErrorCode,
    ids::{KioskSessionId, OpKey},
    kiosk_session::{EndReason, KioskSession},
    sync::Refusal,
    view::Notice,
};

use super::Kiosk;
use crate::{
    WavStream,
    message::{Answer, Effect, Moment},
    server::ServerError,
    state::{Outcome, Refused, State},
};

impl Kiosk {
    pub(super) fn answered(&mut self, answer: Answer, now: Moment) -> Result<(), Refused> {
        match answer {
            Answer::Device(answer) => self.device_answered(answer, now),
            Answer::Enrolment(answer) => self.coded(answer, now),
            Answer::Handoff(answer) => self.handoff_answered(answer, now),
            Answer::Match(id, answer) => self.matched(id, answer, now),
            Answer::Guest(answer) => self.guest_answered(answer, now),
            Answer::Snapshot(hold, answer) => self.snapshot(hold, answer, now),
            Answer::Speech(utterance, answer) => self.speech(utterance, answer, now),
            Answer::Rendered(utterance, wav) => self.rendered(utterance, wav, now),
            Answer::Thought(key, thought) => self.thought(key, &thought, now),
        }
    }

    /// Events between what the conversation has seen and where the stream began are made up for by a snapshot.
    pub(super) fn look_for_a_gap(&mut self, now: Moment) {
        if let (State::Conversation(conversation), Some(from)) = (&mut self.state, self.stream_from) {
            conversation.missed |= conversation.has_seen_less_than(from);
        }
        if let (State::Conversation(conversation), Some((session, cursor))) = (&mut self.state, self.passed_by) {
            conversation.missed |= conversation.session == session && conversation.has_seen_less_than(cursor);
        }
        self.fetch_missed(now);
    }

    /// Asks for a snapshot where events were missed and the stream stands again.
    pub(super) fn fetch_missed(&mut self, now: Moment) {
        if let State::Conversation(conversation) = &self.state
            && conversation.missed
            && self.streaming
        {
            self.fetch_session(now);
        }
    }

    pub(super) fn fetch_session(&mut self, now: Moment) {
        if let State::Conversation(conversation) = &mut self.state
            && conversation.is_heard_of()
        {
            conversation.called(now);
            let effect = Effect::FetchSession(conversation.hold, conversation.token.clone());
            self.act(effect);
        }
    }

    fn snapshot(&mut self, hold: KioskSessionId, answer: Result<KioskSession, ServerError>, now: Moment) -> Result<(), Refused> {
        let conversation = match &mut self.state {
            State::Conversation(conversation) if conversation.hold == hold => conversation,
            _ => return Err(self.state.refuse("a snapshot of another hold")),
        };
        match answer {
            // An event that came meanwhile is not in it.
            Ok(session) if session.kiosk_session_id == hold && conversation.has_seen_more_than(session.cursor) => {
                self.reached(now);
                self.fetch_missed(now);
                Ok(())
            }
            Ok(session) if session.kiosk_session_id == hold => {
                conversation.resync(session.clone(), now);
                self.snapshot_due = None;
                self.snapshot_backoff.reset();
                self.reached(now);
                self.act(Effect::Hold(Box::new(session)));
                // The stream may have begun anew meanwhile.
                self.look_for_a_gap(now);
                Ok(())
            }
            Ok(_) => Err(self.state.refuse("a snapshot of another hold")),
            Err(ServerError::Refused(error)) if is_over(error.code) => self.part(EndReason::SessionEnded, now),
            Err(error) => {
                if conversation.missed {
                    let wait = self.snapshot_backoff.next(self.entropy.as_ref()).max(error.retry_after());
                    self.snapshot_due = Some(now + wait);
                }
                self.failed(&error, now)
            }
        }
    }

    fn speech(&mut self, utterance: u64, answer: Result<WavStream, ServerError>, now: Moment) -> Result<(), Refused> {
        if utterance != self.voice.utterance {
            return Err(self.state.refuse("speech that nobody waits for"));
        }
        let asked = self.voice.asked.take();
        match answer {
            Ok(wav) => {
                self.voice.fetching = false;
                self.reached(now);
                self.act(Effect::Play(wav));
                Ok(())
            }
            Err(error) => {
                tracing::warn!(code = ?error.code(), "the server does not speak");
                if let Some(request) = asked {
                    self.act(Effect::Render(utterance, request));
                }
                self.failed(&error, now)
            }
        }
    }

    fn rendered(&mut self, utterance: u64, wav: Option<WavStream>, now: Moment) -> Result<(), Refused> {
        if utterance != self.voice.utterance {
            return Err(self.state.refuse("speech that nobody waits for"));
        }
        self.voice.fetching = false;
        match wav {
            Some(wav) => self.act(Effect::Play(wav)),
            None => self.voice_ended(now),
        }
        Ok(())
    }

    /// The server took changes from the outbox in, of this hold or of an earlier one.
    pub(super) fn settled(&mut self, applied: &[OpKey], refused: &[Refusal], now: Moment) {
        self.reached(now);
        let is_settled = |key| applied.contains(&key) || refused.iter().any(|refusal| refusal.key == key);
        if self.unheard_goodbye.is_some_and(|(key, _)| is_settled(key)) {
            self.goodbye_heard(now);
        }
        let State::Conversation(conversation) = &mut self.state else { return };
        if refused.iter().any(|refusal| conversation.begins_with(refusal.key)) {
            // Nothing of it would ever reach the server.
            if let Err(refused) = self.part(EndReason::SessionEnded, now) {
                tracing::debug!(%refused, "the conversation was over already");
            }
            return;
        }
        conversation.called(now);
        for key in applied {
            // What came after the beginning may have come before the stream told of it.
            conversation.missed |= conversation.heard_of(*key);
            conversation.missed |= conversation.cart.delivered(*key, now);
            conversation.missed |= conversation.profile.as_mut().is_some_and(|profile| profile.delivered(*key));
            if conversation.entries.delivered(*key) {
                conversation.asked(now);
            }
        }
        let mut notice = None;
        for Refusal { key, error, profile } in refused {
            let entry = conversation.entries.refuse(*key);
            let of_profile = conversation.profile.as_mut().map_or(Outcome::Foreign, |own| own.refuse(*key, profile.as_ref()));
            match of_profile {
                Outcome::Conflict => notice = Some(Notice::ProfileConflict),
                // The profile says already what the customer wants.
                Outcome::Gone if profile.is_some() => {}
                Outcome::Gone => notice = Some(Notice::Refused { code: error.code }),
                Outcome::Foreign if conversation.cart.refuse(*key) || entry => {
                    notice = Some(Notice::Refused { code: error.code });
                }
                Outcome::Foreign => {}
            }
        }
        if let Some(notice) = notice {
            self.tell(notice, now);
        }
        self.fetch_missed(now);
    }

    /// A change could not be kept on the disk, so it never was.
    pub(crate) fn not_recorded(&mut self, key: OpKey, code: ErrorCode, now: Moment) {
        if self.unheard_goodbye.is_some_and(|(goodbye, _)| goodbye == key) {
            self.goodbye_heard(now);
        }
        if let State::Conversation(conversation) = &mut self.state {
            conversation.entries.forget(key);
            conversation.questions.forget(key);
            conversation.cart.refuse(key);
            if let Some(profile) = &mut conversation.profile {
                profile.refuse(key, None);
            }
            self.tell(Notice::Refused { code }, now);
        }
    }
}

/// Whether the server's answer means that the hold is no more.
fn is_over(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::SessionExpired
            | ErrorCode::SessionNotFound
            | ErrorCode::InvalidToken
            | ErrorCode::AuthenticationRequired
            | ErrorCode::NotFound
    )
}
