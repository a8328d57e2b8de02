use protocol::{event::EventBody, session::RecentView};
use server_store::records::{SessionRecord, Topic};

use super::{
    SessionError, action,
    cart::{MOST_LINES, MOST_PIECES, show_cart},
    chat::RECOMMENDED,
    end::end_session,
    snapshot::SHOWN_ENTRIES,
    summary, token,
};
use crate::{event, transaction::Tx};

/// Brings what a guest said and put into the cart into a customer's session, after what is there; the guest's session is over.
/// Equal lines of the two carts add up.
///
/// # Errors
/// The store failed.
pub async fn absorb(tx: &mut Tx, session: &mut SessionRecord, mut guest: SessionRecord) -> Result<(), SessionError> {
    let said = tx.chat_entries(guest.id, SHOWN_ENTRIES).await?;
    tx.move_chat_entries(guest.id, session.id).await?;
    let theirs = std::mem::take(&mut guest.state);
    end_session(tx, &mut guest).await?;

    let (before, state) = (session.state.cart.clone(), &mut session.state);
    for item in theirs.cart {
        if let Some(line) = state.cart.iter_mut().find(|line| line.sku == item.sku && line.options == item.options) {
            line.quantity = (line.quantity + item.quantity).min(MOST_PIECES);
        } else if state.cart.len() < MOST_LINES {
            state.cart.push(item);
        }
    }
    let known = |view: &RecentView| theirs.recent.iter().any(|other| other.product == view.product);
    state.recent.retain(|view| !known(view));
    state.recent.splice(0..0, theirs.recent);
    state.recent.truncate(action::RECENT);
    state.last_recommended_skus.retain(|sku| !theirs.last_recommended_skus.contains(sku));
    state.last_recommended_skus.extend(theirs.last_recommended_skus);
    let too_many = state.last_recommended_skus.len().saturating_sub(RECOMMENDED);
    state.last_recommended_skus.drain(..too_many);
    for channel in theirs.channels {
        if !state.channels.contains(&channel) {
            state.channels.push(channel);
        }
    }
    if theirs.last_action.is_some() {
        state.last_action = theirs.last_action;
    }
    if state.dialogue.is_none() {
        state.dialogue = theirs.dialogue;
    }
    if state.shipping_address.is_none() {
        state.shipping_address = theirs.shipping_address;
    }
    let cart_changed = state.cart != before;
    let conversation = tx.chat_entries(session.id, SHOWN_ENTRIES).await?;
    summary::refresh(tx, session, &conversation, !said.is_empty()).await?;
    token::save(tx, session).await?;
    for entry in said {
        let body = EventBody::ChatAppended { session_id: session.id, entry, op: None, version: session.version };
        event::append(tx, Topic::Session(session.id), &body).await?;
    }
    if cart_changed {
        let cart = show_cart(tx.reader(), session).await?;
        let body = EventBody::CartChanged { session_id: session.id, cart, op: None, version: session.version };
        event::append(tx, Topic::Session(session.id), &body).await?;
    }
    Ok(())
}
