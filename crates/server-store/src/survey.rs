//! What a database is found to be, without changing anything in it.

/// A database as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// Where it is, without user and password.
    pub place: String,
    /// What keeps it, such as `Postgres 15.4`.
    pub kept_by: String,
    /// What is in it.
    pub found: Found,
    /// Seconds by which this machine's clock is ahead of the database's; none where both are the same.
    pub clock_ahead: Option<f64>,
    /// What tells the nodes' server key from any other; none before the first node, or where there is only ever one.
    pub key_fingerprint: Option<Vec<u8>>,
}

/// What is in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is none yet; it is made at the first start.
    Nothing,
    /// Exactly the tables of this program.
    Current,
    /// Tables of an older program, which so many steps bring up to date at the next start.
    Older(usize),
    /// Tables of a newer program.
    Newer,
    /// None of our tables, and the user may not make them.
    NotAllowed,
}

impl Found {
    /// Judges the applied versions by those this program knows.
    pub(crate) fn of(applied: &[i64], known: &[i64]) -> Self {
        if applied.iter().any(|version| !known.contains(version)) {
            return Self::Newer;
        }
        match known.iter().filter(|version| !applied.contains(version)).count() {
            0 => Self::Current,
            missing if missing == known.len() => Self::Nothing,
            missing => Self::Older(missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_tell_older_from_newer() {
        let known = [1, 2, 3];
        assert_eq!(Found::of(&[], &known), Found::Nothing);
        assert_eq!(Found::of(&[1, 2, 3], &known), Found::Current);
        assert_eq!(Found::of(&[1], &known), Found::Older(2));
        assert_eq!(Found::of(&[1, 2, 3, 9], &known), Found::Newer);
        assert_eq!(Found::of(&[1, 9], &known), Found::Newer);
    }
}
