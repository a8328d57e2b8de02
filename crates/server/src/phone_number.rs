//! Phone numbers: E.164 at the border, and nothing else inside.

use phonenumber::{PhoneNumber, country, metadata::DATABASE};

/// Country of numbers without a country code where neither config nor shop names one.
pub const DEFAULT_COUNTRY: &str = "US";

/// What was typed is no possible phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("That is no possible phone number. Type it with its country code, such as +1 202 555 0101.")]
pub struct InvalidPhone;

/// Reads a number as people type it, with `country` (ISO 3166-1 alpha-2) where no country code is given.
///
/// # Errors
/// No possible number of any numbering plan.
pub fn normalise(typed: &str, country: &str) -> Result<String, InvalidPhone> {
    let digits: String = typed
        .trim()
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '\u{202f}' | '\u{2011}'))
        .collect();
    let (international, digits) = match digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
        Some(rest) => (true, rest),
        None => (false, digits.as_str()),
    };
    if digits.is_empty() || digits.len() > 20 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidPhone);
    }
    let national = || {
        let country: country::Id = country.parse().ok()?;
        phonenumber::parse(Some(country), digits).ok().filter(is_possible)
    };
    let global = || phonenumber::parse(None, format!("+{digits}")).ok().filter(is_possible);
    let number = if international { global() } else { national().or_else(global) };
    number.map(|number| number.format().mode(phonenumber::Mode::E164).to_string()).ok_or(InvalidPhone)
}

/// Whether the numbering plan has people's numbers of this length. Whether a number is in service is not asked: plans
/// change faster than servers are updated.
fn is_possible(number: &PhoneNumber) -> bool {
    let length = u16::try_from(number.national().to_string().len()).unwrap_or(u16::MAX);
    // Several countries may share a code; the first is the one that numbers are read for.
    let plans = DATABASE.by_code(&number.country().code()).unwrap_or_default();
    plans.first().is_some_and(|plan| {
        let kinds = plan.descriptors();
        let kinds = [kinds.fixed_line(), kinds.mobile(), kinds.personal_number(), kinds.toll_free()];
        kinds.into_iter().flatten().any(|kind| kind.possible_length().contains(&length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_becomes_the_same_number() {
        for typed in ["2025550101", "(202) 555-0101", "+1 202 555 0101", "0012025550101", "12025550101", " 202.555.0101 "] {
            assert_eq!(normalise(typed, "US").as_deref(), Ok("+12025550101"), "{typed}");
        }
        for typed in ["9876543210", "+91 98765 43210", "09876543210", "919876543210", "98765-43210"] {
            assert_eq!(normalise(typed, "IN").as_deref(), Ok("+919876543210"), "{typed}");
        }
        for (typed, country, number) in [
            ("9820000101", "IN", "+919820000101"),
            ("020 7946 0018", "GB", "+442079460018"),
            ("06 5555 0100", "IT", "+390655550100"),
            ("+1 876 555 0100", "IN", "+18765550100"),
            ("+971 50 000 0100", "US", "+971500000100"),
        ] {
            assert_eq!(normalise(typed, country).as_deref(), Ok(number), "{typed}");
        }
    }

    #[test]
    fn what_is_no_possible_number_is_refused() {
        for typed in ["5550101", "guest", "", "+", "++12025550101", "+1 202 555 010x", "12345678901234567890123"] {
            assert_eq!(normalise(typed, "US"), Err(InvalidPhone), "{typed}");
        }
    }

    #[test]
    fn a_country_that_does_not_exist_still_reads_international_numbers() {
        assert_eq!(normalise("+12025550101", "??").as_deref(), Ok("+12025550101"));
    }
}
