//! The documented account endpoints: e-mail, password, preferences.
//!
//! The credential is the `HttpOnly` cookie `sessionid`; unsafe requests that rely on it repeat `csrf_token` in
//! `X-CSRFToken`.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Timestamp, ids::AccountId, staff::Role};

/// `POST /api/auth/register`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterRequest {
    /// At most 254 characters; nobody else's, without regard to case.
    pub email: String,
    /// As typed.
    pub password: String,
    /// 1 to 100 characters.
    pub display_name: String,
}

/// `POST /api/auth/login`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmailLoginRequest {
    /// In any case.
    pub email: String,
    /// As typed.
    pub password: String,
}

/// `POST /api/users/change-password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePasswordRequest {
    /// As typed.
    pub current_password: String,
    /// As typed.
    pub new_password: String,
}

/// `POST /v1/account/password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FirstPasswordRequest {
    /// As typed.
    pub new_password: String,
}

macro_rules! secret {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
secret!(
    RegisterRequest,
    EmailLoginRequest,
    ChangePasswordRequest,
    FirstPasswordRequest,
    SignedInUser,
    PasswordResetRequest,
    TokenRequest
);

/// Answer of register, login and `GET /api/auth/me`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedInUser {
    /// The account.
    pub id: AccountId,
    /// None for people who sign in without one.
    pub email: Option<String>,
    /// What to call the person.
    pub display_name: String,
    /// Since when the account exists.
    pub created_at: Timestamp,
    /// For `X-CSRFToken`; empty for callers with a bearer token, who need none.
    pub csrf_token: String,
}

/// Answer of a call that only says that it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Done {
    /// A documented sentence.
    pub message: String,
}

/// Answer of `GET` and `PATCH /api/users/profile`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserProfile {
    /// The account.
    pub id: AccountId,
    /// None for people who sign in without one.
    pub email: Option<String>,
    /// The person proved to read mail sent there.
    pub email_verified: bool,
    /// Takes the place of `email` once it is verified.
    pub pending_email: Option<String>,
    /// What to call the person.
    pub display_name: String,
    /// What the person may do in the shop.
    pub roles: Vec<Role>,
    /// Since when the account exists.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// How the assistant speaks.
    pub preferences: Preferences,
}

/// `PATCH /api/users/profile`; absent keeps the value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserChange {
    /// 1 to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Verified by mail before it replaces the old one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// How the assistant speaks with a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preferences {
    /// Whose voice.
    pub preferred_voice: Voice,
    /// Which language.
    pub preferred_language: Language,
    /// At most 20 of at most 50 characters.
    pub favorite_topics: Vec<String>,
    /// Takes the place of the persona part of the prompt, unless empty; at most 2 000 characters.
    pub system_prompt_override: String,
}

/// Answer of `PUT /api/users/preferences`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredPreferences {
    /// Whose voice.
    pub preferred_voice: Voice,
    /// Which language.
    pub preferred_language: Language,
    /// What the person likes to talk about.
    pub favorite_topics: Vec<String>,
    /// In place of the persona part of the prompt.
    pub system_prompt_override: String,
    /// Last change.
    pub updated_at: Timestamp,
}

/// `PUT /api/users/preferences`: absent keeps the value, `null` brings the default back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreferencesChange {
    /// A voice's name.
    #[serde(default, deserialize_with = "sent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub preferred_voice: Option<Option<String>>,
    /// A language; a region behind it is left off.
    #[serde(default, deserialize_with = "sent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub preferred_language: Option<Option<String>>,
    /// Topics.
    #[serde(default, deserialize_with = "sent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub favorite_topics: Option<Option<Vec<String>>>,
    /// Persona.
    #[serde(default, deserialize_with = "sent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub system_prompt_override: Option<Option<String>>,
}

