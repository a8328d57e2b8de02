//! What people at the screen want.

use std::{collections::BTreeMap, time::Duration};

use kiosk_store::CacheChange;
use protocol::{
    ErrorCode,
    ids::{EntryId, KioskSessionId, Sku},
    intent::Intent,
    kiosk_profile::ProfileField,
    kiosk_session::EndReason,
    session::{Channel, ChatEntry, Sender},
    shop::Locale,
    sync::OpBody,
    view::Notice,
};

use super::Kiosk;
use crate::{
    message::{Effect, Moment},
    state::{Base, Change, Conversation, Profile, Refused, State},
};

/// A language is chosen; a phone that scans a moment later opens its page in it.
const NEW_LANGUAGE: Duration = Duration::from_secs(1);

impl Kiosk {
    pub(super) fn intend(&mut self, intent: Intent, now: Moment) -> Result<(), Refused> {
        // Whatever is touched, the voice stops before anything else.
        self.hush();
        self.staff.touch(now);
        match &mut self.state {
            State::Conversation(conversation) => conversation.touch(now),
            State::Matching(matching) => matching.touch(now),
            State::Goodbye(goodbye) if goodbye.is_over_by_touch(now) => return self.after_goodbye(now),
            State::Goodbye(_) => return Ok(()),
            _ => {}
        }
        match intent {
            Intent::Touched => Ok(()),
            Intent::MoreTime => {
                self.conversation()?.idle.more_time(now);
                Ok(())
            }
            Intent::ContinueAsGuest => self.ask_for_guest(now),
            Intent::PressDigit { digit } => self.press(digit),
            Intent::EraseDigit => match &mut self.state {
                State::Matching(matching) => {
                    matching.erase();
                    Ok(())
                }
                _ => Err(self.state.refuse("erasing a digit")),
            },
            Intent::CancelMatch => self.cancel_match(now),
            Intent::SendMessage { text } => self.write(text.trim()),
            Intent::AddToCart { sku, options } => self.add_to_cart(&sku, options, now),
            Intent::SetQuantity { sku, options, quantity } => self.set_quantity(sku, options, quantity),
            Intent::ChangeProfile { field, value } => self.change_profile(field, value),
            Intent::SettleProfile { field, here } => self.settle_profile(field, here),
            Intent::Done => self.leave(EndReason::Done, now),
            Intent::SetLocale { locale } => {
                self.choose(locale, now);
                Ok(())
            }
            Intent::SetMuted { muted } => {
                self.voice.muted = muted;
                self.changed(now);
                Ok(())
            }
            Intent::SpeakEntry { key } => {
                let entry = self.conversation()?.entries.find(&key).map(|entry| entry.text.clone());
                let text = entry.ok_or_else(|| self.state.refuse("saying an unknown entry"))?;
                self.say(&text);
                Ok(())
            }
            Intent::Retry => {
                self.try_again();
                if self.device_due.is_some() {
                    self.device_due = Some(now);
                }
                self.act(Effect::Retry);
                Ok(())
            }
            Intent::OpenStaff => self.open_staff(now),
            Intent::PressPin { digit } => self.staff.press(digit, now),
            Intent::ErasePin => self.staff.erase(now),
            Intent::EnterPin => self.enter_pin(now),
            Intent::CloseStaff => {
                self.staff.close();
                Ok(())
            }
            Intent::LookUp { text } => self.look_up(text),
            Intent::LeaveLookUp => self.staff.leave_look_up(),
            Intent::EndVisit => self.end_for_staff(now),
            Intent::StartAnew => self.restart_for_staff(),
        }
    }

    pub(super) fn conversation(&mut self) -> Result<&mut Conversation, Refused> {
        let refused = self.state.refuse("a part of a conversation");
        match &mut self.state {
            State::Conversation(conversation) => Ok(conversation),
            _ => Err(refused),
        }
    }

