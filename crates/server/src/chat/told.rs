//! What customers tell about themselves, in the everyday shapes of sentences. What is not said plainly is not guessed.

use serde_json::{Map, Value, json};

use crate::assistant::{colour, spending_limits, words};

/// Longest name or city in characters.
const LONGEST: usize = 100;
/// A name or city has at most so many words.
const MOST_WORDS: usize = 4;

/// What a message tells about its writer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) name: Option<Said>,
    pub(super) city: Option<Said>,
    /// As typed.
    pub(super) phone: Option<String>,
    /// As typed.
    pub(super) email: Option<String>,
    pub(super) preferences: Map<String, Value>,
}

/// A name or a city, and whether the writer asked to change what is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) changes: bool,
}

impl Told {
    /// What a message tells, and the rest of it.
    pub(super) fn read(message: &str, currency: &str) -> (Self, String) {
        let mut told = Self::default();
        let clauses = clauses(message);
        let mut rest = Vec::new();
        let mut heard = false;
        for clause in &clauses {
            if told.hear(clause, currency) {
                heard = true;
            } else {
                rest.push(*clause);
            }
        }
        let rest = if heard { rest.join(", ") } else { message.trim().to_owned() };
        // "Hi, I'm Asha": the greeting alone asks for nothing.
        let rest = if heard && words(&rest).iter().all(|word| OPENINGS.contains(&word.as_str())) { String::new() } else { rest };
        (told, rest)
    }

    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    fn hear(&mut self, clause: &str, currency: &str) -> bool {
        let typed: Vec<&str> = clause.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
        let lower: Vec<String> = typed.iter().map(|word| word.to_lowercase().replace(['’', '‘'], "'")).collect();
        let skipped = lower.iter().take_while(|word| OPENINGS.contains(&word.as_str())).count();
        let (typed, lower) = (&typed[skipped..], &lower[skipped..]);
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        self.change(typed, &lower) || self.state(typed, &lower) || self.like(clause, &lower, currency)
    }

    /// "Change my city to Pune".
    fn change(&mut self, typed: &[&str], lower: &[&str]) -> bool {
        let [verb, "my", middle @ ..] = lower else { return false };
        let Some(to) = middle.iter().position(|word| *word == "to").filter(|_| ["change", "set", "update"].contains(verb)) else {
            return false;
        };
        let (subject, value) = (middle[..to].join(" "), &typed[3 + to..]);
        match subject.as_str() {
            "name" => keep(&mut self.name, person(value).map(|text| Said { text, changes: true })),
            "city" | "town" | "location" => keep(&mut self.city, place(value).map(|text| Said { text, changes: true })),
            "phone" | "phone number" | "number" | "mobile" | "mobile number" => keep(&mut self.phone, phone(value)),
            "email" | "e-mail" | "email address" | "e-mail address" => keep(&mut self.email, email(value)),
            _ => self.size(&subject, value),
        }
    }

    /// "My name is Asha".
    fn state(&mut self, typed: &[&str], lower: &[&str]) -> bool {
        let after = |beginnings: &[&[&str]]| {
            beginnings.iter().find(|beginning| lower.starts_with(beginning)).map(|beginning| &typed[beginning.len()..])
        };
        if let Some(rest) = after(REACH) {
            return keep(&mut self.email, email(rest)) || keep(&mut self.phone, phone(rest));
        }
        if let Some(rest) = after(NAMES) {
            return keep(&mut self.name, person(rest).map(|text| Said { text, changes: false }));
        }
        if let Some(rest) = after(CITIES) {
            return keep(&mut self.city, place(rest).map(|text| Said { text, changes: false }));
        }
        // "I am Asha": a name only if it is written like one.
        if let Some(rest) = after(&[&["i'm"], &["i", "am"]]) {
            let written_so = (1..=3).contains(&rest.len()) && rest.iter().all(|word| begins_upper(word));
            if written_so && !lower.iter().any(|word| colour(word).is_some()) {
                return keep(&mut self.name, person(rest).map(|text| Said { text, changes: false }));
            }
        }
        if let ["my", middle @ ..] = lower
            && let Some(is) = middle.iter().position(|word| *word == "is")
        {
            return self.size(&middle[..is].join(" "), &typed[2 + is..]);
        }
        match lower {
            ["i", "wear", "size", _, rest @ ..] if rest.len() <= 1 => {
                let of = rest.first().map_or_else(|| "size".to_owned(), |thing| format!("{} size", singular(thing)));
                self.size(&of, &typed[3..4])
            }
            ["i", "wear" | "am", "a", "size", _] => self.size("size", &typed[4..]),
            ["i'm", "a", "size", _] => self.size("size", &typed[3..]),
            _ => false,
        }
    }

