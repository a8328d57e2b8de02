//! What must hold whatever happened.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kiosk_store::{Shelf as _, ShelfSearch};
use protocol::{
    ErrorCode,
    ids::{KioskSessionId, OpKey},
    kiosk_health::StreamState,
    view::{Delivery, Screen},
};

use crate::{
    machine::Machine,
    shop::{Answered, Records, Session},
    world::World,
};

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The customer was told that it is kept, and the server never heard of it.
    #[error("{0} was acknowledged and got lost")]
    Lost(OpKey),
    /// The server's answer makes no sense.
    #[error("{0} was refused with {1:?}")]
    Refused(OpKey, ErrorCode),
    /// It had its effect twice.
    #[error("{0} was applied twice")]
    Twice(OpKey),
    /// Something of a conversation overtook what was said before it.
    #[error("{0} overtook {1}")]
    Order(OpKey, OpKey),
    /// Five seconds after everything had healed, a kiosk was not as the server is.
    #[error("kiosk {0} did not converge: {1}")]
    Apart(usize, String),
    /// Long after everything had healed, a kiosk's copy of the catalogue was not the catalogue.
    #[error("kiosk {0} has another catalogue: {1}")]
    Stale(usize, String),
}

/// Whether a kiosk and the server are of one mind; otherwise about what they are not.
pub(crate) async fn apart(world: &World, machine: &Machine) -> Option<String> {
    let Some(kiosk) = machine.kiosk() else { return Some("it is off".into()) };
    let health = kiosk.health().await;
    if health.outbox.waiting != 0 || health.outbox.in_memory != 0 || health.stream.state != StreamState::Up {
        return Some(format!("{health:?}"));
    }
    let view = Arc::clone(&kiosk.views().borrow());
    if !view.frame.online {
        return Some("it believes to be offline".into());
    }
    world.records(|records| differs(records, machine.device, &view.screen))
}

fn differs(records: &Records, device: usize, screen: &Screen) -> Option<String> {
    let there = records.held_by(device);
    let (talk, hold) = match (screen, there) {
        (Screen::Conversation(talk), Some(hold)) => (talk, hold),
        (Screen::Conversation(_), None) => return Some("it shows a conversation that is over".into()),
        (_, Some(hold)) => return Some(format!("the server believes that {:?} is there", hold.session)),
        (_, None) => return None,
    };
    let Some(Session { chat, cart, .. }) = records.session(hold.session) else { return Some("no such session".into()) };
    let sent = talk.entries.iter().filter(|entry| entry.delivery != Delivery::Refused);
    let shown: Vec<_> = sent.map(|entry| (entry.text.as_str(), entry.delivery == Delivery::Sent)).collect();
    let there: Vec<_> = chat.iter().map(|entry| (entry.message.as_str(), true)).collect();
    if shown != there {
        return Some(format!("it shows {shown:?}, and there is {there:?}"));
    }
    let shown: Vec<_> = talk.cart.lines.iter().map(|line| (&line.sku, line.quantity)).collect();
    let there: Vec<_> = cart.iter().map(|line| (&line.sku, line.quantity)).collect();
    (shown != there).then(|| format!("its cart is {shown:?}, and there is {there:?}"))
}

/// Whether a kiosk's copy of the catalogue is the catalogue.
pub(crate) async fn copied(world: &World, machine: &Machine) -> Result<(), Broken> {
    let stale = |why: String| Err(Broken::Stale(machine.device, why));
    let all = ShelfSearch { limit: u32::MAX, ..ShelfSearch::default() };
    let (Ok(place), Ok(found)) = (machine.shelf.state().await, machine.shelf.search(&all).await) else {
        return stale("it cannot be read".into());
    };
    let here: BTreeMap<_, _> =
        found.into_iter().map(|found| (found.product.sku, (found.product.price_minor, found.product.stock))).collect();
    let there = world.records(|records| records.catalogue.products());
    if !place.complete || here != there {
        return stale(format!("it has {here:?} with {place:?}, and there is {there:?}"));
    }
    Ok(())
}

/// What must hold in the end.
pub(crate) fn check(world: &World) -> Result<(), Broken> {
    let made = world.made();
    let mut places = BTreeMap::<OpKey, (KioskSessionId, usize)>::new();
    for (place, (device, op, acknowledged)) in made.iter().enumerate() {
        places.entry(op.key).or_insert((op.kiosk_session_id, place));
        match world.records(|records| records.answer_of(*device, op.key)) {
            Answered::Never if *acknowledged => return Err(Broken::Lost(op.key)),
            // A guest's session ends with its hold, and a line may be gone when its quantity is set.
            Answered::Never | Answered::Applied | Answered::Refused(ErrorCode::SessionExpired | ErrorCode::ProductNotFound) => {}
            Answered::Refused(code) => return Err(Broken::Refused(op.key, code)),
        }
    }
    let mut seen = BTreeSet::new();
    let mut last = BTreeMap::<KioskSessionId, (usize, OpKey)>::new();
    for (hold, key) in world.records(|records| records.effects().to_vec()) {
        if !seen.insert(key) {
            return Err(Broken::Twice(key));
        }
        // The end of a conversation that no disk took was never in this order.
        let Some((_, place)) = places.get(&key) else { continue };
        if let Some((before, earlier)) = last.insert(hold, (*place, key))
            && before > *place
        {
            return Err(Broken::Order(earlier, key));
        }
    }
    Ok(())
}
