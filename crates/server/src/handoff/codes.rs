//! Codes that people scan or type.

use protocol::{
    Entropy,
    handoff::{DISPLAY_CODE_LENGTH, TYPED_CODE_LENGTH, TYPED_CODE_LETTERS},
};

use crate::key::ServerKey;

/// RFC 4648 base32, which a QR code stores densely.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A code as somebody gave it, in its one spelling.
#[derive(Clone, PartialEq, Eq)]
pub enum Code {
    /// 26 characters from a QR.
    Display(String),
    /// Eight letters from the screen.
    Typed(String),
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Display(_) => "Display",
            Self::Typed(_) => "Typed",
        })
    }
}

impl Code {
    /// A fresh display code: 130 random bits.
    #[must_use]
    pub fn display(entropy: &dyn Entropy) -> Self {
        let mut random = [0; DISPLAY_CODE_LENGTH];
        entropy.fill(&mut random);
        Self::Display(random.iter().map(|byte| char::from(BASE32[usize::from(byte % 32)])).collect())
    }

    /// A fresh typed code: 34.5 random bits.
    #[must_use]
    pub fn typed(entropy: &dyn Entropy) -> Self {
        let letters = TYPED_CODE_LETTERS.as_bytes();
        let mut text = String::with_capacity(TYPED_CODE_LENGTH);
        while text.len() < TYPED_CODE_LENGTH {
            let mut random = [0];
            entropy.fill(&mut random);
            // 240 is the largest multiple of 20 in a byte; above it some letters would come more often.
            if random[0] < 240 {
                text.push(char::from(letters[usize::from(random[0]) % letters.len()]));
            }
        }
        Self::Typed(text)
    }

    /// Reads a code in any spelling: small letters, spaces and dashes are forgiven.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        // Bounded before it is copied.
        if text.len() > 64 {
            return None;
        }
        let plain: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        if plain.len() == DISPLAY_CODE_LENGTH && plain.bytes().all(|byte| BASE32.contains(&byte)) {
            return Some(Self::Display(plain));
        }
        (plain.len() == TYPED_CODE_LENGTH && plain.chars().all(|letter| TYPED_CODE_LETTERS.contains(letter)))
            .then_some(Self::Typed(plain))
    }

    /// As it is kept: a keyed hash, so that a stolen database opens nothing, not even the short codes.
    #[must_use]
    pub fn hash(&self, key: &ServerKey) -> [u8; 32] {
        key.mac("code", &[self.plain().as_bytes()])
    }

    /// The hash that stands for whatever is no code, so that looking takes as long.
    #[must_use]
    pub fn hash_of_none(key: &ServerKey) -> [u8; 32] {
        key.mac("no code", &[b"no code of ours looks like this"])
    }

    /// As people see it: `XXXX-XXXX` for a typed code.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Display(text) => text.clone(),
            Self::Typed(text) => text
                .split_at_checked(TYPED_CODE_LENGTH / 2)
                .map_or_else(|| text.clone(), |(left, right)| format!("{left}-{right}")),
        }
    }

    fn plain(&self) -> &str {
        match self {
            Self::Display(text) | Self::Typed(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use testkit::dice::SeededEntropy;

    use super::*;

    #[test]
    fn a_fresh_code_is_read_back_in_any_spelling() {
        let entropy = SeededEntropy::new(3);
        for _ in 0..200 {
            let display = Code::display(&entropy);
            assert_eq!(display.shown().len(), DISPLAY_CODE_LENGTH);
            assert_eq!(Code::read(&display.shown().to_lowercase()), Some(display));
            let typed = Code::typed(&entropy);
            assert_eq!(typed.shown().len(), TYPED_CODE_LENGTH + 1);
            assert_eq!(Code::read(&format!(" {} ", typed.shown().to_lowercase().replace('-', " "))), Some(typed));
        }
    }

    #[test]
    fn each_letter_comes_about_as_often() {
        let entropy = SeededEntropy::new(9);
        let text: String = (0..2_500).map(|_| Code::typed(&entropy).plain().to_owned()).collect();
        for letter in TYPED_CODE_LETTERS.chars() {
            let count = text.matches(letter).count();
            assert!((850..1_150).contains(&count), "{letter} came {count} times of 20 000");
        }
    }

    #[test]
    fn what_no_kiosk_shows_is_no_code() {
        for text in ["", "BCDFGHJ", "BCDFGHJKL", "ABCDEFGH", "ABCDEFGHIJKLMNOPQRSTUVWXY1", "ABCDEFGHIJKLMNOPQRSTUVWXY"] {
            assert_eq!(Code::read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,80}") {
            let _ = Code::read(&text);
        }
    }
}
