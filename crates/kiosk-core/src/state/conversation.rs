//! Somebody is there.

use std::{collections::BTreeMap, time::Duration};

use protocol::{
    ids::{Cursor, KioskSessionId, OpKey, SessionId, Sku},
    kiosk_session::KioskSession,
    session::CartLine,
    view::Who,
};

use super::{Cart, Entries, Idle, Profile, Questions};
use crate::{message::Moment, server::Token};

/// An answer that takes longer than this is not waited for on the screen.
const THINKING: Duration = Duration::from_secs(30);
/// The server lets go of a hold from which no call comes; scrolling and reading make none.
const SIGN_OF_LIFE: Duration = Duration::from_secs(150);

/// Somebody is there. Dropping it overwrites the token.
pub(crate) struct Conversation {
    pub(crate) hold: KioskSessionId,
    pub(crate) session: SessionId,
    pub(crate) token: Token,
    pub(crate) who: Who,
    pub(crate) entries: Entries,
    pub(crate) cart: Cart,
    /// None for a guest, and for whom the server shows none.
    pub(crate) profile: Option<Profile>,
    pub(crate) idle: Idle,
    /// What the kiosk's own assistant is to answer.
    pub(crate) questions: Questions,
    /// The change that tells the server of it, as long as the server has not heard of it.
    unheard: Option<OpKey>,
    /// Until when an answer of the server is awaited.
    thinking: Option<Moment>,
    /// When it ends, whatever happens.
    pub(crate) ends_at: Moment,
    /// Everything up to here is on the screen.
    seen: Cursor,
    /// Events were missed for good.
    pub(crate) missed: bool,
    /// The last call that the server counts as life.
    called: Moment,
    touched_since: bool,
}

impl Conversation {
    pub(crate) fn new(session: KioskSession, token: Token, now: Moment) -> Self {
        Self {
            hold: session.kiosk_session_id,
            session: session.session_id,
            token,
            who: who(&session),
            entries: Entries::new(session.chat, &session.currency),
            cart: Cart::new(session.cart, session.currency),
            profile: session.profile.map(Profile::new),
            idle: Idle::new(now),
            questions: Questions::default(),
            unheard: None,
            thinking: None,
            ends_at: now + Duration::from_secs(u64::from(session.absolute_seconds_left)),
            seen: session.cursor,
            missed: false,
            called: now,
            touched_since: false,
        }
    }

    /// One that begins on this kiosk alone; the server hears of it by the change with that key.
    pub(crate) fn begun_here(session: KioskSession, token: Token, beginning: OpKey, now: Moment) -> Self {
        Self { unheard: Some(beginning), ..Self::new(session, token, now) }
    }

    /// Whether the server knows of it, so that its token opens it there.
    pub(crate) fn is_heard_of(&self) -> bool {
        self.unheard.is_none()
    }

    /// The server has a change. True where it was the one that tells of this conversation.
    pub(crate) fn heard_of(&mut self, key: OpKey) -> bool {
        self.unheard.take_if(|beginning| *beginning == key).is_some()
    }

    /// Whether a change is the one that tells the server of this conversation.
    pub(crate) fn begins_with(&self, key: OpKey) -> bool {
        self.unheard == Some(key)
    }

    pub(crate) fn is_guest(&self) -> bool {
        self.who == Who::Guest
    }

    /// Whether an event is news. A stream that resumes repeats itself.
    pub(crate) fn is_news(&mut self, cursor: Cursor) -> bool {
        let news = cursor > self.seen;
        self.seen = self.seen.max(cursor);
        news
    }

    /// Whether events before this place are not on the screen.
    pub(crate) fn has_seen_less_than(&self, place: Cursor) -> bool {
        self.seen < place
    }

    /// Whether something from after this place is on the screen.
    pub(crate) fn has_seen_more_than(&self, place: Cursor) -> bool {
        self.seen > place
    }

    /// Takes a snapshot in.
    pub(crate) fn resync(&mut self, session: KioskSession, now: Moment) {
        self.missed = false;
        self.who = who(&session);
        self.seen = self.seen.max(session.cursor);
        self.ends_at = now + Duration::from_secs(u64::from(session.absolute_seconds_left));
        self.entries.resync(session.chat);
        self.cart.resync(session.cart);
        match (&mut self.profile, session.profile) {
            (Some(profile), Some(known)) => profile.resync(known),
            (profile, known) => *profile = known.map(Profile::new),
        }
        if !self.entries.awaits_answer() {
            self.answered();
        }
    }

    /// The server has what the customer wrote, so an answer is on its way.
    pub(crate) fn asked(&mut self, now: Moment) {
        if self.entries.awaits_answer() {
            self.thinking = Some(now + THINKING);
        }
    }

    /// The answer is there.
    pub(crate) fn answered(&mut self) {
        self.thinking = None;
    }

    pub(crate) fn is_thinking(&self, now: Moment) -> bool {
        self.questions.are_open() || self.thinking.is_some_and(|until| now < until)
    }

    /// Somebody touched the screen.
    pub(crate) fn touch(&mut self, now: Moment) {
        self.idle.touch(now);
        self.touched_since = true;
    }

    /// A call went out that the server counts as life.
    pub(crate) fn called(&mut self, now: Moment) {
        self.called = now;
        self.touched_since = false;
    }

    /// When the server is to be told that somebody is still there; none where nobody touched anything since it last heard.
    pub(crate) fn sign_of_life_at(&self) -> Option<Moment> {
        (self.touched_since && self.is_heard_of()).then(|| self.called + SIGN_OF_LIFE)
    }

    pub(crate) fn deadline(&self, now: Moment, speaking: bool) -> Option<Moment> {
        let thinking = self.thinking.filter(|until| now < *until);
        self.idle.deadline(now, speaking).into_iter().chain(thinking).chain(self.sign_of_life_at()).chain([self.ends_at]).min()
    }

    /// One piece of a product as a line of the cart; none for a product that nobody has shown here.
    pub(crate) fn piece(&self, sku: &Sku, options: BTreeMap<String, String>) -> Option<CartLine> {
        if let Some(card) = self.entries.card(sku) {
            return Some(CartLine {
                sku: card.sku.clone(),
                name: card.name.clone(),
                quantity: 1,
                price: card.price,
                price_minor: card.price_minor,
                currency: card.currency.clone(),
                image_url: card.image.clone(),
                options,
                price_changed: false,
            });
        }
        self.cart.line_of(sku).map(|line| CartLine { quantity: 1, options, price_changed: false, ..line })
    }
}

fn who(session: &KioskSession) -> Who {
    session.customer.as_ref().map_or(Who::Guest, |customer| Who::Customer {
        first_name: customer.first_name.clone(),
        loyalty_tier: customer.loyalty_tier.clone(),
        loyalty_points: customer.loyalty_points,
    })
}
