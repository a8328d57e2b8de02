use protocol::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::settings::ProviderSettings;

/// Clocks may differ by so many seconds.
const SKEW: f64 = 60.0;
/// Longest name of a person at a provider, in characters.
const LONGEST_SUBJECT: usize = 255;

/// What a token says.
#[derive(Clone, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    sub: String,
    #[serde(default)]
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    #[serde(flatten)]
    about: About,
}

/// For whom a token is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(untagged)]
enum Audience {
    #[default]
    Nobody,
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn names(&self) -> &[String] {
        match self {
            Self::Nobody => &[],
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

/// What a provider tells about a person.
#[derive(Clone, Default, Deserialize)]
pub(super) struct About {
    email: Option<Value>,
    email_verified: Option<Value>,
    name: Option<Value>,
    given_name: Option<Value>,
    preferred_username: Option<Value>,
}

/// Who somebody is at a provider.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The provider.
    pub(crate) issuer: String,
    /// The provider's name for the person.
    pub(crate) subject: String,
    /// What to call the person; empty where the provider does not say.
    pub(crate) name: String,
    /// An e-mail that the provider verified.
    pub(crate) email: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Claims {
    /// Whether the token is of this provider and for this shop, and its time is now.
    pub(super) fn is_for(&self, settings: &ProviderSettings, now: Timestamp) -> bool {
        let meant = self.aud.names().iter().chain(&self.azp).any(|name| settings.is_meant(name));
        self.iss == settings.issuer && meant && self.is_in_time(now) && self.has_subject()
    }

    /// The same for the answer to one sign-in of a browser (OpenID Connect Core 3.1.3.7): for this client and no other, and
    /// with the nonce that was sent.
    pub(super) fn answers(&self, settings: &ProviderSettings, now: Timestamp, nonce: &str) -> bool {
        let Some(client) = &settings.client_id else { return false };
        let party = match (self.aud.names(), &self.azp) {
            (_, Some(azp)) => azp == client,
            (names, None) => names.len() == 1,
        };
        self.iss == settings.issuer
            && self.aud.names().contains(client)
            && party
            && self.is_in_time(now)
            && self.has_subject()
            && self.nonce.as_deref().is_some_and(|sent| crate::key::same(sent.as_bytes(), nonce.as_bytes()))
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds of an epoch are far below 2^52")]
    fn is_in_time(&self, now: Timestamp) -> bool {
        let now = now.unix_millis() as f64 / 1_000.0;
        now < self.exp + SKEW && self.nbf.is_none_or(|from| from <= now + SKEW)
    }

    fn has_subject(&self) -> bool {
        (1..=LONGEST_SUBJECT).contains(&self.sub.chars().count()) && !self.sub.chars().any(char::is_control)
    }

    pub(super) fn subject(&self) -> &str {
        &self.sub
    }

    /// The person, with what else the provider tells about him.
    pub(super) fn person(self, more: &About) -> Person {
        Person {
            name: self.about.called().or_else(|| more.called()).unwrap_or_default(),
            email: self.about.verified_email().or_else(|| more.verified_email()),
            issuer: self.iss,
            subject: self.sub,
        }
    }

    /// Whether the token itself tells what to call the person.
    pub(super) fn tells_name(&self) -> bool {
        self.about.called().is_some()
    }
}

impl About {
    fn called(&self) -> Option<String> {
        let names = [&self.name, &self.given_name, &self.preferred_username].into_iter().flatten();
        names.filter_map(Value::as_str).find_map(super::account::fitting_name)
    }

    fn verified_email(&self) -> Option<String> {
        let email = self.email.as_ref().filter(|_| self.email_verified == Some(Value::Bool(true)))?.as_str()?;
        crate::account::normalise_email(email).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn settings() -> ProviderSettings {
        ProviderSettings {
            id: "id".into(),
            name: "Id".into(),
            issuer: "https://id.example".into(),
            client_id: Some("shop".into()),
            client_secret: None,
            audiences: vec!["https://shop.example".into()],
        }
    }

    fn claims(changes: Value) -> Option<Claims> {
        let mut all = json!({"iss": "https://id.example", "sub": "user_1", "aud": "shop", "exp": NOW + 10, "nonce": "n"});
        let Value::Object(changes) = changes else { panic!("changes are an object") };
        for (name, value) in changes {
            all[name] = value;
        }
        serde_json::from_value(all).ok()
    }

    fn is_for(changes: Value) -> bool {
        claims(changes).is_some_and(|claims| claims.is_for(&settings(), Timestamp::from_unix_millis(NOW * 1_000)))
    }

    fn answers(changes: Value) -> bool {
        claims(changes).is_some_and(|claims| claims.answers(&settings(), Timestamp::from_unix_millis(NOW * 1_000), "n"))
    }

    #[test]
    fn a_token_is_for_this_shop_by_audience_or_party() {
        assert!(is_for(json!({})));
        assert!(is_for(json!({"aud": ["other", "https://shop.example"]})));
        assert!(is_for(json!({"aud": null, "azp": "https://shop.example"})));
        assert!(is_for(json!({"aud": "other", "azp": "shop"})));
        for wrong in [
            json!({"aud": "other"}),
            json!({"aud": null}),
            json!({"aud": ["Shop"]}),
            json!({"aud": 7}),
            json!({"iss": "https://id.example/"}),
            json!({"iss": "https://other.example"}),
            json!({"sub": ""}),
            json!({"sub": null}),
            json!({"sub": "a".repeat(256)}),
        ] {
            assert!(!is_for(wrong.clone()), "{wrong}");
        }
    }

    #[test]
    fn clocks_may_differ_by_a_minute() {
        for (changes, good) in [
            (json!({"exp": NOW - 59}), true),
            (json!({"exp": NOW - 60}), false),
            (json!({"nbf": NOW + 60}), true),
            (json!({"nbf": NOW + 61}), false),
            (json!({"exp": null}), false),
            (json!({"exp": "soon"}), false),
            (json!({"exp": f64::from(u32::MAX)}), true),
        ] {
            assert_eq!(is_for(changes.clone()), good, "{changes}");
        }
    }

    #[test]
    fn a_sign_in_is_answered_for_this_client_and_this_nonce_alone() {
        assert!(answers(json!({})));
        assert!(answers(json!({"aud": ["shop", "other"], "azp": "shop"})));
        for wrong in [
            json!({"aud": "https://shop.example"}),
            json!({"aud": ["shop", "other"]}),
            json!({"azp": "other"}),
            json!({"nonce": "m"}),
            json!({"nonce": null}),
            json!({"exp": NOW - 60}),
        ] {
            assert!(!answers(wrong.clone()), "{wrong}");
        }
    }

    #[test]
    fn an_email_counts_only_if_it_was_verified() {
        let email = |changes: Value| claims(changes).unwrap().person(&About::default()).email;
        assert_eq!(email(json!({"email": "Asha@Shop.example", "email_verified": true})).as_deref(), Some("asha@shop.example"));
        for changes in [
            json!({"email": "asha@shop.example"}),
            json!({"email": "asha@shop.example", "email_verified": false}),
            json!({"email": "asha@shop.example", "email_verified": "false"}),
            json!({"email": "no address", "email_verified": true}),
            json!({"email": 7, "email_verified": true}),
        ] {
            assert_eq!(email(changes.clone()), None, "{changes}");
        }
    }

    #[test]
    fn a_person_is_called_by_the_first_name_that_is_told() {
        let name = |changes: Value| claims(changes).unwrap().person(&About::default()).name;
        assert_eq!(name(json!({"name": "  Asha\n Example ", "given_name": "A"})), "Asha Example");
        assert_eq!(name(json!({"name": "", "preferred_username": "asha"})), "asha");
        assert_eq!(name(json!({"name": 7})), "");
    }
}
