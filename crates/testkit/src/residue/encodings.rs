//! How a program may have written a word.

use std::fmt::Write as _;

/// The word in UTF-8 and UTF-16, in a JSON text, in an address, and within longer base64.
pub(super) fn of(word: &str) -> Vec<Vec<u8>> {
    let wide = |bytes: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let mut all = vec![word.as_bytes().to_vec(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)];
    all.extend([percent(word), percent(word).replace("%20", "+"), escaped(word), hexadecimal(word)].map(String::into_bytes));
    all.extend((0..3).flat_map(|before| base64(word.as_bytes(), before)));
    all.sort();
    all.dedup();
    all
}

fn percent(word: &str) -> String {
    word.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

fn escaped(word: &str) -> String {
    word.encode_utf16().fold(String::new(), |mut text, unit| {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => text.push(char::from(byte)),
            _ => drop(write!(text, "\\u{unit:04x}")),
        }
        text
    })
}

fn hexadecimal(word: &str) -> String {
    word.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The letters that `word` always has in base64 where `before` bytes too many stand before it, in both alphabets. A word too
/// short to have any of its own gives none.
fn base64(word: &[u8], before: usize) -> Vec<Vec<u8>> {
    const SHORTEST: usize = 6;
    // Of the first and the last letter some bits are the neighbours'.
    let first = (before * 8).div_ceil(6);
    let end = (before + word.len()) * 8 / 6;
    if end < first + SHORTEST {
        return Vec::new();
    }
    let bit = |at: usize| -> usize {
        let byte = (at / 8).checked_sub(before).and_then(|at| word.get(at)).copied().unwrap_or_default();
        usize::from(byte >> (7 - at % 8) & 1)
    };
    let letters = |alphabet: &[u8; 64]| {
        (first..end).map(|letter| alphabet[(0..6).fold(0, |value, place| value << 1 | bit(letter * 6 + place))]).collect()
    };
    let standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let url = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    vec![letters(standard), letters(url)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(hay: &[u8], needles: &[Vec<u8>]) -> bool {
        needles.iter().any(|needle| hay.windows(needle.len()).any(|window| window == needle))
    }

    #[test]
    fn a_word_is_known_in_base64_wherever_it_stands() {
        let needles = of("Quokkaville");
        // "Quokkaville", "xQuokkaville!" and "xxQuokkaville" in base64.
        for hay in ["UXVva2thdmlsbGU=", "eFF1b2trYXZpbGxlIQ==", "eHhRdW9ra2F2aWxsZQ=="] {
            assert!(contains(hay.as_bytes(), &needles), "{hay}");
        }
        assert!(!contains(b"UXVva2thdmlsbWU=", &needles));
    }

    #[test]
    fn a_word_is_known_in_addresses_texts_and_figures() {
        let needles = of("Zoë & Co 7");
        for hay in ["Zo%C3%AB%20%26%20Co%207", "Zo%C3%AB+%26+Co+7", "Zo\\u00eb & Co 7", "5a6fc3ab202620436f2037"] {
            assert!(contains(hay.as_bytes(), &needles), "{hay}");
        }
    }
}
