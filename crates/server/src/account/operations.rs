//! What people do with their accounts, independent of the way the wish came in.

use std::{net::IpAddr, time::Duration};

use protocol::{
    account::{Language, Preferences, PreferencesChange, Voice},
    error::FieldError,
    ids::AccountId,
};
use server_store::{
    StoreError,
    records::{AccountRecord, PhoneSessionRecord},
};

use super::{
    email,
    error::{AccountError, wrong},
};
use crate::{
    auth::operations::{AuthError, new_account},
    caller::cookie::{SESSION_SECONDS, Value},
    password::{self, Check},
    state::AppState,
    transaction::Tx,
};

/// Longest display name in characters.
const LONGEST_NAME: usize = 100;
/// Most topics.
const MOST_TOPICS: usize = 20;
/// Longest topic in characters.
const LONGEST_TOPIC: usize = 50;
/// Longest persona in characters.
const LONGEST_PROMPT: usize = 2_000;

/// What a person fills in to get an account by e-mail.
#[derive(Clone)]
pub struct Registration {
    /// In any case.
    pub email: String,
    /// As typed.
    pub password: String,
    /// What to call the person.
    pub display_name: String,
}

/// A registration that was checked and hashed, ready for its transaction.
pub struct CheckedRegistration {
    email: String,
    display_name: String,
    hash: String,
}

/// Checks a registration and hashes its password. Slow on purpose: call it outside of transactions.
///
/// # Errors
/// What the person has to change, or [`AccountError::TooOften`].
pub async fn check_registration(state: &AppState, form: Registration, peer: IpAddr) -> Result<CheckedRegistration, AccountError> {
    let mut fields = Vec::new();
    let email = email::normalise(&form.email).map_err(|error| fields.push(wrong("email", error.to_string()))).unwrap_or_default();
    let display_name = check_name(&form.display_name).map_err(|error| fields.push(error)).unwrap_or_default();
    if !fields.is_empty() {
        return Err(AccountError::Invalid(fields));
    }
    let weak = |error| AccountError::WeakPassword("password", error);
    password::check(&form.password, state.config.password_length).map_err(weak)?;
    state.throttle.sign_up(peer).await.map_err(AuthError::from)?;
    if state.read().await?.account_by_email(&email).await?.is_some() {
        return Err(AccountError::EmailExists);
    }
    let hash = state.passwords.hash(&form.password).await?;
    Ok(CheckedRegistration { email, display_name, hash })
}

/// Makes the account. The e-mail stays unverified.
///
/// # Errors
/// [`AccountError::EmailExists`].
pub async fn register(tx: &mut Tx, checked: CheckedRegistration) -> Result<AccountRecord, AccountError> {
    let account =
        AccountRecord { email: Some(checked.email), password_hash: Some(checked.hash), ..new_account(tx, &checked.display_name) };
    match tx.insert_account(&account).await {
        Ok(()) => Ok(account),
        Err(StoreError::Duplicate) => Err(AccountError::EmailExists),
        Err(error) => Err(error.into()),
    }
}

/// Signs a browser in under a fresh cookie, which it answers; the browser's last one dies.
///
/// # Errors
/// The store failed.
pub(crate) async fn sign_in(tx: &mut Tx, account: AccountId, last: Option<&Value>) -> Result<Value, StoreError> {
    if let Some(last) = last {
        tx.remove_phone_session(&last.hash()).await?;
    }
    let cookie = Value::fresh(tx.state());
    let now = tx.now();
    tx.insert_phone_session(&PhoneSessionRecord {
        cookie_hash: cookie.hash(),
        account_id: account,
        created_at: now,
        expires_at: now.plus(Duration::from_secs(SESSION_SECONDS)),
    })
    .await?;
    Ok(cookie)
}

/// What a person wants changed about the account.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What to call the person.
    pub display_name: Option<String>,
    /// In any case.
    pub email: Option<String>,
}

/// A change that was checked.
#[derive(Clone, Debug, Default)]
pub struct CheckedChange {
    display_name: Option<String>,
    email: Option<String>,
}

/// Checks a change.
///
/// # Errors
/// What the person has to correct.
pub fn check_change(change: &Change) -> Result<CheckedChange, AccountError> {
    let mut fields = Vec::new();
    let mut checked = CheckedChange::default();
    if let Some(name) = &change.display_name {
        checked.display_name = check_name(name).map_err(|error| fields.push(error)).ok();
    }
    if let Some(email) = &change.email {
        checked.email = email::normalise(email).map_err(|error| fields.push(wrong("email", error.to_string()))).ok();
    }
    if fields.is_empty() { Ok(checked) } else { Err(AccountError::Invalid(fields)) }
}

/// Changes the account; answers it as it is now. A new e-mail only waits to be verified.
///
/// # Errors
/// [`AccountError::EmailExists`].
pub async fn change(tx: &mut Tx, account: AccountId, change: CheckedChange) -> Result<AccountRecord, AccountError> {
    let before = tx.account(account).await?.ok_or(StoreError::Missing)?;
    let now = tx.now();
    if let Some(name) = change.display_name.filter(|name| *name != before.display_name) {
        tx.set_display_name(account, &name, now).await?;
    }
    if let Some(email) = change.email {
        if before.email.as_ref() == Some(&email) {
            if before.pending_email.is_some() {
                tx.set_pending_email(account, None, now).await?;
            }
        } else if tx.account_by_email(&email).await?.is_some() {
            return Err(AccountError::EmailExists);
        } else {
            tx.set_pending_email(account, Some(&email), now).await?;
        }
    }
    Ok(tx.account(account).await?.ok_or(StoreError::Missing)?)
}