    /// "My shoe size is 42".
    fn size(&mut self, subject: &str, value: &[&str]) -> bool {
        let [value] = value else { return false };
        let is_size = subject == "size" || subject.ends_with(" size");
        if !is_size || !looks_like_a_size(value) || subject.split(' ').count() > 3 {
            return false;
        }
        self.preferences.insert(subject.replace([' ', '-'], "_"), json!(value.to_uppercase()));
        true
    }

    /// Colours, money, times, and how to be spoken to.
    fn like(&mut self, clause: &str, lower: &[&str], currency: &str) -> bool {
        let after = |beginnings: &[&[&str]]| {
            beginnings.iter().find(|beginning| lower.starts_with(beginning)).map(|beginning| &lower[beginning.len()..])
        };
        if let Some(rest) = after(COLOURS) {
            let named: Vec<&str> = rest.iter().filter(|word| !["and", "or"].contains(word)).copied().collect();
            let colours: Option<Vec<&str>> = named.iter().map(|word| colour(word)).collect();
            if let Some(colours) = colours.filter(|colours| !colours.is_empty()) {
                self.preferences.insert("colours".into(), json!(colours));
                return true;
            }
            return false;
        }
        if lower.starts_with(&["my", "budget"]) {
            let (least, most) = spending_limits(clause, currency);
            for (key, minor) in [("budget_min", least), ("budget_max", most)] {
                if let Some(minor) = minor {
                    self.preferences.insert(key.into(), json!(crate::money::decimal(minor, currency)));
                }
            }
            return least.is_some() || most.is_some();
        }
        if let Some(rest) = after(&[&["i'm", "free"], &["i", "am", "free"], &["i", "usually", "shop"]]) {
            if (1..=5).contains(&rest.len()) {
                self.preferences.insert("timing".into(), json!(rest.join(" ")));
                return true;
            }
            return false;
        }
        let style =
            [("brief", BRIEF), ("detailed", DETAILED)].into_iter().find(|(_, ways)| ways.contains(&lower.join(" ").as_str()));
        if let Some((style, _)) = style {
            self.preferences.insert("communication_style".into(), json!(style));
        }
        style.is_some()
    }
}

const OPENINGS: &[&str] = &[
    "hi", "hello", "hey", "namaste", "so", "well", "ok", "okay", "please", "also", "and", "oh", "yes", "btw", "by", "the", "way",
    "there",
];
const NAMES: &[&[&str]] = &[
    &["my", "name", "is"],
    &["my", "name's"],
    &["i", "am", "called"],
    &["i'm", "called"],
    &["they", "call", "me"],
    &["call", "me"],
];
const CITIES: &[&[&str]] = &[
    &["i", "live", "in"],
    &["i'm", "living", "in"],
    &["i", "am", "living", "in"],
    &["i'm", "from"],
    &["i", "am", "from"],
    &["i", "come", "from"],
    &["i'm", "based", "in"],
    &["i", "am", "based", "in"],
    &["my", "city", "is"],
    &["my", "town", "is"],
];
const REACH: &[&[&str]] = &[
    &["call", "me", "at"],
    &["call", "me", "on"],
    &["reach", "me", "at"],
    &["reach", "me", "on"],
    &["write", "to", "me", "at"],
    &["write", "me", "at"],
    &["mail", "me", "at"],
    &["email", "me", "at"],
    &["my", "phone", "is"],
    &["my", "number", "is"],
    &["my", "phone", "number", "is"],
    &["my", "mobile", "is"],
    &["my", "mobile", "number", "is"],
    &["my", "email", "is"],
    &["my", "e-mail", "is"],
    &["my", "mail", "is"],
    &["my", "email", "address", "is"],
    &["my", "e-mail", "address", "is"],
];
const COLOURS: &[&[&str]] = &[
    &["my", "favourite", "colour", "is"],
    &["my", "favorite", "color", "is"],
    &["my", "favourite", "colours", "are"],
    &["my", "favorite", "colors", "are"],
    &["i", "like"],
    &["i", "love"],
    &["i", "prefer"],
];
const BRIEF: &[&str] = &["keep it short", "keep it brief", "be brief", "short answers"];
const DETAILED: &[&str] = &["explain in detail", "i like details", "tell me the details", "long answers"];
/// Words with which no name and no city goes on.
const ENDS: &[&str] = &[
    "and",
    "but",
    "now",
    "currently",
    "actually",
    "here",
    "by",
    "these",
    "for",
    "because",
    "so",
    "too",
    "please",
    "thanks",
    "thank",
];
/// Words with which no name and no city begins.
const NO_BEGINNINGS: &[&str] = &[
    "a", "an", "the", "not", "later", "back", "when", "if", "tomorrow", "today", "maybe", "in", "at", "on", "soon", "your", "my",
    "what", "it", "looking", "just", "still", "very", "going", "sorry", "that", "this", "where", "outside",
];

