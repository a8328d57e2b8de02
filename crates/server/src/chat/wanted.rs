//! What customers want from people in the store, in the everyday shapes of sentences.

use protocol::chat::{Draft, DraftBudget, DraftLocation};
use serde_json::{Map, Value, json};

use crate::{
    assistant::{spending_limits, words},
    money,
};

/// Longest description in characters.
const LONGEST: usize = 500;

/// Kinds of help, each with the words that ask for it. The first that fits counts.
const KINDS: &[(&str, &str, &[&str])] = &[
    (
        "alteration",
        "tailoring",
        &[
            "tailor",
            "tailoring",
            "alter",
            "altered",
            "alteration",
            "alterations",
            "hem",
            "hemmed",
            "shorten",
            "shortened",
            "stitch",
        ],
    ),
    ("repair", "repair", &["repair", "repaired", "mend", "mended", "broken"]),
    ("return", "returns", &["return", "exchange", "refund"]),
    ("styling", "styling", &["stylist", "styling"]),
    ("fitting_room", "fitting", &["fitting", "try"]),
    ("size_request", "sizing", &["size", "sizes"]),
];
/// Whoever comes is asked for these, whether or not a person is named.
const BY_THEMSELVES: &[&str] = &[
    "need a tailor",
    "need a stylist",
    "want a tailor",
    "want a stylist",
    "get it altered",
    "have it altered",
    "get it shortened",
    "have it shortened",
    "get these shortened",
    "get it hemmed",
    "get it repaired",
    "have it repaired",
    "shorten it",
    "shorten them",
    "shorten these",
    "alter it",
    "alter these",
];
/// People of the store.
const PEOPLE: &[&str] = &[
    "someone",
    "somebody",
    "anyone",
    "anybody",
    "staff",
    "tailor",
    "stylist",
    "employee",
    "salesperson",
    "colleague",
    "human",
    "person",
    "people",
];
/// What people are asked to do.
const ASKS: &[&str] = &["can", "could", "would", "will", "ask", "call", "send", "need", "want", "talk", "speak", "help", "tell"];

/// Whether a message asks for somebody of the store.
pub(super) fn asks_for_people(message: &str) -> bool {
    let words = words(message);
    let text = format!(" {} ", words.join(" "));
    if BY_THEMSELVES.iter().any(|phrase| text.contains(&format!(" {phrase} "))) {
        return true;
    }
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if text.contains(" bring me ") || text.contains(" bring it to me ") {
        return true;
    }
    // "Something for somebody of sixty" asks for nobody.
    let for_whom = PEOPLE.iter().any(|who| text.contains(&format!(" for {who} ")));
    has(PEOPLE) && has(ASKS) && !for_whom
}

/// The draft of what a message asks for. Products come from the catalogue, never from the message.
pub(super) fn draft(message: &str, currency: &str) -> Draft {
    let words = words(message);
    let of = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    let kind = KINDS.iter().find(|(_, _, names)| of(names));
    let (service_type, service_category) = kind.map_or(("staff_help", "assistance"), |(kind, category, _)| (kind, category));
    let mut draft = Draft {
        service_type: service_type.to_owned(),
        service_category: service_category.to_owned(),
        description: message.trim().chars().take(LONGEST).collect(),
        details: Map::new(),
        location: DraftLocation::default(),
        budget: DraftBudget::default(),
        timing: None,
        media: Vec::new(),
        specialist_notes: None,
    };
    note(&mut draft, message, currency);
    draft
}

/// Takes a customer's change into the draft: a size, a time, an amount; else other words.
pub(super) fn amend(draft: &mut Draft, message: &str, currency: &str) {
    if !note(draft, message, currency) {
        draft.description = message.trim().chars().take(LONGEST).collect();
    }
}

/// Notes what a message says exactly; answers whether it said any of it.
fn note(draft: &mut Draft, message: &str, currency: &str) -> bool {
    let words = words(message);
    let size = words.iter().position(|word| word == "size").and_then(|place| words.get(place + 1)).filter(|word| is_size(word));
    if let Some(size) = size {
        draft.details.insert("size".into(), json!(size.to_uppercase()));
    }
    let time = timing(&words);
    if time.is_some() {
        draft.timing.clone_from(&time);
    }
    let (least, most) = spending_limits(message, currency);
    if least.is_some() || most.is_some() {
        let amount = |minor: Option<i64>| minor.map(|minor| money::decimal(minor, currency));
        draft.budget = DraftBudget { min: amount(least), max: amount(most) };
    }
    size.is_some() || time.is_some() || least.is_some() || most.is_some()
}