/// What a person wants changed about how the assistant speaks; none keeps the value.
#[derive(Clone, Debug, Default)]
pub struct CheckedPreferences {
    voice: Option<Voice>,
    language: Option<Language>,
    topics: Option<Vec<String>>,
    prompt: Option<String>,
}

/// Checks preferences. `null` brings the default back.
///
/// # Errors
/// What the person has to correct.
pub fn check_preferences(change: PreferencesChange) -> Result<CheckedPreferences, AccountError> {
    let mut fields = Vec::new();
    let voices = || Voice::ALL.iter().map(|voice| voice.as_str()).collect();
    let voice =
        change.preferred_voice.and_then(|sent| one_of(&mut fields, "preferred_voice", sent.as_deref(), Voice::parse, voices));
    let languages = || Language::ALL.iter().map(|language| language.as_str()).collect();
    let language = change
        .preferred_language
        .and_then(|sent| one_of(&mut fields, "preferred_language", sent.as_deref(), Language::parse, languages));
    let topics = change.favorite_topics.map(Option::unwrap_or_default);
    if topics.as_ref().is_some_and(|topics| topics.len() > MOST_TOPICS) {
        fields.push(wrong("favorite_topics", format!("favorite_topics may have at most {MOST_TOPICS} entries")));
    }
    let is_topic = |topic: &String| (1..=LONGEST_TOPIC).contains(&topic.trim().chars().count()) && is_plain(topic);
    if topics.iter().flatten().any(|topic| !is_topic(topic)) {
        fields.push(wrong("favorite_topics", format!("each of favorite_topics has 1 to {LONGEST_TOPIC} characters")));
    }
    let prompt = change.system_prompt_override.map(Option::unwrap_or_default);
    if prompt.as_ref().is_some_and(|prompt| prompt.chars().count() > LONGEST_PROMPT) {
        fields.push(wrong(
            "system_prompt_override",
            format!("system_prompt_override may have at most {LONGEST_PROMPT} characters"),
        ));
    }
    if !fields.is_empty() {
        return Err(AccountError::Invalid(fields));
    }
    let topics = topics.map(|topics| topics.iter().map(|topic| topic.trim().to_owned()).collect());
    Ok(CheckedPreferences { voice, language, topics, prompt })
}

/// The value of a text that was sent; `null` is the default.
fn one_of<T: Default>(
    fields: &mut Vec<FieldError>,
    field: &str,
    sent: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
    names: impl Fn() -> Vec<&'static str>,
) -> Option<T> {
    let Some(text) = sent else { return Some(T::default()) };
    let value = parse(text);
    if value.is_none() {
        fields.push(wrong(field, format!("{field} must be one of {}", names().join(", "))));
    }
    value
}

/// Changes how the assistant speaks; answers the account as it is now.
///
/// # Errors
/// The store failed.
pub async fn set_preferences(tx: &mut Tx, account: AccountId, change: CheckedPreferences) -> Result<AccountRecord, AccountError> {
    let before = tx.account(account).await?.ok_or(StoreError::Missing)?.preferences;
    let after = Preferences {
        preferred_voice: change.voice.unwrap_or(before.preferred_voice),
        preferred_language: change.language.unwrap_or(before.preferred_language),
        favorite_topics: change.topics.unwrap_or(before.favorite_topics),
        system_prompt_override: change.prompt.unwrap_or(before.system_prompt_override),
    };
    let now = tx.now();
    tx.set_preferences(account, &after, now).await?;
    Ok(tx.account(account).await?.ok_or(StoreError::Missing)?)
}

/// A new password that was checked and hashed, ready for its transaction.
pub struct NewPassword {
    known: String,
    hash: String,
}

/// Checks the current password and hashes the new one. Slow on purpose: call it outside of transactions.
///
/// # Errors
/// What the person has to correct, or [`AccountError::TooOften`].
pub async fn check_new_password(
    state: &AppState,
    account: &AccountRecord,
    current: &str,
    new: &str,
    peer: IpAddr,
) -> Result<NewPassword, AccountError> {
    let weak = |error| AccountError::WeakPassword("new_password", error);
    password::check(new, state.config.password_length).map_err(weak)?;
    let name = state.key.mac("throttled account", &[account.id.0.as_bytes()]);
    let attempt = state.throttle.attempt(peer, name).await.map_err(AuthError::from)?;
    let known = account.password_hash.clone();
    if state.passwords.check(current, known.clone()).await? == Check::Wrong {
        return Err(AccountError::WrongPassword);
    }
    attempt.succeeded().await?;
    let hash = state.passwords.hash(new).await?;
    Ok(NewPassword { known: known.unwrap_or_default(), hash })
}

/// Changes the password: everybody who was signed in is signed out, mailed links die, and the caller gets a new cookie.
///
/// # Errors
/// [`AccountError::WrongPassword`] where somebody changed it in the meantime.
pub(crate) async fn change_password(tx: &mut Tx, account: AccountId, new: &NewPassword) -> Result<Value, AccountError> {
    let now = tx.now();
    if !tx.replace_password_hash(account, &new.known, &new.hash, now).await? {
        return Err(AccountError::WrongPassword);
    }
    tx.remove_phone_sessions_of(account).await?;
    tx.remove_account_tokens(account).await?;
    Ok(sign_in(tx, account, None).await?)
}

/// A name without space at its ends and without control characters.
fn check_name(typed: &str) -> Result<String, FieldError> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if (1..=LONGEST_NAME).contains(&name.chars().count()) && is_plain(&name) {
        return Ok(name);
    }
    Err(wrong("display_name", format!("display_name has 1 to {LONGEST_NAME} characters")))
}

fn is_plain(text: &str) -> bool {
    !text.chars().any(char::is_control)
}
