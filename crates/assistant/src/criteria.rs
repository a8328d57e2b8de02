use crate::{
    budget::{self, Budget},
    plain_words::{CHEAP, EMPTY, IDEAS, MEN, WITHOUT, WOMEN},
    vocabulary::{self, Hue, Kind, Occasion},
};

/// What a customer looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Criteria {
    pub(crate) kinds: Vec<&'static Kind>,
    pub(crate) hues: Vec<&'static Hue>,
    pub(crate) occasions: Vec<&'static Occasion>,
    pub(crate) gender: Option<Gender>,
    /// Other words, in the singular.
    pub(crate) words: Vec<String>,
    pub(crate) budget: Budget,
    pub(crate) size: Option<String>,
    /// Words of which none may stand in a product.
    pub(crate) without: Vec<String>,
    /// The least expensive first.
    pub(crate) cheap: bool,
}

/// Whom a product is cut for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gender {
    Men,
    Women,
}

impl Gender {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Men => "men",
            Self::Women => "women",
        }
    }
}

impl Criteria {
    /// Reads a message.
    pub(crate) fn read(message: &str, currency: &str) -> Self {
        let mut words = words(message);
        let budget = budget::take(&mut words, currency);
        let mut criteria = Self { budget, size: take_size(&mut words), ..Self::default() };
        let mut rest = words.into_iter().peekable();
        // The kind that the word just before named: of "denim jacket" the jacket is wanted.
        let mut kind_before: Option<(String, &'static Kind)> = None;
        while let Some(word) = rest.next() {
            // "t shirt" is one thing.
            let word = match rest.next_if(|next| word == "t" && next.starts_with("shirt")) {
                Some(_) => "t-shirt".to_owned(),
                None => word,
            };
            // Of "shoes to go with the jacket" the shoes are wanted.
            let partner = word.starts_with("match") || (word.starts_with("go") && rest.peek().is_some_and(|next| next == "with"));
            if partner && !criteria.kinds.is_empty() {
                break;
            }
            let Some(kind) = vocabulary::kind(&word) else {
                kind_before = None;
                if WITHOUT.contains(&word.as_str()) {
                    let degree = rest.next_if(|next| next == "too" || next == "so" || next == "very");
                    let unwanted = rest.next_if(|next| !EMPTY.contains(&next.as_str()) && vocabulary::kind(next).is_none());
                    // How bulky is too bulky, no catalogue says.
                    criteria.without.extend(unwanted.filter(|_| degree.is_none()).iter().flat_map(|word| with_shades(word)));
                } else {
                    criteria.note(&word);
                }
                continue;
            };
            if let Some((before, first)) = kind_before.take() {
                criteria.kinds.retain(|kind| *kind != first);
                criteria.note_word(&before);
            }
            if !criteria.kinds.contains(&kind) {
                criteria.kinds.push(kind);
            }
            kind_before = Some((word, kind));
        }
        criteria
    }

    fn note(&mut self, word: &str) {
        if MEN.contains(&word) {
            self.gender = Some(Gender::Men);
        } else if WOMEN.contains(&word) {
            self.gender = Some(Gender::Women);
        } else if CHEAP.contains(&word) {
            self.cheap = true;
        } else if let Some(hue) = vocabulary::hue(word) {
            if !self.hues.contains(&hue) {
                self.hues.push(hue);
            }
        } else if let Some(occasion) = vocabulary::occasion(word) {
            if !self.occasions.contains(&occasion) {
                self.occasions.push(occasion);
            }
        } else if !EMPTY.contains(&word) && word.chars().count() > 1 && word.parse::<u32>().is_err() {
            self.note_word(word);
        }
    }

    fn note_word(&mut self, word: &str) {
        let word = vocabulary::singular(word);
        if !self.words.contains(&word) {
            self.words.push(word);
        }
    }

    /// Whether the message asks for ideas rather than for something.
    pub(crate) fn asks_for_ideas(&self, message: &str) -> bool {
        let other = Self { words: Vec::new(), ..self.clone() };
        other.names_nothing()
            && self.words.iter().all(|word| IDEAS.contains(&word.as_str()))
            && words(message).iter().any(|word| IDEAS.contains(&vocabulary::singular(word).as_str()))
    }

    /// Whether the message names nothing that could be looked for; limits alone are nothing.
    pub(crate) fn names_nothing(&self) -> bool {
        self.kinds.is_empty() && self.hues.is_empty() && self.occasions.is_empty() && self.words.is_empty()
    }

    /// Whether the message only narrows what was looked for before, such as "in black" or "under 3000".
    pub(crate) fn only_narrows(&self) -> bool {
        self.kinds.is_empty() && self.words.is_empty() && *self != Self::default()
    }

    /// These criteria, and `before` where they say nothing.
    pub(crate) fn or(self, before: &Self) -> Self {
        let before = before.clone();
        Self {
            kinds: if self.kinds.is_empty() { before.kinds } else { self.kinds },
            hues: if self.hues.is_empty() { before.hues } else { self.hues },
            occasions: if self.occasions.is_empty() { before.occasions } else { self.occasions },
            gender: self.gender.or(before.gender),
            words: if self.words.is_empty() { before.words } else { self.words },
            budget: if self.budget == Budget::default() { before.budget } else { self.budget },
            size: self.size.or(before.size),
            without: if self.without.is_empty() { before.without } else { self.without },
            cheap: self.cheap || before.cheap,
        }
    }
}

/// The words of a message in lower case, without the punctuation around them.
pub(crate) fn words(message: &str) -> Vec<String> {
    message
        .to_lowercase()
        .replace(['’', '‘'], "'")
        .replace(['/', '–', '—'], " ")
        .split_whitespace()
        .map(|word| {
            word.trim_matches(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '₹' | '$' | '€' | '£')).to_owned()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// A colour with the names that makers give it, or the word alone.
fn with_shades(word: &str) -> Vec<String> {
    match vocabulary::hue(word) {
        Some(hue) => hue.search.iter().map(|&shade| shade.to_owned()).collect(),
        None => vec![vocabulary::singular(word)],
    }
}

/// `size 42`, `size m`, `in xl`: takes a size out of the words.
fn take_size(words: &mut Vec<String>) -> Option<String> {
    let letters = |word: &str| matches!(word, "xs" | "s" | "m" | "l" | "xl" | "xxl" | "xxxl" | "2xl" | "3xl");
    let number = |word: &str| matches!(word.parse::<u32>(), Ok(20..=120));
    let named = words.iter().position(|word| word == "size" || word == "sizes");
    if let Some(place) = named
        && let Some(size) = words.get(place + 1).filter(|word| letters(word) || number(word)).cloned()
    {
        words.drain(place..=place + 1);
        return Some(size);
    }
    if let Some(place) = words.iter().position(|word| letters(word) && word != "s") {
        return Some(words.remove(place));
    }
    // A bare number after "in" or at the end is a size where it cannot be money.
    let place = words.iter().enumerate().position(|(place, word)| number(word) && place > 0 && words[place - 1] == "in")?;
    let size = words.remove(place);
    words.remove(place - 1);
    Some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(criteria: &Criteria) -> (Vec<&str>, Vec<&str>, Option<&str>) {
        (
            criteria.kinds.iter().map(|kind| kind.many).collect(),
            criteria.hues.iter().map(|hue| hue.name).collect(),
            criteria.gender.map(Gender::name),
        )
    }

    #[test]
    fn a_sentence_is_taken_apart() {
        let criteria = Criteria::read("Hi, do you have a warm green jacket for my wife under ₹6,000 in size M?", "INR");
        assert_eq!(names(&criteria), (vec!["jackets"], vec!["green"], Some("women")));
        assert_eq!(criteria.occasions.len(), 1);
        assert_eq!(criteria.budget.most, Some(600_000));
        assert_eq!(criteria.size.as_deref(), Some("m"));
        assert!(criteria.words.is_empty(), "{:?}", criteria.words);
    }

    #[test]
    fn of_two_kinds_side_by_side_the_second_is_wanted() {
        let criteria = Criteria::read("a denim jacket", "INR");
        assert_eq!(names(&criteria).0, ["jackets"]);
        assert_eq!(criteria.words, ["denim"]);
        assert_eq!(names(&Criteria::read("shoes or boots", "INR")).0, ["shoes", "boots"]);
    }

    #[test]
    fn what_something_goes_with_is_not_wanted() {
        assert_eq!(names(&Criteria::read("shoes to go with the blue jacket", "INR")), (vec!["shoes"], vec![], None));
        assert_eq!(names(&Criteria::read("a belt matching my boots", "INR")).0, ["belts"]);
    }

    #[test]
    fn a_t_shirt_in_two_words_is_no_shirt() {
        assert_eq!(names(&Criteria::read("t shirts for men", "INR")).0, ["T-shirts"]);
        assert_eq!(names(&Criteria::read("T-Shirts", "INR")).0, ["T-shirts"]);
    }

    #[test]
    fn what_is_not_wanted_is_not_looked_for() {
        let criteria = Criteria::read("something warm for next week, not too bulky", "INR");
        assert!(criteria.words.is_empty() && criteria.occasions.len() == 1, "{criteria:?}");
        let criteria = Criteria::read("a jacket, not black", "INR");
        assert!(criteria.hues.is_empty() && criteria.without.contains(&"black".to_owned()));
    }

    #[test]
    fn a_size_is_no_amount_of_money() {
        assert_eq!(Criteria::read("boots in 42", "INR").size.as_deref(), Some("42"));
        assert_eq!(Criteria::read("boots size 42 under 5000", "INR").budget.most, Some(500_000));
    }

    #[test]
    fn small_talk_names_nothing() {
        assert!(Criteria::read("what do you have?", "INR").names_nothing());
        assert!(Criteria::read("in black please", "INR").only_narrows());
        assert!(!Criteria::read("black boots", "INR").only_narrows());
    }
}
