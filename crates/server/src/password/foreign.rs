//! Hashes that other programs made: bcrypt, and PBKDF2 in the text form `pbkdf2_sha256$iterations$salt$hash`.

use std::num::NonZeroU32;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::pbkdf2;

/// Highest cost of bcrypt that is checked; each step doubles the time, and this one takes some seconds.
const MOST_COST: u32 = 16;
/// Most rounds of PBKDF2 that are checked; these take some seconds.
const MOST_ROUNDS: u32 = 10_000_000;
/// Bytes of a PBKDF2-SHA256 hash.
const PBKDF2_LENGTH: usize = 32;

/// A hash that another program made.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Foreign {
    /// In the usual text form.
    Bcrypt(String),
    /// With its parts taken out of their text.
    Pbkdf2 { rounds: NonZeroU32, salt: String, hash: Vec<u8> },
}

impl Foreign {
    /// Reads the text of a hash; none where it is of no kind that is checked here, or would take too long.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.starts_with('$') {
            let parts: bcrypt::HashParts = text.parse().ok()?;
            return (parts.get_cost() <= MOST_COST).then(|| Self::Bcrypt(text.to_owned()));
        }
        let mut parts = text.strip_prefix("pbkdf2_sha256$")?.split('$');
        let (rounds, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        let rounds = rounds.parse::<NonZeroU32>().ok().filter(|rounds| rounds.get() <= MOST_ROUNDS)?;
        let hash = BASE64_STANDARD.decode(hash).ok().filter(|hash| hash.len() == PBKDF2_LENGTH)?;
        parts.next().is_none().then(|| Self::Pbkdf2 { rounds, salt: salt.to_owned(), hash })
    }

    /// Whether the password is this one's: as typed, or without the spaces around it, which programs with bcrypt used to cut
    /// off before they hashed.
    pub(super) fn is_of(&self, password: &str) -> bool {
        let trimmed = password.trim();
        match self {
            Self::Bcrypt(hash) => {
                let is = |password: &str| bcrypt::verify(password, hash).unwrap_or(false);
                is(password) || (trimmed != password && is(trimmed))
            }
            Self::Pbkdf2 { rounds, salt, hash } => {
                pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, *rounds, salt.as_bytes(), password.as_bytes(), hash).is_ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made by libcrypt and by Python's hashlib from "walking by the river".
    const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuuQ0wLI23PiP12THlhM/KCmuDbDCEzRda";
    const PBKDF2: &str = "pbkdf2_sha256$1000$NaClNaClNaCl$s+WOUByLNNLPL9i8xWY3M28TrSDjjnBBvhoaFBFXw+U=";

    #[test]
    fn a_password_is_known_by_the_hash_of_another_program() {
        for hash in [BCRYPT, PBKDF2] {
            let hash = Foreign::read(hash).unwrap();
            assert!(hash.is_of("walking by the river"));
            assert!(!hash.is_of("walking by the rive"));
            assert!(!hash.is_of(""));
        }
    }

    #[test]
    fn spaces_around_a_password_count_for_pbkdf2_only() {
        let typed = " walking by the river ";
        assert!(Foreign::read(BCRYPT).unwrap().is_of(typed));
        assert!(!Foreign::read(PBKDF2).unwrap().is_of(typed));
    }

    #[test]
    fn what_cannot_be_checked_in_time_or_at_all_is_no_hash() {
        let hash = PBKDF2.rsplit('$').next().unwrap();
        for text in [
            String::new(),
            "$2b$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234".into(),
            "$2b$10$short".into(),
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA".into(),
            format!("pbkdf2_sha256$0$salt${hash}"),
            format!("pbkdf2_sha256$4000000000$salt${hash}"),
            "pbkdf2_sha256$1000$salt$".into(),
            "pbkdf2_sha256$1000$salt$c2hvcnQ=".into(),
            format!("pbkdf2_sha256$1000$salt${hash}$more"),
            format!("pbkdf2_sha1$1000$salt${hash}"),
            "plain text".into(),
        ] {
            assert!(Foreign::read(&text).is_none(), "{text}");
        }
    }
}