    fn press(&mut self, digit: u8) -> Result<(), Refused> {
        let State::Matching(matching) = &mut self.state else { return Err(self.state.refuse("a digit")) };
        let id = matching.handoff.id;
        if let Some(digits) = matching.press(digit) {
            self.act(Effect::Match(id, digits));
        }
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<(), Refused> {
        let hold = self.conversation()?.hold;
        let answered_here = self.answers_here();
        if answered_here {
            // Answers come in the order of the messages.
            self.take_over();
        }
        let op = self.op(hold, OpBody::Chat { message: text.to_owned(), answered_here });
        let key = op.key;
        self.conversation()?.entries.write(key, text.to_owned(), op.made_at, answered_here);
        let entry = ChatEntry {
            id: EntryId(op.key.0),
            sender: Sender::User,
            message: text.to_owned(),
            timestamp: op.made_at,
            channel: Channel::Kiosk,
            metadata: None,
        };
        let effect = CacheChange::Entry { op: Some(op.key), entry };
        self.act(Effect::Record(op, Some(effect)));
        if answered_here {
            self.conversation()?.questions.ask(key);
            self.think();
        }
        Ok(())
    }

    fn add_to_cart(&mut self, sku: &Sku, options: BTreeMap<String, String>, now: Moment) -> Result<(), Refused> {
        let conversation = self.conversation()?;
        let Some(line) = conversation.piece(sku, options.clone()) else {
            self.tell(Notice::Refused { code: ErrorCode::ProductNotFound }, now);
            return Ok(());
        };
        let hold = conversation.hold;
        self.change_cart(hold, OpBody::AddToCart { sku: sku.clone(), quantity: 1, options }, Change::Add(line))?;
        self.tell(Notice::AddedToCart, now);
        Ok(())
    }

    fn set_quantity(&mut self, sku: Sku, options: BTreeMap<String, String>, quantity: u32) -> Result<(), Refused> {
        let conversation = self.conversation()?;
        if !conversation.cart.has(&sku, &options) {
            return Err(self.state.refuse("changing a line that is not in the cart"));
        }
        let hold = conversation.hold;
        let body = OpBody::SetQuantity { sku: sku.clone(), quantity, options: options.clone() };
        self.change_cart(hold, body, Change::Set { sku, options, quantity })
    }

    pub(super) fn change_cart(&mut self, hold: KioskSessionId, body: OpBody, change: Change) -> Result<(), Refused> {
        let op = self.op(hold, body);
        let cart = &mut self.conversation()?.cart;
        cart.change(op.key, change);
        let effect = CacheChange::Cart(cart.shown());
        self.act(Effect::Record(op, Some(effect)));
        Ok(())
    }

    fn profile(&mut self) -> Result<(KioskSessionId, &mut Profile), Refused> {
        let refused = self.state.refuse("a profile where none is shown");
        let conversation = self.conversation()?;
        let hold = conversation.hold;
        conversation.profile.as_mut().map(|profile| (hold, profile)).ok_or(refused)
    }

    fn change_profile(&mut self, field: ProfileField, value: Option<String>) -> Result<(), Refused> {
        let (hold, profile) = self.profile()?;
        let Base { version, seen } = profile.base(field);
        if seen == value && profile.conflict(field).is_none() {
            return Ok(());
        }
        let op = self.op(hold, OpBody::ChangeProfile { base_version: version, field, seen, value: value.clone() });
        let (_, profile) = self.profile()?;
        profile.change(op.key, field, value);
        let effect = CacheChange::Profile(profile.shown());
        self.act(Effect::Record(op, Some(effect)));
        Ok(())
    }

    /// The customer chose between what they set here and what was set elsewhere.
    fn settle_profile(&mut self, field: ProfileField, here: bool) -> Result<(), Refused> {
        let nothing = self.state.refuse("settling what is not in dispute");
        let (_, profile) = self.profile()?;
        let Some(value) = profile.conflict(field).cloned() else { return Err(nothing) };
        if here {
            return self.change_profile(field, value);
        }
        profile.give_in(field);
        Ok(())
    }

    fn choose(&mut self, locale: Locale, now: Moment) {
        if self.locale == locale {
            return;
        }
        self.locale = locale;
        self.changed(now);
        if matches!(self.state, State::Attract(_)) && self.handoffs.current().is_some() {
            self.handoffs.renew_by(now + NEW_LANGUAGE);
        }
    }

    fn changed(&mut self, now: Moment) {
        if let State::Attract(attract) = &mut self.state {
            attract.changed(now);
        }
    }
}