fn keep<T>(place: &mut Option<T>, found: Option<T>) -> bool {
    let is_found = found.is_some();
    if is_found {
        *place = found;
    }
    is_found
}

/// Sentences, and their parts where each could stand alone.
fn clauses(message: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut begin = 0;
    let mut marks = message.char_indices().peekable();
    while let Some((place, letter)) = marks.next() {
        let ends = match letter {
            '!' | '?' | ';' | '\n' => true,
            // A point within a number or an address ends nothing.
            '.' | ',' => marks.peek().is_none_or(|(_, next)| next.is_whitespace()),
            _ => false,
        };
        if ends {
            parts(&message[begin..place], &mut found);
            begin = place + letter.len_utf8();
        }
    }
    parts(&message[begin..], &mut found);
    found
}

/// "My name is Asha" and "I live in Pune" of one sentence.
fn parts<'a>(sentence: &'a str, found: &mut Vec<&'a str>) {
    const AND: &str = " and ";
    let lower = sentence.to_ascii_lowercase();
    let mut begin = 0;
    for (place, _) in lower.match_indices(AND) {
        let next = lower[place + AND.len()..].split_whitespace().next().unwrap_or_default();
        if matches!(next, "my" | "i" | "i'm" | "call") {
            found.push(sentence[begin..place].trim());
            begin = place + AND.len();
        }
    }
    found.push(sentence[begin..].trim());
    found.retain(|part| !part.is_empty());
}

fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| matches!(letter, '"' | '“' | '”' | ':' | ',' | '!' | '?' | '.' | '(' | ')'))
}

fn begins_upper(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').filter(|stem| stem.len() > 2).unwrap_or(word)
}

/// The words of a name up to where the sentence goes on.
fn proper(words: &[&str]) -> Option<String> {
    let is_end = |word: &&&str| ENDS.contains(&word.to_lowercase().as_str());
    let own: Vec<&str> = words.iter().take_while(|word| !is_end(word)).copied().collect();
    let first = own.first()?.to_lowercase();
    let is_letter = |letter: char| letter.is_alphabetic() || is_mark(letter);
    let of_letters = |word: &&str| {
        let inner = |letter: char| is_letter(letter) || matches!(letter, '-' | '\'' | '’' | '.');
        word.chars().all(inner) && word.starts_with(is_letter) && word.ends_with(is_letter)
    };
    let fits = own.len() <= MOST_WORDS && own.iter().all(of_letters) && !NO_BEGINNINGS.contains(&first.as_str());
    let name = own.iter().map(|word| capital(word)).collect::<Vec<_>>().join(" ");
    (fits && name.chars().count() <= LONGEST).then_some(name)
}

/// Signs above and below letters, as many scripts have them.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{610}'..='\u{65f}' | '\u{200c}' | '\u{200d}')
}

fn person(words: &[&str]) -> Option<String> {
    proper(words)
}

fn place(words: &[&str]) -> Option<String> {
    proper(words)
}

/// A word that was typed in a hurry gets its capital.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) if word.chars().all(char::is_lowercase) => first.to_uppercase().chain(letters).collect(),
        _ => word.to_owned(),
    }
}

fn phone(words: &[&str]) -> Option<String> {
    let own: Vec<&str> = words
        .iter()
        .take_while(|word| word.chars().all(|letter| letter.is_ascii_digit() || "+-().".contains(letter)))
        .copied()
        .collect();
    let digits = own.iter().flat_map(|word| word.chars()).filter(char::is_ascii_digit).count();
    (7..=15).contains(&digits).then(|| own.join(" "))
}

