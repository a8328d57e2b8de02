//! The promises on five hundred days, that a day repeats itself, and that broken rules are noticed.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use sim::{Broken, Rules, live};

/// The promises that were not kept; in two tests, as continuous integration has two processors.
fn days(seeds: std::ops::Range<u64>) -> Vec<(u64, Broken)> {
    seeds.filter_map(|seed| live(seed, Rules::default()).unwrap().broken.map(|broken| (seed, broken))).collect()
}

#[test]
fn the_promises_hold_on_the_first_half_of_five_hundred_days() {
    assert_eq!(days(0..250), []);
}

#[test]
fn the_promises_hold_on_the_second_half_of_five_hundred_days() {
    assert_eq!(days(250..500), []);
}

#[test]
fn a_seed_is_the_same_day_every_time() {
    let mut made = 0;
    for seed in [0, 7, 42, 4_711] {
        let (first, second) = (live(seed, Rules::default()).unwrap(), live(seed, Rules::default()).unwrap());
        made += first.made;
        assert_eq!(first.hash, second.hash, "seed {seed}");
        assert_eq!(first.trace, second.trace, "seed {seed}");
    }
    assert!(made > 100, "they were no days to speak of");
    assert_ne!(live(1, Rules::default()).unwrap().hash, live(2, Rules::default()).unwrap().hash);
}

#[test]
fn guests_begin_and_are_answered_without_the_server() {
    let days: Vec<_> = (0..20).map(|seed| live(seed, Rules::default()).unwrap()).collect();
    let (began, answered) = days.iter().fold((0, 0), |sum, day| (sum.0 + day.began_away, sum.1 + day.answered_away));
    assert!(began > 20 && answered > 20, "{began} began and {answered} answers");
}

/// Whether a broken rule is noticed as what it is, within a few days.
fn noticed(rules: Rules, is_it: impl Fn(&Broken) -> bool) -> bool {
    (0..60).any(|seed| live(seed, rules).unwrap().broken.is_some_and(|broken| is_it(&broken)))
}

#[test]
fn a_server_that_applies_twice_is_noticed() {
    assert!(noticed(Rules { once: false, ..Rules::default() }, |broken| matches!(broken, Broken::Twice(_))));
}

#[test]
fn a_server_that_forgets_what_changed_while_it_was_copied_is_noticed() {
    assert!(noticed(Rules { whole: false, ..Rules::default() }, |broken| matches!(broken, Broken::Stale(..))));
}

#[test]
fn a_server_that_lets_changes_overtake_is_noticed() {
    assert!(noticed(Rules { in_order: false, ..Rules::default() }, |broken| matches!(broken, Broken::Order(..))));
}

#[test]
fn a_server_that_loses_what_it_answered_is_noticed() {
    assert!(noticed(Rules { durable: false, ..Rules::default() }, |broken| matches!(broken, Broken::Lost(_))));
}