/// Tells a value that was sent, if only as `null`, from none.
///
/// # Errors
/// The value is of another type.
pub fn sent<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Voices; each speech engine has one of its own for each name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Voice {
    /// The default.
    #[default]
    Alloy,
    /// A voice.
    Echo,
    /// A voice.
    Fable,
    /// A voice.
    Onyx,
    /// A voice.
    Nova,
    /// A voice.
    Shimmer,
}

impl Voice {
    /// Every voice.
    pub const ALL: &[Self] = &[Self::Alloy, Self::Echo, Self::Fable, Self::Onyx, Self::Nova, Self::Shimmer];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alloy => "alloy",
            Self::Echo => "echo",
            Self::Fable => "fable",
            Self::Onyx => "onyx",
            Self::Nova => "nova",
            Self::Shimmer => "shimmer",
        }
    }

    /// The voice of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|voice| voice.as_str() == name)
    }
}

/// Languages of recognition, speech and prompt (ISO 639-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Language {
    /// English, the default.
    #[default]
    En,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// German.
    De,
    /// Italian.
    It,
    /// Portuguese.
    Pt,
    /// Japanese.
    Ja,
    /// Korean.
    Ko,
    /// Chinese.
    Zh,
    /// Hindi.
    Hi,
    /// Arabic.
    Ar,
}

impl Language {
    /// Every language.
    pub const ALL: &[Self] =
        &[Self::En, Self::Es, Self::Fr, Self::De, Self::It, Self::Pt, Self::Ja, Self::Ko, Self::Zh, Self::Hi, Self::Ar];

    /// The language's code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::Fr => "fr",
            Self::De => "de",
            Self::It => "it",
            Self::Pt => "pt",
            Self::Ja => "ja",
            Self::Ko => "ko",
            Self::Zh => "zh",
            Self::Hi => "hi",
            Self::Ar => "ar",
        }
    }

    /// The language of a tag such as `es` or `es-MX`.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let code = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Self::ALL.iter().copied().find(|language| language.as_str() == code)
    }
}

/// Answer of `POST /api/internal/validate-session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValidSession {
    /// Always true.
    pub valid: bool,
    /// The account.
    pub user_id: AccountId,
    /// None for people who sign in without one.
    pub email: Option<String>,
    /// What to call the person.
    pub display_name: String,
    /// How the assistant speaks.
    pub preferences: Preferences,
}

/// Answer of `GET /api/health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountHealth {
    /// Always `healthy`.
    pub status: String,
    /// Always `accounts`.
    pub service: String,
}

/// `POST /v1/account/password-reset`: mail me a link. The answer is the same whether or not the address is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MailRequest {
    /// Where to.
    pub email: String,
}

/// `POST /v1/account/password-reset/confirm`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PasswordResetRequest {
    /// Of the mail.
    pub token: String,
    /// As typed.
    pub new_password: String,
}

/// `POST /v1/account/email/confirm`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TokenRequest {
    /// Of the mail.
    pub token: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_sent_is_told_from_what_was_cleared() {
        let change: PreferencesChange =
            serde_json::from_str(r#"{"preferred_voice": null, "favorite_topics": ["food"]}"#).unwrap();
        assert_eq!(change.preferred_voice, Some(None));
        assert_eq!(change.favorite_topics, Some(Some(vec!["food".into()])));
        assert_eq!(change.preferred_language, None);
    }

    #[test]
    fn a_region_counts_as_its_language() {
        assert_eq!(Language::parse("es-MX"), Some(Language::Es));
        assert_eq!(Language::parse("PT_br"), Some(Language::Pt));
        assert_eq!(Language::parse("tlh"), None);
        assert_eq!(Language::parse(""), None);
    }

    #[test]
    fn names_on_the_wire_are_those_that_are_read() {
        for voice in Voice::ALL {
            assert_eq!(serde_json::to_value(voice).unwrap(), voice.as_str());
        }
        for language in Language::ALL {
            assert_eq!(serde_json::to_value(language).unwrap(), language.as_str());
        }
    }
}
