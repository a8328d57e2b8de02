//! What a person wants changed about the profile, checked and carried out.

use protocol::{
    ErrorCode,
    error::FieldError,
    profile::{Location, LocationChange, Notifications, NotificationsChange, Profile, ProfileChange},
};
use serde_json::{Map, Value};
use server_store::{
    StoreError,
    records::{ProfileOwner, ProfileRecord},
};
use url::Url;

use super::{guest::blank, operations::profile_of};
use crate::{account::normalise_email, http::Failure, phone_number, transaction::Tx};

/// Longest name or part of an address in characters.
const LONGEST_NAME: usize = 100;
const LONGEST_ADDRESS: usize = 200;
const LONGEST_URL: usize = 2_048;
/// Largest preferences in bytes of JSON.
pub(super) const LARGEST_PREFERENCES: usize = 8 * 1024;

/// What becomes of the objects of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// They are replaced whole.
    Replace,
    /// They are merged key by key.
    Merge,
}

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Fields with wrong values.
    #[error("a field has a wrong value")]
    Invalid(Vec<FieldError>),
    /// No possible number.
    #[error(transparent)]
    InvalidPhone(#[from] phone_number::InvalidPhone),
    /// The profile has another version.
    #[error("The profile was changed in the meantime; look at it again and repeat.")]
    VersionConflict {
        /// As it is now.
        profile: Box<Profile>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        let sentence = error.to_string();
        match error {
            ProfileError::Invalid(fields) => Self::fields(fields),
            ProfileError::InvalidPhone(_) => Self::field("phone", ErrorCode::InvalidPhone, sentence),
            ProfileError::VersionConflict { profile } => {
                Self::new(ErrorCode::VersionConflict, sentence).with("profile", serde_json::to_value(profile).unwrap_or_default())
            }
            ProfileError::Store(error) => error.into(),
        }
    }
}

/// A change that was checked.
#[derive(Clone)]
pub struct Checked {
    change: ProfileChange,
    manner: Manner,
}

/// Checks a change. `country` is that of numbers without a country code.
///
/// # Errors
/// [`ProfileError::Invalid`] or [`ProfileError::InvalidPhone`].
pub fn check(mut change: ProfileChange, manner: Manner, country: &str) -> Result<Checked, ProfileError> {
    let mut wrong = Vec::new();
    change.name = change.name.map(|name| text(&mut wrong, "name", name, LONGEST_NAME));
    if let Some(Some(email)) = &mut change.email {
        match normalise_email(email) {
            Ok(normal) => *email = normal,
            Err(error) => wrong.push(field("email", error.to_string())),
        }
    }
    if let Some(Some(picture)) = &change.profile_photo_url
        && !is_picture(picture)
    {
        wrong.push(field("profile_photo_url", "profile_photo_url must be an https address"));
    }
    if let Some(Some(place)) = &mut change.default_location {
        check_place(&mut wrong, "default_location.", place);
    }
    if let Some(Some(preferences)) = &change.preferences
        && size(preferences) > LARGEST_PREFERENCES
    {
        wrong.push(too_large());
    }
    if !wrong.is_empty() {
        return Err(ProfileError::Invalid(wrong));
    }
    if let Some(Some(phone)) = &mut change.phone {
        *phone = phone_number::normalise(phone, country)?;
    }
    Ok(Checked { change, manner })
}

/// A change of the place alone, merged.
///
/// # Errors
/// [`ProfileError::Invalid`].
pub fn check_location(mut place: LocationChange) -> Result<Checked, ProfileError> {
    let mut wrong = Vec::new();
    check_place(&mut wrong, "", &mut place);
    if !wrong.is_empty() {
        return Err(ProfileError::Invalid(wrong));
    }
    let change = ProfileChange { default_location: Some(Some(place)), ..ProfileChange::default() };
    Ok(Checked { change, manner: Manner::Merge })
}