fn is_size(word: &str) -> bool {
    let letters = matches!(word, "xs" | "s" | "m" | "l" | "xl" | "xxl" | "xxxl" | "2xl" | "3xl");
    letters || word.parse::<f32>().is_ok_and(|number| (1.0..=200.0).contains(&number))
}

const TIMES: &[&str] = &[
    "this morning",
    "this afternoon",
    "this evening",
    "this weekend",
    "next week",
    "tomorrow morning",
    "tomorrow afternoon",
    "tomorrow evening",
    "tomorrow",
    "today",
    "tonight",
    "right now",
    "now",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// When, with the hour where one is said.
fn timing(words: &[String]) -> Option<String> {
    let text = format!(" {} ", words.join(" "));
    let day = TIMES.iter().find(|time| text.contains(&format!(" {time} ")));
    let hour = words.windows(2).find_map(|pair| {
        let digits = pair[1].trim_end_matches("am").trim_end_matches("pm");
        let marked = digits.len() < pair[1].len() || pair[1].contains(':');
        let clock =
            !digits.is_empty() && digits.len() <= 5 && digits.chars().all(|letter| letter.is_ascii_digit() || letter == ':');
        (pair[0] == "at" && marked && clock).then(|| format!("at {}", pair[1]))
    });
    match (day, hour) {
        (None, None) => None,
        (day, hour) => Some([day.map(|day| (*day).to_owned()), hour].into_iter().flatten().collect::<Vec<_>>().join(" ")),
    }
}

/// A draft as a sentence of the shop.
pub(super) fn described(draft: &Draft) -> String {
    let detail = |name: &str| draft.details.get(name).and_then(Value::as_str);
    let mut parts = vec![format!("“{}”", draft.description)];
    if let Some(product) = detail("product") {
        parts.push(product.to_owned());
    }
    if let Some(size) = detail("size") {
        parts.push(format!("size {size}"));
    }
    parts.extend(draft.timing.clone());
    match draft.media.len() {
        0 => {}
        1 => parts.push("with your photo or video".into()),
        many => parts.push(format!("with your {many} photos or videos")),
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_asked_for_in_many_ways() {
        for (message, kind) in [
            ("Can someone bring me size 44?", "size_request"),
            ("could somebody help me please", "staff_help"),
            ("I need a tailor", "alteration"),
            ("can you shorten it", "alteration"),
            ("I want to talk to a person", "staff_help"),
            ("please call staff", "staff_help"),
            ("bring me the blue one", "staff_help"),
            ("Can someone prepare a fitting room?", "fitting_room"),
            ("I need a stylist tomorrow", "styling"),
            ("ask somebody to exchange these", "return"),
        ] {
            assert!(asks_for_people(message), "{message}");
            assert_eq!(draft(message, "INR").service_type, kind, "{message}");
        }
        for message in [
            "I need white shoes in size 44",
            "a gift for someone special, can you help",
            "tailored jackets",
            "do you have it in 44?",
            "what can you do",
            "people like this shirt",
        ] {
            assert!(!asks_for_people(message), "{message}");
        }
    }

    #[test]
    fn a_draft_says_exactly_what_was_said() {
        let made = draft("Can someone bring me size 44 tomorrow at 5pm, at most 4000?", "INR");
        assert_eq!(Value::Object(made.details.clone()), json!({"size": "44"}));
        assert_eq!(made.timing.as_deref(), Some("tomorrow at 5pm"));
        assert_eq!(made.budget, DraftBudget { min: None, max: Some(4_000.0) });
        assert_eq!(made.description, "Can someone bring me size 44 tomorrow at 5pm, at most 4000?");
    }

    #[test]
    fn a_change_replaces_what_it_names() {
        let mut changed = draft("Can someone bring me size 44?", "INR");
        amend(&mut changed, "size 45, today", "INR");
        assert_eq!((changed.details["size"].as_str(), changed.timing.as_deref()), (Some("45"), Some("today")));
        assert_eq!(changed.description, "Can someone bring me size 44?");
        amend(&mut changed, "The brown ones with laces", "INR");
        assert_eq!(changed.description, "The brown ones with laces");
    }

    #[test]
    fn ids_and_prices_of_a_message_are_no_details() {
        let made = draft("Can someone bring me SKU000901 in size 9 for price 1 customer_id 101", "INR");
        assert_eq!(Value::Object(made.details), json!({"size": "9"}));
    }
}
