//! A conversation as the screen shows it.

use protocol::{
    kiosk_profile::ProfileField,
    session::CartLine,
    view::{CartLineView, CartView, ConversationView, Dispute, EntryView, ProfileFieldView},
};

use crate::{
    message::Moment,
    state::{Cart, Conversation, Entry, Profile},
};

/// While the server is out of reach, stock has an age.
pub(super) fn view(conversation: &Conversation, online: bool, now: Moment) -> ConversationView {
    ConversationView {
        who: conversation.who.clone(),
        entries: conversation.entries.iter().map(|one| entry(one, online)).collect(),
        cart: cart(&conversation.cart),
        profile: conversation.profile.as_ref().map(profile),
        thinking: conversation.is_thinking(now),
    }
}

fn entry(entry: &Entry, online: bool) -> EntryView {
    let shows_stock = entry.cards.iter().any(|card| card.in_this_store.is_some());
    EntryView {
        key: entry.key.clone(),
        sender: entry.sender,
        text: entry.text.clone(),
        channel: entry.channel,
        at: entry.at,
        delivery: entry.delivery,
        cards: entry.cards.clone(),
        stock_as_of: Some(entry.stock_as_of).filter(|_| shows_stock && !online),
    }
}

fn cart(cart: &Cart) -> CartView {
    let lines = cart.shown();
    CartView {
        quantity: lines.iter().fold(0, |sum: u32, line| sum.saturating_add(line.quantity)),
        total_minor: lines
            .iter()
            .fold(0, |sum: i64, line| sum.saturating_add(line.price_minor.saturating_mul(i64::from(line.quantity)))),
        currency: cart.currency.clone(),
        lines: lines.into_iter().map(line).collect(),
    }
}

fn profile(profile: &Profile) -> Vec<ProfileFieldView> {
    let shown = profile.shown();
    let field = |field: ProfileField| ProfileFieldView {
        field,
        value: shown.get(field).map(str::to_owned),
        waiting: profile.is_waiting(field),
        dispute: profile.conflict(field).map(|here| Dispute { here: here.clone() }),
    };
    ProfileField::ALL.map(field).to_vec()
}

fn line(line: CartLine) -> CartLineView {
    CartLineView {
        sku: line.sku,
        name: line.name,
        image: line.image_url,
        options: line.options,
        quantity: line.quantity,
        price_minor: line.price_minor,
        price_changed: line.price_changed,
    }
}