/// Changes the owner's profile, keeping it from now on; answers it as it is now. A change that changes nothing keeps nothing.
///
/// # Errors
/// [`ProfileError::VersionConflict`], or preferences that have become too large.
pub async fn change(tx: &mut Tx, owner: ProfileOwner, checked: Checked) -> Result<ProfileRecord, ProfileError> {
    let Checked { change, manner } = checked;
    let kept = tx.profile(owner.profile()).await?;
    let before = kept.unwrap_or_else(|| blank(owner, tx.now()));
    if change.if_version.is_some_and(|version| version != before.version) {
        let profile = profile_of(tx.reader(), owner).await?;
        return Err(ProfileError::VersionConflict { profile: Box::new(profile) });
    }
    let mut after = before.clone();
    let texts = [
        (&mut after.name, change.name),
        (&mut after.email, change.email),
        (&mut after.phone, change.phone),
        (&mut after.profile_photo_url, change.profile_photo_url),
    ];
    for (value, sent) in texts {
        if let Some(sent) = sent {
            *value = sent;
        }
    }
    if let Some(sent) = change.default_location {
        after.default_location = place(sent, manner, after.default_location);
    }
    if let Some(sent) = change.notification_preferences {
        after.notification_preferences = notifications(sent, manner, after.notification_preferences);
    }
    if let Some(sent) = change.preferences {
        match (sent, manner) {
            (Some(sent), Manner::Merge) => merge(&mut after.preferences, sent),
            (sent, _) => after.preferences = sent.unwrap_or_default(),
        }
    }
    let now_takes = size(&after.preferences);
    if now_takes > LARGEST_PREFERENCES && now_takes > size(&before.preferences) {
        return Err(ProfileError::Invalid(vec![too_large()]));
    }
    if after == before {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = tx.now();
    tx.put_profile(&after).await?;
    Ok(after)
}

fn field(name: &str, message: impl Into<String>) -> FieldError {
    FieldError { field: name.to_owned(), code: ErrorCode::ValidationError, message: message.into() }
}

fn too_large() -> FieldError {
    field("preferences", "preferences may have at most 8 KiB")
}

/// Bytes of JSON.
pub(super) fn size(object: &Map<String, Value>) -> usize {
    serde_json::to_string(object).map_or(usize::MAX, |text| text.len())
}

/// A text without space around it; nothing at all clears.
fn text(wrong: &mut Vec<FieldError>, name: &str, sent: Option<String>, longest: usize) -> Option<String> {
    let trimmed = sent.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if trimmed.as_ref().is_some_and(|text| text.chars().count() > longest || text.chars().any(char::is_control)) {
        wrong.push(field(name, format!("{name} may have at most {longest} plain characters")));
    }
    trimmed
}

fn is_picture(address: &str) -> bool {
    let plain = address.len() <= LONGEST_URL && !address.chars().any(|letter| letter.is_control() || letter.is_whitespace());
    plain
        && Url::parse(address)
            .is_ok_and(|url| url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none())
}

fn check_place(wrong: &mut Vec<FieldError>, prefix: &str, place: &mut LocationChange) {
    let parts = [
        ("city", &mut place.city, LONGEST_NAME),
        ("state", &mut place.state, LONGEST_NAME),
        ("zip", &mut place.zip, LONGEST_NAME),
        ("address", &mut place.address, LONGEST_ADDRESS),
    ];
    for (name, value, longest) in parts {
        if let Some(sent) = value {
            *sent = text(wrong, &format!("{prefix}{name}"), sent.take(), longest);
        }
    }
    for (name, value, most) in [("lat", place.lat, 90.0), ("lng", place.lng, 180.0)] {
        if value.flatten().is_some_and(|degrees| !(-most..=most).contains(&degrees)) {
            wrong.push(field(&format!("{prefix}{name}"), format!("{prefix}{name} must be from -{most} to {most}")));
        }
    }
}

fn place(sent: Option<LocationChange>, manner: Manner, before: Location) -> Location {
    let Some(sent) = sent else { return Location::default() };
    let mut after = if manner == Manner::Merge { before } else { Location::default() };
    let texts = [
        (&mut after.city, sent.city),
        (&mut after.state, sent.state),
        (&mut after.zip, sent.zip),
        (&mut after.address, sent.address),
    ];
    for (value, sent) in texts {
        if let Some(sent) = sent {
            *value = sent;
        }
    }
    for (value, sent) in [(&mut after.lat, sent.lat), (&mut after.lng, sent.lng)] {
        if let Some(sent) = sent {
            *value = sent;
        }
    }
    after
}

fn notifications(sent: Option<NotificationsChange>, manner: Manner, before: Notifications) -> Notifications {
    let Some(sent) = sent else { return Notifications::default() };
    let mut after = if manner == Manner::Merge { before } else { Notifications::default() };
    for (value, sent) in [(&mut after.email, sent.email), (&mut after.sms, sent.sms), (&mut after.push, sent.push)] {
        if let Some(sent) = sent {
            *value = sent.unwrap_or_default();
        }
    }
    after
}

/// Merges objects key by key, those within them too; `null` takes a key away.
pub(crate) fn merge(object: &mut Map<String, Value>, sent: Map<String, Value>) {
    for (key, value) in sent {
        match (object.get_mut(&key), value) {
            (_, Value::Null) => {
                object.remove(&key);
            }
            (Some(Value::Object(inner)), Value::Object(value)) => merge(inner, value),
            (_, Value::Object(value)) => {
                let mut inner = Map::new();
                merge(&mut inner, value);
                object.insert(key, Value::Object(inner));
            }
            (_, value) => {
                object.insert(key, value);
            }
        }
    }
}
