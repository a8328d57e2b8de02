//! What the kiosk is doing: one state at a time, left and entered by transitions that can refuse.

mod attract;
mod cards;
mod cart;
mod connecting;
mod conversation;
mod enrolling;
mod entries;
mod goodbye;
mod idle;
mod matching;
mod profile;
mod questions;
mod staff;

pub(crate) use attract::{Attract, GuestStart};
pub(crate) use cart::{Cart, Change};
pub(crate) use connecting::{Attempt, Connecting};
pub(crate) use conversation::Conversation;
pub(crate) use enrolling::{Enrolling, Step as EnrollingStep};
pub(crate) use entries::{Entries, Entry, Taken};
pub(crate) use goodbye::Goodbye;
pub(crate) use idle::{Idle, Silence};
pub(crate) use matching::Matching;
pub(crate) use profile::{Base, Outcome, Profile};
use protocol::view::Who;
pub(crate) use questions::Questions;
pub(crate) use staff::Staff;

use crate::handoff::Handoff;

/// What the kiosk is doing.
pub(crate) enum State {
    /// Keys and files are being opened.
    Starting,
    /// Something stands in the way.
    Connecting(Connecting),
    /// An operator is to type a code.
    Enrolling(Enrolling),
    /// Nobody is there.
    Attract(Attract),
    /// A phone claimed the handoff; its digits are to be typed.
    Matching(Box<Matching>),
    /// Somebody is there.
    Conversation(Box<Conversation>),
    /// Somebody leaves.
    Goodbye(Goodbye),
}

/// A transition that the state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} is not possible while {state}")]
pub(crate) struct Refused {
    pub(crate) state: &'static str,
    pub(crate) wanted: &'static str,
}

impl State {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Connecting(_) => "connecting",
            Self::Enrolling(_) => "enrolling",
            Self::Attract(_) => "attract",
            Self::Matching(_) => "matching",
            Self::Conversation(_) => "conversation",
            Self::Goodbye(_) => "goodbye",
        }
    }

    pub(crate) fn refuse(&self, wanted: &'static str) -> Refused {
        Refused { state: self.name(), wanted }
    }

    /// Something stands in the way of showing the attract screen for the first time.
    pub(crate) fn block(&mut self, connecting: Connecting) -> Result<(), Refused> {
        match self {
            Self::Starting | Self::Connecting(_) | Self::Enrolling(_) => {
                *self = Self::Connecting(connecting);
                Ok(())
            }
            _ => Err(self.refuse("connecting")),
        }
    }

    /// The server does not know this device. A conversation must be over first.
    pub(crate) fn enrol(&mut self, enrolling: Enrolling) -> Result<(), Refused> {
        match self {
            Self::Conversation(_) | Self::Enrolling(_) => Err(self.refuse("enrolling")),
            _ => {
                *self = Self::Enrolling(enrolling);
                Ok(())
            }
        }
    }

    /// Nobody is there any more, or nobody was yet. A conversation ends by goodbye only.
    pub(crate) fn attract(&mut self, attract: Attract) -> Result<(), Refused> {
        match self {
            Self::Conversation(_) | Self::Attract(_) => Err(self.refuse("attract")),
            _ => {
                *self = Self::Attract(attract);
                Ok(())
            }
        }
    }

    /// A phone claimed the handoff on the glass.
    pub(crate) fn claim(&mut self, handoff: Handoff, now: crate::message::Moment) -> Result<(), Refused> {
        match self {
            Self::Attract(_) => {
                *self = Self::Matching(Box::new(Matching::new(handoff, now)));
                Ok(())
            }
            _ => Err(self.refuse("matching")),
        }
    }

    /// A session was issued, to a customer whose digits matched or to a guest who asked; or a guest's begins here.
    pub(crate) fn converse(&mut self, conversation: Box<Conversation>) -> Result<(), Refused> {
        let allowed = match (&*self, &conversation.who) {
            (Self::Matching(matching), Who::Customer { .. }) => matching.is_checking(),
            (Self::Attract(attract), Who::Guest) => matches!(attract.guest, GuestStart::Asked(_)) || !conversation.is_heard_of(),
            _ => false,
        };
        if !allowed {
            return Err(self.refuse("conversation"));
        }
        *self = Self::Conversation(conversation);
        Ok(())
    }

    /// The beginning of a conversation could not be kept, so that it never was one.
    pub(crate) fn take_back(&mut self, attract: Attract) -> Result<(), Refused> {
        match self {
            Self::Conversation(conversation) if !conversation.is_heard_of() => {
                *self = Self::Attract(attract);
                Ok(())
            }
            _ => Err(self.refuse("taking a beginning back")),
        }
    }

    /// The conversation is over; what it held is given back, to be dropped.
    pub(crate) fn part(&mut self, goodbye: Goodbye) -> Result<Box<Conversation>, Refused> {
        match std::mem::replace(self, Self::Goodbye(goodbye)) {
            Self::Conversation(conversation) => Ok(conversation),
            other => {
                *self = other;
                Err(self.refuse("goodbye"))
            }
        }
    }
}

#[cfg(test)]
mod tests;
