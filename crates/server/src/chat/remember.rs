//! What customers tell goes into their own profile, and into nobody else's.

use protocol::Timestamp;
use serde_json::{Map, Value, json};
use server_store::records::{Dialogue, Fact, FactSource, ProfileRecord};

use super::told::{Said, Told};
use crate::{account, phone_number};

/// Largest preferences in bytes of JSON.
const LARGEST_PREFERENCES: usize = 8 * 1024;
/// Facts of one conversation.
const MOST_FACTS: usize = 100;

/// What was done with what was told.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Remembered {
    /// For the customer.
    pub(super) sentences: Vec<String>,
    /// What the conversation has established now.
    pub(super) facts: Map<String, Value>,
    /// The profile is another one now.
    pub(super) changed: bool,
}

/// Puts what was told into a profile: a name and a city only where there is none yet, unless the customer asks to change them;
/// preferences key by key. `country` is that of phone numbers without one.
pub(super) fn remember(profile: &mut ProfileRecord, told: &Told, country: &str) -> Remembered {
    let before = profile.clone();
    let mut done = Remembered::default();
    if let Some(said) = &told.name {
        note(&mut profile.name, said, "name", "I will call you", &mut done);
    }
    if let Some(said) = &told.city {
        note(&mut profile.default_location.city, said, "city", "I saved", &mut done);
    }
    if let Some(typed) = &told.phone {
        match phone_number::normalise(typed, country) {
            Ok(phone) => {
                done.sentences.push("I saved your phone number.".into());
                profile.phone = Some(phone);
            }
            Err(error) => done.sentences.push(error.to_string()),
        }
    }
    if let Some(typed) = &told.email {
        match account::normalise_email(typed) {
            Ok(email) => {
                done.sentences.push("I saved your e-mail.".into());
                profile.email = Some(email);
            }
            Err(_) => done.sentences.push("That does not look like an e-mail address. Please check it.".into()),
        }
    }
    if !told.preferences.is_empty() {
        let mut merged = profile.preferences.clone();
        merged.extend(told.preferences.clone());
        if serde_json::to_string(&merged).map_or(0, |text| text.len()) <= LARGEST_PREFERENCES {
            profile.preferences = merged;
            let said: Vec<String> = told.preferences.iter().map(|(key, value)| in_words(key, value)).collect();
            done.sentences.push(format!("I will remember your {}.", said.join(" and your ")));
            done.facts.extend(told.preferences.clone());
        } else {
            done.sentences.push("Your profile is full; forget something first.".into());
        }
    }
    done.changed = *profile != before;
    done
}

fn note(place: &mut Option<String>, said: &Said, key: &str, words: &str, done: &mut Remembered) {
    done.facts.insert(key.to_owned(), json!(said.text));
    let end = if key == "city" { " as your city." } else { "." };
    match place {
        Some(known) if *known == said.text => done.sentences.push(format!("That is what I have: {known}.")),
        Some(known) if !said.changes => {
            done.sentences.push(format!("Your profile says {known}. Say “change my {key} to {}” and I will.", said.text));
        }
        place => {
            *place = Some(said.text.clone());
            done.sentences.push(format!("{words} {}{end}", said.text));
        }
    }
}

/// A preference as people say it.
pub(super) fn in_words(key: &str, value: &Value) -> String {
    format!("{} {}", key.replace('_', " "), value_in_words(value))
}

/// The value of a preference as people say it.
pub(super) fn value_in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" and "),
        other => other.to_string(),
    }
}

/// Takes facts of the message that is being answered into what the conversation has established. They count more than what was
/// said before.
pub(super) fn establish(dialogue: &mut Dialogue, facts: &Map<String, Value>, now: Timestamp) {
    for fact in &mut dialogue.facts {
        if fact.source == FactSource::Current {
            fact.source = FactSource::Conversation;
        }
    }
    for (key, value) in facts {
        dialogue.facts.retain(|fact| fact.key != *key);
        let (key, value) = (key.clone(), value.clone());
        dialogue.facts.push(Fact { key, value, source: FactSource::Current, confidence: 1.0, timestamp: now });
    }
    let too_many = dialogue.facts.len().saturating_sub(MOST_FACTS);
    dialogue.facts.drain(..too_many);
}

/// Everything that the conversation has established.
pub(super) fn established(dialogue: &Dialogue) -> Map<String, Value> {
    dialogue.facts.iter().map(|fact| (fact.key.clone(), fact.value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use protocol::ids::SessionId;
    use server_store::records::ProfileOwner;
    use uuid::Uuid;

    use super::*;
    use crate::profile::blank;

    fn profile() -> ProfileRecord {
        blank(ProfileOwner::Guest(SessionId(Uuid::from_u128(1))), Timestamp::from_unix_millis(0))
    }

    fn tell(profile: &mut ProfileRecord, message: &str) -> Remembered {
        remember(profile, &Told::read(message, "USD").0, "US")
    }

    #[test]
    fn a_name_and_a_city_are_kept_once_and_changed_when_asked() {
        let mut profile = profile();
        let done = tell(&mut profile, "My name is Asha and I live in Springfield");
        assert_eq!(done.sentences, ["I will call you Asha.", "I saved Springfield as your city."]);
        assert!(done.changed);
        let done = tell(&mut profile, "I live in Pune");
        assert!(!done.changed);
        assert_eq!(done.sentences, ["Your profile says Springfield. Say “change my city to Pune” and I will."]);
        assert_eq!(done.facts["city"], "Pune", "what was said last counts in the conversation");
        tell(&mut profile, "change my city to Pune");
        assert_eq!((profile.name.as_deref(), profile.default_location.city.as_deref()), (Some("Asha"), Some("Pune")));
    }

    #[test]
    fn contacts_are_checked() {
        let mut profile = profile();
        tell(&mut profile, "call me at 202 555 0101");
        assert_eq!(profile.phone.as_deref(), Some("+12025550101"));
        assert!(!tell(&mut profile, "call me at 1234567").changed);
        tell(&mut profile, "my email is Asha@Shop.Example");
        assert_eq!(profile.email.as_deref(), Some("asha@shop.example"));
        let done = tell(&mut profile, "my email is asha@");
        assert!(!done.changed && done.sentences[0].contains("does not look like"), "{done:?}");
    }

    #[test]
    fn preferences_are_merged_and_bounded() {
        let mut profile = profile();
        tell(&mut profile, "my shoe size is 42");
        tell(&mut profile, "I like white");
        assert_eq!(Value::Object(profile.preferences.clone()), json!({"shoe_size": "42", "colours": ["white"]}));
        profile.preferences.insert("long".into(), json!("x".repeat(LARGEST_PREFERENCES - 60)));
        let done = tell(&mut profile, "my hat size is 58");
        assert!(!done.changed && done.sentences[0].contains("full"), "{done:?}");
    }

    #[test]
    fn what_is_said_now_counts_more_than_what_was_said_before() {
        let mut dialogue = Dialogue::default();
        let facts = |value: Value| value.as_object().cloned().unwrap();
        establish(&mut dialogue, &facts(json!({"city": "Pune", "size": "M"})), Timestamp::from_unix_millis(1));
        establish(&mut dialogue, &facts(json!({"city": "Delhi"})), Timestamp::from_unix_millis(2));
        assert_eq!(Value::Object(established(&dialogue)), json!({"city": "Delhi", "size": "M"}));
        let sources: Vec<_> = dialogue.facts.iter().map(|fact| (fact.key.as_str(), fact.source)).collect();
        assert_eq!(sources, [("size", FactSource::Conversation), ("city", FactSource::Current)]);
    }
}
