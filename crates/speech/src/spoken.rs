//! How a text is said: amounts as words, no signs that an engine would spell out, in pieces that begin early.

use protocol::shop::Locale;

/// Longest piece in characters; a sentence longer than this is cut at a space.
const PIECE: usize = 240;

/// The text as it is to be said. Control characters go, money is said as an amount.
pub(crate) fn spoken(text: &str, locale: Locale) -> String {
    let clean: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut index = 0;
    while let Some(word) = words.get(index) {
        index += 1;
        let (currency, rest) = currency(word, locale).map_or((None, *word), |(name, rest)| (Some(name), rest));
        let Some(name) = currency else {
            out.push(readable(word));
            continue;
        };
        // The sign may stand apart from its amount.
        let amount = if rest.is_empty() { words.get(index).copied() } else { Some(rest) };
        match amount.and_then(amount_of) {
            Some((amount, tail)) => {
                index += usize::from(rest.is_empty());
                out.push(format!("{amount} {name}{tail}"));
            }
            None => out.push(readable(word)),
        }
    }
    out.retain(|word| !word.is_empty());
    out.join(" ")
}

/// The name of the currency that `word` begins with, and the rest of the word.
fn currency(word: &str, locale: Locale) -> Option<(&'static str, &str)> {
    let names = |en, hi, es, ar| match locale {
        Locale::En => en,
        Locale::Hi => hi,
        Locale::Es => es,
        Locale::Ar => ar,
    };
    let rupees = names("rupees", "रुपये", "rupias", "روبية");
    let signs = [
        ("₹", rupees),
        ("Rs.", rupees),
        ("Rs", rupees),
        ("INR", rupees),
        ("$", names("dollars", "डॉलर", "dólares", "دولار")),
        ("USD", names("dollars", "डॉलर", "dólares", "دولار")),
        ("€", names("euros", "यूरो", "euros", "يورو")),
        ("EUR", names("euros", "यूरो", "euros", "يورو")),
        ("£", names("pounds", "पाउंड", "libras", "جنيه")),
        ("GBP", names("pounds", "पाउंड", "libras", "جنيه")),
    ];
    signs.into_iter().find_map(|(sign, name)| {
        let rest = word.strip_prefix(sign)?;
        (rest.is_empty() || rest.starts_with(|letter: char| letter.is_ascii_digit())).then_some((name, rest))
    })
}

/// An amount without separators of thousands and without empty cents, and what stands behind it.
fn amount_of(text: &str) -> Option<(String, &str)> {
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, ',' | '.'))).unwrap_or(text.len());
    // A full stop or comma at the end belongs to the sentence.
    let end = text[..end].trim_end_matches(['.', ',']).len();
    let (amount, tail) = text.split_at(end);
    if amount.is_empty() {
        return None;
    }
    let plain = amount.replace(',', "");
    let plain = plain.strip_suffix(".00").map_or(plain.clone(), str::to_owned);
    Some((plain, tail))
}

/// A word without signs that engines name aloud. Markup is said as its words.
fn readable(word: &str) -> String {
    word.chars()
        .filter(|letter| !matches!(letter, '*' | '_' | '#' | '`' | '<' | '>' | '|' | '~' | '\u{200b}'..='\u{200f}' | '\u{fe0f}'))
        .collect()
}

/// The text in pieces that can be said one after the other: sentences, or parts of very long ones.
pub(crate) fn pieces(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let cut = sentence_end(rest).unwrap_or(rest.len());
        let cut = if rest[..cut].chars().count() > PIECE { soft_cut(rest) } else { cut };
        let (piece, after) = rest.split_at(cut);
        out.push(piece.trim());
        rest = after.trim_start();
    }
    out
}

/// Where the first sentence ends: behind its mark, if a space follows.
fn sentence_end(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let marks = matches!(letter, '.' | '!' | '?' | '।' | '؟' | '…' | ';');
        if marks && letters.peek().is_some_and(|(_, next)| next.is_whitespace()) {
            return Some(at + letter.len_utf8());
        }
    }
    None
}

/// The last space among the first letters, or where they end.
fn soft_cut(text: &str) -> usize {
    let limit = text.char_indices().nth(PIECE).map_or(text.len(), |(at, _)| at);
    text[..limit].rfind(char::is_whitespace).filter(|at| *at > 0).unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_said_as_amounts() {
        assert_eq!(spoken("It costs ₹ 3,790.", Locale::En), "It costs 3790 rupees.");
        assert_eq!(spoken("It costs ₹3,790 now", Locale::En), "It costs 3790 rupees now");
        assert_eq!(spoken("₹1,24,990.00", Locale::Hi), "124990 रुपये");
        assert_eq!(spoken("Rs. 499, please", Locale::En), "499 rupees, please");
        assert_eq!(spoken("INR 12.50!", Locale::Es), "12.50 rupias!");
        assert_eq!(spoken("$20 or €30", Locale::Ar), "20 دولار or 30 يورو");
    }

    #[test]
    fn words_that_only_look_like_money_stay() {
        assert_eq!(spoken("Rsomething and ₹ and INRI", Locale::En), "Rsomething and ₹ and INRI");
    }

    #[test]
    fn control_characters_and_markup_are_not_said() {
        assert_eq!(spoken("a\u{0}b\n\t**Kurta**\u{200b} <b>", Locale::En), "a b Kurta b");
        assert_eq!(spoken(" \u{7} ", Locale::En), "");
    }

    #[test]
    fn a_text_is_said_sentence_by_sentence_and_nothing_is_lost() {
        assert_eq!(pieces("Hello there. It costs 12.50 rupees! Yes?"), ["Hello there.", "It costs 12.50 rupees!", "Yes?"]);
        let long = "word ".repeat(200);
        let cut = pieces(&long);
        assert!(cut.iter().all(|piece| piece.chars().count() <= PIECE));
        assert_eq!(cut.join(" "), long.trim());
        let solid = "ह".repeat(PIECE * 2 + 5);
        assert_eq!(pieces(&solid).concat(), solid);
    }
}
