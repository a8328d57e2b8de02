//! The cart: the server's, with the changes laid over it that it has not confirmed yet.

use std::{collections::BTreeMap, time::Duration};

use protocol::{
    ids::{OpKey, Sku},
    session::CartLine,
};

use crate::{intent_shape::MAX_QUANTITY, message::Moment};

/// A confirmed change whose event does not come was without effect; after this time another event puts the server in the right.
const SETTLED: Duration = Duration::from_secs(2);

/// The cart.
pub(crate) struct Cart {
    /// As the server has it.
    lines: Vec<CartLine>,
    pub(crate) currency: String,
    /// In the order they were made.
    overlay: Vec<Pending>,
}

struct Pending {
    key: OpKey,
    change: Change,
    /// When the server said that it has it.
    delivered: Option<Moment>,
    /// A snapshot came that may or may not hold it.
    uncertain: bool,
}

/// A change of the cart.
pub(crate) enum Change {
    /// Adds the line's pieces.
    Add(CartLine),
    /// Sets how many there are; 0 removes the line.
    Set { sku: Sku, options: BTreeMap<String, String>, quantity: u32 },
}

impl Cart {
    pub(crate) fn new(lines: Vec<CartLine>, currency: String) -> Self {
        Self { lines, currency, overlay: Vec::new() }
    }

    /// What the customer sees.
    pub(crate) fn shown(&self) -> Vec<CartLine> {
        let mut lines = self.lines.clone();
        for pending in &self.overlay {
            apply(&mut lines, &pending.change);
        }
        lines
    }

    /// The customer changed something.
    pub(crate) fn change(&mut self, key: OpKey, change: Change) {
        self.overlay.push(Pending { key, change, delivered: None, uncertain: false });
    }

    /// The server's cart is now this; `op` is the kiosk's own change that made it so.
    pub(crate) fn take(&mut self, lines: Vec<CartLine>, op: Option<OpKey>, now: Moment) {
        self.lines = lines;
        self.overlay.retain(|pending| Some(pending.key) != op && pending.delivered.is_none_or(|at| now < at + SETTLED));
    }

    /// A snapshot came that holds everything the server had confirmed before it was asked for.
    pub(crate) fn resync(&mut self, lines: Vec<CartLine>) {
        self.lines = lines;
        self.overlay.retain(|pending| pending.delivered.is_none());
        for pending in &mut self.overlay {
            pending.uncertain = true;
        }
    }

    /// The server has the change. It stays laid over until the event with the new cart comes, lest the old cart flash up.
    /// True where a snapshot from before this answer may hold the change already: then only another one tells.
    pub(crate) fn delivered(&mut self, key: OpKey, now: Moment) -> bool {
        let Some(pending) = self.overlay.iter_mut().find(|pending| pending.key == key) else { return false };
        pending.delivered = Some(now);
        pending.uncertain
    }

    /// The change will never be. True where it was one of the cart.
    pub(crate) fn refuse(&mut self, key: OpKey) -> bool {
        let before = self.overlay.len();
        self.overlay.retain(|pending| pending.key != key);
        self.overlay.len() < before
    }

    /// A line of that product, whatever its options.
    pub(crate) fn line_of(&self, sku: &Sku) -> Option<CartLine> {
        self.shown().into_iter().find(|line| line.sku == *sku)
    }

    /// Whether such a line is shown.
    pub(crate) fn has(&self, sku: &Sku, options: &BTreeMap<String, String>) -> bool {
        self.shown().iter().any(|line| is(line, sku, options))
    }
}

fn is(line: &CartLine, sku: &Sku, options: &BTreeMap<String, String>) -> bool {
    line.sku == *sku && line.options == *options
}

