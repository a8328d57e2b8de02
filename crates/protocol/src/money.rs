//! Money: amounts count in the smallest unit of the shop's currency; people and the wire also know decimal numbers.

use std::fmt::Write as _;

/// Amounts beyond this, in the smallest unit, are no money of a shop; below it every number is exact.
const LARGEST: f64 = 1e14;

/// Digits after the point of a currency (ISO 4217).
#[must_use]
pub fn decimals(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND" | "VUV" | "XAF"
        | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// The decimal number of an amount in the smallest unit.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "prices lie far below 2^53 smallest units")]
pub fn decimal(minor: i64, currency: &str) -> f64 {
    minor as f64 / f64::from(10_u32.pow(decimals(currency)))
}

/// The amount of a decimal number in the smallest unit, rounded to the nearest; none for what is no amount of money.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
pub fn from_decimal(value: f64, currency: &str) -> Option<i64> {
    let minor = (value * f64::from(10_u32.pow(decimals(currency)))).round();
    (minor.abs() <= LARGEST).then_some(minor as i64)
}

/// Reads a decimal text such as `1999`, `1,999.50` or `1999.0` exactly, in the smallest unit. Digits beyond the
/// currency's are refused unless they are zero.
#[must_use]
pub fn parse(text: &str, currency: &str) -> Option<i64> {
    let text = text.trim().replace(',', "");
    let (negative, text) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let decimals = decimals(currency) as usize;
    let (kept, rest) = fraction.split_at(fraction.len().min(decimals));
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let minor: i64 = format!("{whole}{kept:0<decimals$}").parse().ok()?;
    Some(if negative { -minor } else { minor })
}

/// An amount as people read it, such as `₹12,990` or `$19.50`.
#[must_use]
pub fn shown(minor: i64, currency: &str) -> String {
    let unit = 10_i64.pow(decimals(currency));
    let (whole, fraction) = (minor.unsigned_abs() / unit.unsigned_abs(), minor.unsigned_abs() % unit.unsigned_abs());
    let digits = whole.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len() - place;
        // India groups by two above the thousands.
        let groups = if currency == "INR" { left == 3 || (left > 3 && left % 2 == 1) } else { left.is_multiple_of(3) };
        if place > 0 && groups {
            text.push(',');
        }
        text.push(digit);
    }
    if fraction > 0 || (unit > 1 && currency != "INR") {
        let width = decimals(currency) as usize;
        let _ = write!(text, ".{fraction:0width$}");
    }
    let sign = if minor < 0 { "-" } else { "" };
    match currency {
        "INR" => format!("{sign}₹{text}"),
        "USD" => format!("{sign}${text}"),
        "EUR" => format!("{sign}€{text}"),
        "GBP" => format!("{sign}£{text}"),
        _ => format!("{sign}{currency} {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_as_people_write_them() {
        for (minor, currency, text) in [
            (529_000, "INR", "₹5,290"),
            (12_345_678, "INR", "₹1,23,456.78"),
            (1_950, "USD", "$19.50"),
            (123_456_700, "USD", "$1,234,567.00"),
            (50_000, "JPY", "JPY 50,000"),
        ] {
            assert_eq!(shown(minor, currency), text);
        }
    }

    #[test]
    fn decimal_texts_are_read_exactly() {
        assert_eq!(parse("1999", "INR"), Some(199_900));
        assert_eq!(parse(" 1,999.5 ", "INR"), Some(199_950));
        assert_eq!(parse("0.29", "INR"), Some(29));
        assert_eq!(parse("12.000", "INR"), Some(1_200));
        assert_eq!(parse("500", "JPY"), Some(500));
        assert_eq!(parse("1.234", "KWD"), Some(1_234));
    }

    #[test]
    fn decimal_numbers_are_rounded_to_the_smallest_unit() {
        assert_eq!(from_decimal(19.99, "USD"), Some(1_999));
        assert_eq!(from_decimal(0.1 + 0.2, "USD"), Some(30));
        assert_eq!(from_decimal(500.4, "JPY"), Some(500));
        for value in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e30] {
            assert_eq!(from_decimal(value, "USD"), None, "{value}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "free", "1.999", "1e3", ".5", "1 000"] {
            assert_eq!(parse(text, "INR"), None, "{text}");
        }
    }
}
