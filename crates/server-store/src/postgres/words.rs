//! Full-text search without a dictionary: words are cut and folded here, so that the database needs no extension and both
//! databases find the same.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::records::{ProductRecord, ProductSearch};

/// The least to divide two columns, so that no phrase reaches from one into the next.
const GAP: u16 = 2;
/// The highest place that a `tsvector` tells apart.
const LAST_PLACE: u16 = 16_383;
/// The most places of one word that a `tsvector` keeps.
const MOST_PLACES: usize = 255;
/// Longest word in bytes; a `tsvector` takes 2 046.
const LONGEST: usize = 256;

/// The words of a text: letters and digits, in lower case, without accents.
fn words(text: &str) -> Vec<String> {
    // The marks that accents are made of. Those of other scripts are letters like any other.
    let without_accents = text.nfd().filter(|letter| !('\u{300}'..='\u{36f}').contains(letter)).nfc();
    let folded: String = without_accents.flat_map(char::to_lowercase).collect();
    folded
        .split(|letter: char| !(letter.is_alphanumeric() || is_combining_mark(letter)))
        .filter(|word| !word.is_empty())
        .map(|word| word[..word.floor_char_boundary(LONGEST)].to_owned())
        .collect()
}

/// A product's words as the text of a `tsvector`.
pub(super) fn of_product(product: &ProductRecord) -> String {
    let mut vector = Vector::default();
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let attributes: Vec<&str> = product.attributes.values().map(String::as_str).collect();
    vector.add(&product.name, 'A');
    vector.add(&optional(&product.color), 'B');
    vector.add(&optional(&product.subcategory), 'C');
    vector.add(&product.category, 'C');
    vector.add(&optional(&product.brand), 'D');
    vector.add(&product.description, 'D');
    vector.add(&attributes.join(" "), 'D');
    vector.to_string()
}

#[derive(Default)]
struct Vector {
    places: BTreeMap<String, Vec<(u16, char)>>,
    last: u16,
}

impl Vector {
    fn add(&mut self, text: &str, weight: char) {
        for word in words(text) {
            self.last = self.last.saturating_add(1).min(LAST_PLACE);
            let places = self.places.entry(word).or_default();
            if places.len() < MOST_PLACES {
                places.push((self.last, weight));
            }
        }
        self.last = self.last.saturating_add(GAP);
    }
}

impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (word, places) in &self.places {
            // Words hold letters and digits alone, so that nothing in them needs an escape.
            write!(f, "'{word}':")?;
            for (index, (place, weight)) in places.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                write!(f, "{comma}{place}{weight}")?;
            }
            f.write_char(' ')?;
        }
        Ok(())
    }
}

/// A search as the text of a `tsquery`; none where no word has a letter or digit.
pub(super) fn query(search: &ProductSearch) -> Option<String> {
    let colors = alternatives(&search.colors, "AB");
    let groups: Vec<String> = search.words.iter().filter_map(|words| alternatives(words, "")).chain(colors).collect();
    (!groups.is_empty()).then(|| groups.join(" & "))
}

/// One of these, from its beginning, in columns of these weights. A word such as `t-shirt` is a phrase of its parts.
fn alternatives(texts: &[String], weights: &str) -> Option<String> {
    let phrases: Vec<String> = texts
        .iter()
        .map(|text| words(text))
        .filter(|words| !words.is_empty())
        .map(|words| {
            let last = words.len() - 1;
            let parts = words.iter().enumerate().map(|(index, word)| {
                let prefix = if index == last { "*" } else { "" };
                if prefix.is_empty() && weights.is_empty() { format!("'{word}'") } else { format!("'{word}':{prefix}{weights}") }
            });
            format!("({})", parts.collect::<Vec<_>>().join(" <-> "))
        })
        .collect();
    (!phrases.is_empty()).then(|| format!("({})", phrases.join(" | ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_folded() {
        assert_eq!(words("Café-Crème, 42 cm"), ["cafe", "creme", "42", "cm"]);
        assert_eq!(words("e\u{301}t\u{e9}"), ["ete"], "composed or not");
        assert_eq!(words("कुर्ता सफ़ेद").len(), 2, "marks of other scripts do not cut a word");
        assert_eq!(words("' \\ :* & | ! <-> ()"), Vec::<String>::new());
    }

    #[test]
    fn a_search_is_a_query_of_groups_and_phrases() {
        let search = ProductSearch {
            words: vec![vec!["T-Shirt".into(), "tee".into()], vec!["*".into()], vec!["red".into()]],
            colors: vec!["Green".into()],
            ..ProductSearch::default()
        };
        assert_eq!(query(&search).as_deref(), Some("(('t' <-> 'shirt':*) | ('tee':*)) & (('red':*)) & (('green':*AB))"));
        assert_eq!(query(&ProductSearch::default()), None);
    }
}
