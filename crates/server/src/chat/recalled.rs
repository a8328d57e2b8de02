//! What customers ask of their own profile: to hear what is in it, and to forget it.

use serde_json::Value;
use server_store::records::ProfileRecord;

use super::remember::in_words;
use crate::{assistant::words, profile::blank};

/// What a customer asks of the own profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OfProfile {
    /// Everything in it.
    Hear,
    /// One thing, such as `shoe_size`.
    HearOne(String),
    /// Forget one thing.
    Forget(String),
    /// Forget everything.
    ForgetAll,
}

const HEAR: &[&str] = &[
    "what do you know about me",
    "what do you remember about me",
    "what have you saved about me",
    "show me my profile",
    "show my profile",
    "my profile",
];
const FORGET_ALL: &[&str] =
    &["forget me", "forget everything about me", "delete my profile", "forget everything you know about me"];
const ONE: &[&str] = &["what is my", "what's my", "do you know my", "do you remember my", "which is my"];
const FORGET: &[&str] = &["forget my", "delete my", "erase my"];

impl OfProfile {
    pub(super) fn read(message: &str, profile: Option<&ProfileRecord>) -> Option<Self> {
        let text = words(message).join(" ");
        if HEAR.contains(&text.as_str()) {
            return Some(Self::Hear);
        }
        if FORGET_ALL.contains(&text.as_str()) {
            return Some(Self::ForgetAll);
        }
        let after = |beginnings: &[&str]| beginnings.iter().find_map(|beginning| text.strip_prefix(beginning)).map(key);
        if let Some(key) = after(FORGET).filter(|key| is_known(key, profile)) {
            return Some(Self::Forget(key));
        }
        after(ONE).filter(|key| is_known(key, profile)).map(Self::HearOne)
    }
}

/// `shoe size` is kept as `shoe_size`.
fn key(text: &str) -> String {
    let text = text.trim();
    match text {
        "e-mail" | "email address" | "e-mail address" => "email".into(),
        "phone number" | "number" | "mobile" | "mobile number" => "phone".into(),
        "town" | "location" => "city".into(),
        "favourite colour" | "favorite color" | "favourite colours" | "favorite colors" | "colours" | "colors" => {
            "colours".into()
        }
        "budget" => "budget_max".into(),
        text => text.replace([' ', '-'], "_"),
    }
}

fn is_known(key: &str, profile: Option<&ProfileRecord>) -> bool {
    let field = matches!(key, "name" | "city" | "phone" | "email" | "colours" | "budget_max" | "timing") || key.ends_with("size");
    field || profile.is_some_and(|profile| profile.preferences.contains_key(key))
}

/// What is known under a key.
pub(super) fn recall(profile: &ProfileRecord, key: &str) -> Option<Value> {
    match key {
        "name" => profile.name.clone().map(Value::from),
        "city" => profile.default_location.city.clone().map(Value::from),
        "phone" => profile.phone.clone().map(Value::from),
        "email" => profile.email.clone().map(Value::from),
        key => profile.preferences.get(key).cloned(),
    }
}

/// Forgets what is known under a key; answers whether anything was.
pub(super) fn forget(profile: &mut ProfileRecord, key: &str) -> bool {
    match key {
        "name" => profile.name.take().is_some(),
        "city" => profile.default_location.city.take().is_some(),
        "phone" => profile.phone.take().is_some(),
        "email" => profile.email.take().is_some(),
        key => profile.preferences.remove(key).is_some(),
    }
}

/// Forgets everything but that there is a profile.
pub(super) fn forget_all(profile: &mut ProfileRecord) {
    let empty = blank(profile.owner, profile.updated_at);
    *profile = ProfileRecord { alias: profile.alias.take(), version: profile.version, created_at: profile.created_at, ..empty };
}

/// Everything that is known, as a sentence.
pub(super) fn everything(profile: Option<&ProfileRecord>) -> String {
    let Some(profile) = profile else { return NOTHING.into() };
    let fields = ["name", "city", "phone", "email"].into_iter().filter_map(|key| Some((key, recall(profile, key)?)));
    let mut parts: Vec<String> = fields.map(|(key, value)| in_words(key, &value)).collect();
    parts.extend(profile.preferences.iter().filter(|(key, _)| *key != "observed").map(|(key, value)| in_words(key, value)));
    if parts.is_empty() {
        return NOTHING.into();
    }
    format!("This is what I know: {}. Say “forget my …” and I will.", parts.join(", "))
}

const NOTHING: &str = "I know nothing about you yet. Tell me what you like, and I will remember it.";

#[cfg(test)]
mod tests {
    use protocol::{Timestamp, ids::SessionId};
    use serde_json::json;
    use server_store::records::ProfileOwner;
    use uuid::Uuid;

    use super::*;

    fn profile() -> ProfileRecord {
        let mut profile = blank(ProfileOwner::Guest(SessionId(Uuid::from_u128(1))), Timestamp::from_unix_millis(0));
        profile.name = Some("Asha".into());
        profile.preferences = json!({"shoe_size": "42", "colours": ["white"]}).as_object().cloned().unwrap();
        profile
    }

    #[test]
    fn questions_about_oneself_are_told_from_others() {
        let profile = profile();
        let one = |key: &str| Some(OfProfile::HearOne(key.into()));
        for (message, wish) in [
            ("What do you know about me?", Some(OfProfile::Hear)),
            ("what's my shoe size?", one("shoe_size")),
            ("Do you remember my name?", one("name")),
            ("forget my phone number", Some(OfProfile::Forget("phone".into()))),
            ("Forget everything about me", Some(OfProfile::ForgetAll)),
            ("what is my cart", None),
            ("delete my order", None),
            ("what is my best option", None),
            ("what do you know about shoes", None),
        ] {
            assert_eq!(OfProfile::read(message, Some(&profile)), wish, "{message}");
        }
    }

    #[test]
    fn everything_is_told_and_can_be_forgotten() {
        let mut profile = profile();
        assert_eq!(
            everything(Some(&profile)),
            "This is what I know: name Asha, colours white, shoe size 42. Say “forget my …” and I will."
        );
        assert!(forget(&mut profile, "shoe_size") && !forget(&mut profile, "shoe_size"));
        assert_eq!(recall(&profile, "colours"), Some(json!(["white"])));
        forget_all(&mut profile);
        assert_eq!((everything(Some(&profile)), everything(None)), (NOTHING.to_owned(), NOTHING.to_owned()));
    }
}
