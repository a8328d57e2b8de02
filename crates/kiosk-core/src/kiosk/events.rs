//! What the server says happened.

use kiosk_store::CacheChange;
use protocol::{
    event::{EventBody, StreamEvent},
    ids::KioskSessionId,
    ids::{Cursor, OpKey, SessionId},
    kiosk_session::EndReason,
    session::{CartLine, Channel, ChatEntry, Sender},
};

use super::Kiosk;
use crate::{
    message::{Effect, Moment},
    state::{Conversation, Refused, State, Taken},
};

impl Kiosk {
    pub(super) fn happened(&mut self, event: StreamEvent, now: Moment) -> Result<(), Refused> {
        let StreamEvent { cursor, body, .. } = event;
        match body {
            EventBody::ChatAppended { session_id, entry, op, .. } => return self.appended(cursor, session_id, entry, op, now),
            EventBody::CartChanged { session_id, cart, op, .. } => return self.cart_changed(cursor, session_id, cart, op, now),
            EventBody::ProfileChanged { session_id, op } => return self.profile_changed(cursor, session_id, op, now),
            _ => {}
        }
        self.act(Effect::Apply(cursor, None));
        match body {
            EventBody::HandoffClaimed { handoff_id } => self.claimed(handoff_id, now),
            EventBody::HandoffOver { handoff_id, reason } => self.handoff_over(handoff_id, reason, now),
            EventBody::KioskSessionEnded { kiosk_session_id, reason } => self.hold_ended(kiosk_session_id, reason, now),
            EventBody::DeviceChanged => {
                self.act(Effect::FetchDevice);
                Ok(())
            }
            EventBody::DeviceRemoved => self.unenrolled(now),
            EventBody::CatalogueChanged => {
                self.act(Effect::FollowCatalogue);
                Ok(())
            }
            EventBody::Opened => {
                self.stream_from = Some(cursor);
                self.look_for_a_gap(now);
                Ok(())
            }
            EventBody::Touched
            | EventBody::ChatAppended { .. }
            | EventBody::CartChanged { .. }
            | EventBody::ProfileChanged { .. }
            | EventBody::Unknown => Ok(()),
        }
    }

    /// The conversation that an event is about, where the event is news to it. The event is taken in either way.
    fn concerned(&mut self, cursor: Cursor, session: SessionId) -> Option<&mut Conversation> {
        let news = match &mut self.state {
            State::Conversation(conversation) => conversation.session == session && conversation.is_news(cursor),
            _ => false,
        };
        if !matches!(&self.state, State::Conversation(conversation) if conversation.session == session) {
            self.passed_by = Some((session, cursor));
        }
        if !news {
            self.act(Effect::Apply(cursor, None));
            return None;
        }
        match &mut self.state {
            State::Conversation(conversation) => Some(conversation),
            _ => None,
        }
    }

    fn appended(
        &mut self,
        cursor: Cursor,
        session: SessionId,
        entry: ChatEntry,
        op: Option<OpKey>,
        now: Moment,
    ) -> Result<(), Refused> {
        let refused = self.state.refuse("an entry of another session, or one that is known");
        let Some(conversation) = self.concerned(cursor, session) else { return Err(refused) };
        let taken = conversation.entries.take(entry.clone(), op);
        let mut spoken = None;
        if entry.sender == Sender::Agent {
            conversation.answered();
            conversation.idle.heard(now);
            // What the shop says on another channel belongs there.
            spoken = (taken == Taken::New && entry.channel == Channel::Kiosk).then(|| entry.message.clone());
        } else if taken == Taken::Own {
            conversation.asked(now);
        }
        self.act(Effect::Apply(cursor, Some(CacheChange::Entry { op, entry })));
        if let Some(text) = spoken {
            self.say(&text);
        }
        Ok(())
    }

    fn cart_changed(
        &mut self,
        cursor: Cursor,
        session: SessionId,
        cart: Vec<CartLine>,
        op: Option<OpKey>,
        now: Moment,
    ) -> Result<(), Refused> {
        let refused = self.state.refuse("a cart of another session, or one that is known");
        let Some(conversation) = self.concerned(cursor, session) else { return Err(refused) };
        conversation.cart.take(cart, op, now);
        let shown = conversation.cart.shown();
        self.act(Effect::Apply(cursor, Some(CacheChange::Cart(shown))));
        Ok(())
    }

    /// The profile is something else now; what it is comes with a snapshot.
    fn profile_changed(&mut self, cursor: Cursor, session: SessionId, op: Option<OpKey>, now: Moment) -> Result<(), Refused> {
        let refused = self.state.refuse("a profile of another session, or one that is known");
        let Some(conversation) = self.concerned(cursor, session) else { return Err(refused) };
        let known = match (&mut conversation.profile, op) {
            (Some(profile), Some(op)) => profile.is_own(op) && !profile.delivered(op),
            _ => false,
        };
        conversation.missed |= !known;
        let change = conversation.profile.as_ref().map(|profile| CacheChange::Profile(profile.shown()));
        self.act(Effect::Apply(cursor, change));
        self.fetch_missed(now);
        Ok(())
    }

    fn hold_ended(&mut self, hold: KioskSessionId, reason: EndReason, now: Moment) -> Result<(), Refused> {
        match &self.state {
            State::Conversation(conversation) if conversation.hold == hold => self.part(reason, now),
            _ => {
                self.last_ended = Some(hold);
                Err(self.state.refuse("the end of another hold"))
            }
        }
    }
}
