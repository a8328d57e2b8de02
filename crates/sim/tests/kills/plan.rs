//! What happens when, as the dice of a seed fall.

use std::time::Duration;

use testkit::{chaos::Weather, dice::SeededEntropy};

/// Kiosks on the floor.
pub const KIOSKS: usize = 4;

/// From calm to calm.
#[derive(Debug, PartialEq, Eq)]
pub struct Round {
    /// Who comes to a kiosk where nobody is: a guest, or the kiosk's own customer.
    pub guests: [bool; KIOSKS],
    pub steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    pub after: Duration,
    pub what: What,
}

#[derive(Debug, PartialEq, Eq)]
pub enum What {
    Weather(Weather),
    /// Killed, and started again after a while.
    KillServer(Duration),
    KillKiosk(usize, Duration),
    Say(usize),
    /// A piece of what the shop has shown goes into the cart.
    Add(usize),
    /// The kiosk's customer writes on the web.
    Web(usize),
}

/// Rounds with so many kills in all.
pub fn rounds(dice: &SeededEntropy, kills: usize) -> Vec<Round> {
    let mut rounds = Vec::new();
    let mut left = kills;
    while left > 0 {
        let kills = left.min(3 + index(dice, 5));
        left -= kills;
        rounds.push(round(dice, kills));
    }
    rounds
}

fn round(dice: &SeededEntropy, kills: usize) -> Round {
    let guests = std::array::from_fn(|_| dice.chance(600));
    let weather = match dice.below(6) {
        0 => Weather::Calm,
        1 => Weather::Hole,
        2 => Weather::Gone,
        _ => Weather::Storm,
    };
    let mut whats: Vec<What> = (0..kills).map(|_| kill(dice)).collect();
    for kiosk in 0..KIOSKS {
        whats.extend((0..2 + dice.below(4)).map(|_| What::Say(kiosk)));
        whats.extend((0..dice.below(2)).map(|_| What::Add(kiosk)));
        whats.extend((0..dice.below(2)).map(|_| What::Web(kiosk)));
    }
    whats.sort_by_cached_key(|_| dice.below(u64::MAX));
    // Something is said before the first of them is killed.
    let first = (0..KIOSKS).map(What::Say).chain([What::Weather(weather)]);
    let steps = first.chain(whats).map(|what| Step { after: dice.millis(0, 60), what }).collect();
    Round { guests, steps }
}

fn kill(dice: &SeededEntropy) -> What {
    let down = dice.millis(0, 250);
    if dice.chance(400) { What::KillServer(down) } else { What::KillKiosk(index(dice, KIOSKS), down) }
}

fn index(dice: &SeededEntropy, end: usize) -> usize {
    usize::try_from(dice.below(end as u64)).unwrap_or_default()
}

#[test]
fn the_same_seed_is_the_same_plan() {
    let plan = |seed| rounds(&SeededEntropy::new(seed), 40);
    assert_eq!(plan(7), plan(7));
    assert_ne!(plan(7), plan(8));
    let rounds = plan(7);
    let kills = rounds
        .iter()
        .flat_map(|round| &round.steps)
        .filter(|step| matches!(step.what, What::KillServer(_) | What::KillKiosk(..)));
    assert_eq!(kills.count(), 40);
}
