/// Longest password in characters.
const LONGEST: usize = 128;

/// Passwords that are tried first by everybody who guesses.
const COMMON: &str = include_str!("common.txt");

/// Why a new password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("Password must be at least {0} characters")]
    Short(usize),
    /// More characters than are kept.
    #[error("Password must be at most 128 characters")]
    Long,
    /// Digits alone.
    #[error("Password must not be digits alone")]
    Digits,
    /// Everybody's first guess.
    #[error("This password is too common; choose another")]
    Common,
}

/// Whether a new password is good enough, with `least` characters.
///
/// # Errors
/// It is not; the sentence is for the person.
pub fn check(password: &str, least: usize) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < least {
        return Err(WeakPassword::Short(least));
    }
    if length > LONGEST {
        return Err(WeakPassword::Long);
    }
    if password.chars().all(|letter| letter.is_ascii_digit()) {
        return Err(WeakPassword::Digits);
    }
    let lower = password.to_lowercase();
    let alike = lower.chars().collect::<std::collections::HashSet<_>>().len() < 3;
    if alike || COMMON.lines().any(|common| common == lower) {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        assert_eq!(check("short", 8), Err(WeakPassword::Short(8)));
        assert_eq!(check("80461937", 8), Err(WeakPassword::Digits));
        assert_eq!(check("Password1", 8), Err(WeakPassword::Common));
        assert_eq!(check("aaaaabbbbb", 8), Err(WeakPassword::Common));
        assert_eq!(check(&"long ".repeat(26), 8), Err(WeakPassword::Long));
    }

    #[test]
    fn a_sentence_in_any_script_is_accepted() {
        assert_eq!(check("walking by the river", 8), Ok(()));
        assert_eq!(check("नदी के किनारे टहलना", 8), Ok(()));
    }
}