fn email(words: &[&str]) -> Option<String> {
    words.iter().find(|word| word.contains('@')).map(|word| (*word).to_owned())
}

fn looks_like_a_size(value: &str) -> bool {
    let letters = matches!(value.to_lowercase().as_str(), "xs" | "s" | "m" | "l" | "xl" | "xxl" | "xxxl" | "2xl" | "3xl");
    letters || value.parse::<f32>().is_ok_and(|number| (1.0..=200.0).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &str) -> (Told, String) {
        Told::read(message, "INR")
    }

    fn said(text: &str) -> Said {
        Said { text: text.into(), changes: false }
    }

    #[test]
    fn everyday_sentences_are_understood() {
        for (message, name, city) in [
            ("My name is Asha", Some("Asha"), None),
            ("hi, my name is asha example.", Some("Asha Example"), None),
            ("call me Ravi", Some("Ravi"), None),
            ("I'm Asha", Some("Asha"), None),
            ("I am Asha Example", Some("Asha Example"), None),
            ("I live in Pune", None, Some("Pune")),
            ("i'm from new delhi", None, Some("New Delhi")),
            ("My name is Asha and I live in Pune now", Some("Asha"), Some("Pune")),
            ("My name is Zoë O'Neill-Díaz, I live in São Paulo!", Some("Zoë O'Neill-Díaz"), Some("São Paulo")),
            ("My name is आशा", Some("आशा"), None),
        ] {
            let (told, _) = read(message);
            assert_eq!((told.name, told.city), (name.map(said), city.map(said)), "{message}");
        }
    }

    #[test]
    fn contacts_and_preferences_are_understood() {
        let (told, rest) =
            read("Call me at +1 202 555 0101, my e-mail is Asha@Shop.Example. My shoe size is 42 and I like white");
        assert_eq!(told.phone.as_deref(), Some("+1 202 555 0101"));
        assert_eq!(told.email.as_deref(), Some("Asha@Shop.Example"));
        assert_eq!(Value::Object(told.preferences), json!({"shoe_size": "42", "colours": ["white"]}));
        assert_eq!(rest, "");
        for (message, preferences) in [
            ("I wear size 42 shoes", json!({"shoe_size": "42"})),
            ("i wear size m", json!({"size": "M"})),
            ("my favourite colour is navy", json!({"colours": ["navy"]})),
            ("I prefer black and white", json!({"colours": ["black", "white"]})),
            ("my budget is 2000", json!({"budget_max": 2_000.0})),
            ("My budget is between 2000 and 4000", json!({"budget_min": 2_000.0, "budget_max": 4_000.0})),
            ("I'm free on weekends", json!({"timing": "on weekends"})),
            ("please keep it short", json!({"communication_style": "brief"})),
            ("change my shoe size to 43", json!({"shoe_size": "43"})),
        ] {
            assert_eq!(Value::Object(read(message).0.preferences), preferences, "{message}");
        }
    }

    #[test]
    fn what_is_known_changes_only_when_asked() {
        let (told, _) = read("change my city to Pune");
        assert_eq!(told.city, Some(Said { text: "Pune".into(), changes: true }));
        let (told, _) = read("Update my phone number to 98200 00101");
        assert_eq!(told.phone.as_deref(), Some("98200 00101"));
    }

    #[test]
    fn the_rest_is_for_the_assistant() {
        let (told, rest) = read("My shoe size is 42. Show me white shoes under 4000, please");
        assert_eq!(Value::Object(told.preferences), json!({"shoe_size": "42"}));
        assert_eq!(rest, "Show me white shoes under 4000, please");
        assert_eq!(read("Hello, I'm Asha").1, "");
    }

    #[test]
    fn other_sentences_tell_nothing() {
        for message in [
            "I am looking for shoes",
            "i'm from the other store",
            "call me later",
            "call me when it is there",
            "I like it",
            "I like the first one",
            "I need size 42",
            "I'm Not Sure",
            "what is my name",
            "my cart is empty",
            "my budget",
            "my phone is broken",
            "this is too dear",
            "white shoes, size 42",
            "my size is <script>",
            "my name is Robert'); DROP TABLE customers;--",
            "my name is https://evil.example",
            "",
        ] {
            let (told, rest) = read(message);
            assert!(told.is_nothing(), "{message}: {told:?}");
            assert_eq!(rest, message.trim());
        }
    }
}
