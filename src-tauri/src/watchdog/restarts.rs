//! How often the program may start itself again.

use std::env;

/// Carries the restarts so far from one life of the process to the next: seconds since 1970.
pub(super) const VARIABLE: &str = "VITRINE_RESTARTED_AT";
/// So many restarts are made …
pub(super) const MOST: usize = 3;
/// … within so many seconds; after that whoever started the program has to decide.
pub(super) const WITHIN: i64 = 60;

/// The restarts to remember if one more is made at `now`; none if there were too many.
pub(super) fn next(now: i64) -> Option<String> {
    after(&env::var(VARIABLE).unwrap_or_default(), now)
}

fn after(restarts: &str, now: i64) -> Option<String> {
    let recent = restarts.split(',').filter_map(|at| at.parse().ok()).filter(|at| (now - WITHIN..=now).contains(at));
    let recent: Vec<i64> = recent.chain([now]).collect();
    (recent.len() <= MOST).then(|| recent.iter().map(i64::to_string).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_crash_within_a_minute_is_the_last() {
        let first = after("", 1_000).unwrap();
        let second = after(&first, 1_020).unwrap();
        let third = after(&second, 1_040).unwrap();
        assert_eq!(third, "1000,1020,1040");
        assert_eq!(after(&third, 1_060), None);
        assert_eq!(after(&third, 1_061).unwrap(), "1020,1040,1061");
    }

    #[test]
    fn what_makes_no_sense_counts_for_nothing() {
        assert_eq!(after("x,,99999,-", 1_000).unwrap(), "1000");
    }
}
