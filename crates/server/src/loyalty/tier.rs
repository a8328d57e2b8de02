//! The tiers, by points.

/// Each tier and the points from which it counts, lowest first.
pub const TIERS: [(&str, i64); 4] = [("Bronze", 0), ("Silver", 500), ("Gold", 2_000), ("Platinum", 5_000)];

/// The tier of so many points.
#[must_use]
pub fn of(points: i64) -> &'static str {
    TIERS.iter().rev().find(|(_, from)| points >= *from).map_or(TIERS[0].0, |(name, _)| name)
}

/// The next tier and the points that it is away; none at the top.
#[must_use]
pub fn next(points: i64) -> Option<(&'static str, i64)> {
    TIERS.iter().find(|(_, from)| points < *from).map(|(name, from)| (*name, from - points))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_begins_at_its_limit() {
        for (points, tier, next_tier) in [
            (0, "Bronze", Some(("Silver", 500))),
            (499, "Bronze", Some(("Silver", 1))),
            (500, "Silver", Some(("Gold", 1_500))),
            (1_211, "Silver", Some(("Gold", 789))),
            (2_000, "Gold", Some(("Platinum", 3_000))),
            (5_000, "Platinum", None),
        ] {
            assert_eq!((of(points), next(points)), (tier, next_tier), "{points}");
        }
    }
}