fn apply(lines: &mut Vec<CartLine>, change: &Change) {
    match change {
        Change::Add(added) => match lines.iter_mut().find(|line| is(line, &added.sku, &added.options)) {
            Some(line) => line.quantity = line.quantity.saturating_add(added.quantity).min(MAX_QUANTITY),
            None => lines.push(added.clone()),
        },
        Change::Set { sku, options, quantity: 0 } => lines.retain(|line| !is(line, sku, options)),
        Change::Set { sku, options, quantity } => {
            for line in lines.iter_mut().filter(|line| is(line, sku, options)) {
                line.quantity = *quantity;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn line(sku: &str, quantity: u32) -> CartLine {
        CartLine {
            sku: sku.into(),
            name: sku.into(),
            quantity,
            price: 10.0,
            price_minor: 1_000,
            currency: "INR".into(),
            image_url: String::new(),
            options: BTreeMap::new(),
            price_changed: false,
        }
    }

    fn key(number: u128) -> OpKey {
        OpKey(Uuid::from_u128(number))
    }

    fn set(sku: &str, quantity: u32) -> Change {
        Change::Set { sku: sku.into(), options: BTreeMap::new(), quantity }
    }

    fn shown(cart: &Cart) -> Vec<(String, u32)> {
        cart.shown().into_iter().map(|line| (line.sku.0, line.quantity)).collect()
    }

    fn pairs(expected: &[(&str, u32)]) -> Vec<(String, u32)> {
        expected.iter().map(|(sku, quantity)| ((*sku).to_owned(), *quantity)).collect()
    }

    #[test]
    fn a_change_shows_at_once_and_does_not_count_twice_when_its_event_comes() {
        let mut cart = Cart::new(vec![line("A", 1)], "INR".into());
        cart.change(key(1), Change::Add(line("A", 1)));
        cart.change(key(2), Change::Add(line("B", 1)));
        assert_eq!(shown(&cart), pairs(&[("A", 2), ("B", 1)]));
        cart.delivered(key(1), Duration::ZERO);
        assert_eq!(shown(&cart), pairs(&[("A", 2), ("B", 1)]), "no flash of the old cart");
        cart.take(vec![line("A", 2)], Some(key(1)), Duration::ZERO);
        assert_eq!(shown(&cart), pairs(&[("A", 2), ("B", 1)]));
        cart.take(vec![line("A", 2), line("B", 1)], Some(key(2)), Duration::ZERO);
        assert_eq!(shown(&cart), pairs(&[("A", 2), ("B", 1)]));
    }

    #[test]
    fn a_change_of_another_channel_comes_through_beneath_ones_own() {
        let mut cart = Cart::new(vec![line("A", 1)], "INR".into());
        cart.change(key(1), set("A", 5));
        cart.take(vec![line("A", 1), line("C", 3)], None, Duration::ZERO);
        assert_eq!(shown(&cart), pairs(&[("A", 5), ("C", 3)]));
    }

    #[test]
    fn a_refused_change_goes_away() {
        let mut cart = Cart::new(vec![line("A", 1)], "INR".into());
        cart.change(key(1), set("A", 0));
        assert_eq!(shown(&cart), pairs(&[]));
        assert!(cart.refuse(key(1)));
        assert!(!cart.refuse(key(1)));
        assert_eq!(shown(&cart), pairs(&[("A", 1)]));
    }

    #[test]
    fn a_change_without_an_event_does_not_hide_later_ones_for_ever() {
        let mut cart = Cart::new(vec![line("A", 2)], "INR".into());
        cart.change(key(1), set("A", 2));
        cart.delivered(key(1), Duration::from_secs(1));
        cart.take(vec![line("A", 7)], None, Duration::from_secs(10));
        assert_eq!(shown(&cart), pairs(&[("A", 7)]));
    }

    #[test]
    fn a_snapshot_keeps_what_still_waits() {
        let mut cart = Cart::new(vec![line("A", 1)], "INR".into());
        cart.change(key(1), Change::Add(line("A", 1)));
        cart.change(key(2), Change::Add(line("B", 1)));
        cart.delivered(key(1), Duration::ZERO);
        cart.resync(vec![line("A", 2)]);
        assert_eq!(shown(&cart), pairs(&[("A", 2), ("B", 1)]));
    }

    #[test]
    fn a_snapshot_that_may_hold_a_change_already_is_made_sure_of() {
        let mut cart = Cart::new(vec![line("A", 1)], "INR".into());
        cart.change(key(1), Change::Add(line("A", 1)));
        cart.resync(vec![line("A", 2)]);
        assert!(cart.delivered(key(1), Duration::ZERO), "whether it is in there nobody knows");
        cart.resync(vec![line("A", 2)]);
        assert_eq!(shown(&cart), pairs(&[("A", 2)]));
        cart.change(key(2), Change::Add(line("B", 1)));
        assert!(!cart.delivered(key(2), Duration::ZERO));
    }

    #[test]
    fn no_line_grows_beyond_its_limit() {
        let mut cart = Cart::new(vec![line("A", 98)], "INR".into());
        cart.change(key(1), Change::Add(line("A", 5)));
        assert_eq!(shown(&cart), pairs(&[("A", 99)]));
    }
}
