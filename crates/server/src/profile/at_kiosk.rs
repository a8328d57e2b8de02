//! What kiosks show of a customer's profile, and let the customer change.

use protocol::{
    ids::{CustomerId, OpKey},
    kiosk_profile::{KioskProfile, LONGEST_VALUE, ProfileField},
};
use serde_json::{Map, Value};
use server_store::{
    ReadTx, StoreError,
    records::{ProfileOwner, ProfileRecord},
};

use super::{
    change::{LARGEST_PREFERENCES, size},
    guest::blank,
};
use crate::{session::SessionError, transaction::Tx};

/// What a customer wants changed at a kiosk.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The profile's version as the kiosk had it.
    pub base_version: i64,
    /// Which field.
    pub field: ProfileField,
    /// What the customer saw there.
    pub seen: Option<String>,
    /// What it is to be; none clears it.
    pub value: Option<String>,
}

/// Where the profile keeps a field: under the name by which the chat remembers it.
const fn key(field: ProfileField) -> &'static str {
    match field {
        ProfileField::ClothingSize => "size",
        ProfileField::ShoeSize => "shoe_size",
        ProfileField::Fit => "fit",
    }
}

/// What a kiosk shows of a profile.
#[must_use]
pub fn shown(profile: &ProfileRecord) -> KioskProfile {
    KioskProfile { version: profile.version, ..values(profile) }
}

/// As [`shown`], without a version: the same as long as a kiosk shows the same.
#[must_use]
pub fn values(profile: &ProfileRecord) -> KioskProfile {
    let mut values = KioskProfile::default();
    for field in ProfileField::ALL {
        values.set(field, value(&profile.preferences, field));
    }
    values
}

/// A field as text; clients of the documented API write sizes as numbers too. What is no value of the field is left out.
fn value(preferences: &Map<String, Value>, field: ProfileField) -> Option<String> {
    let text = match preferences.get(key(field))? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    is_value(&text).then_some(text)
}

fn is_value(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LONGEST_VALUE && !text.chars().any(char::is_control)
}

/// What a kiosk shows of a customer's profile; none for a customer without an account, who has no profile.
///
/// # Errors
/// The store failed.
pub async fn of_customer(tx: &mut dyn ReadTx, customer: &CustomerId) -> Result<Option<KioskProfile>, StoreError> {
    let Some(account) = tx.account_of_customer(customer).await? else { return Ok(None) };
    let profile = tx.profile(ProfileOwner::Account(account.id).profile()).await?;
    Ok(Some(profile.as_ref().map(shown).unwrap_or_default()))
}

/// Changes one field, unless it was changed elsewhere since the customer saw it. What is so already is not changed.
///
/// # Errors
/// [`SessionError::ProfileChanged`]; [`SessionError::BadRequest`] for what is no value, or for a profile that is full;
/// [`SessionError::Forbidden`] for a customer without a profile.
pub async fn change(tx: &mut Tx, customer: &CustomerId, wish: Wish, op: OpKey) -> Result<(), SessionError> {
    let Wish { base_version, field, seen, value } = wish;
    let value = value.map(|value| value.trim().to_owned());
    if value.as_deref().is_some_and(|value| !is_value(value)) {
        return Err(SessionError::BadRequest(format!("'value' must have 1 to {LONGEST_VALUE} plain characters")));
    }
    let account = tx.account_of_customer(customer).await?.ok_or(SessionError::Forbidden("This customer has no profile."))?;
    let owner = ProfileOwner::Account(account.id);
    let mut profile = tx.profile(owner.profile()).await?.unwrap_or_else(|| blank(owner, tx.now()));
    let kept = shown(&profile);
    if kept.get(field) == value.as_deref() {
        return Ok(());
    }
    if kept.version != base_version && kept.get(field) != seen.as_deref() {
        return Err(SessionError::ProfileChanged);
    }
    match value {
        Some(value) => profile.preferences.insert(key(field).to_owned(), Value::String(value)),
        None => profile.preferences.remove(key(field)),
    };
    if size(&profile.preferences) > LARGEST_PREFERENCES {
        return Err(SessionError::BadRequest("the profile is full; forget something first".into()));
    }
    profile.version += 1;
    profile.updated_at = tx.now();
    Ok(tx.put_profile_of(&profile, Some(op)).await?)
}
