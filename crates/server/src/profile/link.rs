//! What a guest did comes into the account of whoever proves to be both.
//!
//! The proof of the guest is its session's token, which is dead afterwards; what the client called its guest proves nothing.

use protocol::{
    ErrorCode,
    ids::AccountId,
    profile::{Location, Notifications, Profile},
    session::Assurance,
};
use server_store::{
    StoreError,
    records::{ProfileOwner, ProfileRecord, SessionRecord},
};

use super::{
    change::{LARGEST_PREFERENCES, size},
    guest::blank,
    operations::profile_of,
};
use crate::{auth::operations::customer_of, http::Failure, key::sha256, session, session::SessionError, transaction::Tx};

/// Why nothing was linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The token opens no guest's session, or no longer.
    #[error("This guest session is unknown or has ended.")]
    DeadToken,
    /// Somebody else linked it.
    #[error("This guest's profile is linked to another account already.")]
    AlreadyLinked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A session could not be changed.
    #[error(transparent)]
    Session(SessionError),
}

impl From<SessionError> for LinkError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NotFound | SessionError::Expired => Self::DeadToken,
            SessionError::Store(error) => Self::Store(error),
            other => Self::Session(other),
        }
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        let sentence = error.to_string();
        match error {
            LinkError::DeadToken => Self::new(ErrorCode::InvalidToken, sentence),
            LinkError::AlreadyLinked => Self::new(ErrorCode::ProfileAlreadyLinked, sentence),
            LinkError::Store(error) => error.into(),
            LinkError::Session(error) => error.into(),
        }
    }
}

/// What a link did.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The account's profile as it is now.
    pub profile: Profile,
    /// Fields taken from the guest; a preference is `preferences.<key>`.
    pub merged: Vec<String>,
    /// Fields that stay the account's, although the guest had them too.
    pub kept: Vec<String>,
}

/// Brings a guest's profile, conversation, cart and requests into an account; the guest's token is dead. What the account has
/// stays. Linking the same guest again changes nothing.
///
/// # Errors
/// [`LinkError::DeadToken`] or [`LinkError::AlreadyLinked`].
pub async fn link(tx: &mut Tx, account: AccountId, token: &str) -> Result<Linked, LinkError> {
    let (state, now, hash) = (tx.state().clone(), tx.now(), sha256(token.as_bytes()));
    let owner = ProfileOwner::Account(account);
    match tx.guest_link(&hash).await? {
        Some(linked) if linked == account => {
            let profile = profile_of(tx.reader(), owner).await?;
            return Ok(Linked { profile, merged: Vec::new(), kept: Vec::new() });
        }
        Some(_) => return Err(LinkError::AlreadyLinked),
        None => {}
    }
    let guest = session::operations::live_session(tx.reader(), &state.key, token, now).await?;
    if !guest.guest {
        return Err(LinkError::DeadToken);
    }
    match tx.insert_guest_link(&hash, account, now).await {
        Err(StoreError::Duplicate) => return Err(LinkError::AlreadyLinked),
        result => result?,
    }
    let theirs = ProfileOwner::Guest(guest.id);
    tx.move_service_requests(theirs.profile(), owner.profile()).await?;
    let (merged, kept) = match tx.profile(theirs.profile()).await? {
        Some(theirs) => merge(tx, owner, theirs).await?,
        None => Default::default(),
    };
    move_session(tx, account, guest).await?;
    let profile = profile_of(tx.reader(), owner).await?;
    tracing::info!(account = %account, guest = %theirs.profile(), "guest linked");
    Ok(Linked { profile, merged, kept })
}

/// As [`link`], for somebody who signs in or goes on talking: a token that opens no guest's session, or another's, is no reason
/// to refuse that, and changes nothing.
///
/// # Errors
/// The store failed.
pub async fn bring(tx: &mut Tx, account: AccountId, token: Option<&str>) -> Result<Option<Linked>, LinkError> {
    let Some(token) = token else { return Ok(None) };
    match link(tx, account, token).await {
        Ok(linked) => Ok(Some(linked)),
        Err(LinkError::DeadToken | LinkError::AlreadyLinked) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn merge(tx: &mut Tx, owner: ProfileOwner, theirs: ProfileRecord) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let before = tx.profile(owner.profile()).await?;
    let before = before.unwrap_or_else(|| blank(owner, tx.now()));
    tx.remove_profile(theirs.owner.profile()).await?;
    let mut after = before.clone();
    let (merged, kept) = fill(&mut after, theirs);
    if after != before {
        after.version += 1;
        after.updated_at = tx.now();
        tx.put_profile(&after).await?;
    }
    Ok((merged, kept))
}

/// Fills what is empty; answers what was filled, and what was not because it is not empty.
fn fill(own: &mut ProfileRecord, theirs: ProfileRecord) -> (Vec<String>, Vec<String>) {
    let (mut merged, mut kept) = (Vec::new(), Vec::new());
    let mut note = |name: String, taken: bool| if taken { merged.push(name) } else { kept.push(name) };
    let texts = [
        ("name", &mut own.name, theirs.name),
        ("email", &mut own.email, theirs.email),
        ("phone", &mut own.phone, theirs.phone),
        ("profile_photo_url", &mut own.profile_photo_url, theirs.profile_photo_url),
    ];
    for (name, own, theirs) in texts {
        if theirs.is_some() {
            note(name.to_owned(), own.is_none());
            *own = own.take().or(theirs);
        }
    }
    // Half of one address and half of another would be no place at all.
    if theirs.default_location != Location::default() {
        let empty = own.default_location == Location::default();
        note("default_location".to_owned(), empty);
        if empty {
            own.default_location = theirs.default_location;
        }
    }
    if theirs.notification_preferences != Notifications::default() {
        let empty = own.notification_preferences == Notifications::default();
        note("notification_preferences".to_owned(), empty);
        if empty {
            own.notification_preferences = theirs.notification_preferences;
        }
    }
    for (key, value) in theirs.preferences {
        let name = format!("preferences.{key}");
        let is_new = !own.preferences.contains_key(&key);
        if is_new {
            own.preferences.insert(key.clone(), value);
        }
        // Both together may be more than one profile can have.
        let fits = !is_new || size(&own.preferences) <= 2 * LARGEST_PREFERENCES;
        if !fits {
            own.preferences.remove(&key);
        }
        note(name, is_new && fits);
    }
    own.alias = own.alias.take().or(theirs.alias);
    (merged, kept)
}

/// Conversation and cart go on in the session of the account's customer; a guest who did nothing begins none.
async fn move_session(tx: &mut Tx, account: AccountId, mut guest: SessionRecord) -> Result<(), LinkError> {
    let state = &guest.state;
    let theirs = ProfileOwner::Guest(guest.id).profile();
    let empty = state.cart.is_empty() && state.recent.is_empty();
    let idle = empty && tx.chat_length(guest.id).await? == 0 && tx.media_amount(Some(theirs)).await?.files == 0;
    if idle {
        return Ok(session::operations::end_session(tx, &mut guest).await?);
    }
    let customer = customer_of(tx, account).await?;
    // The account was proved with a password, or by a provider that is trusted with as much.
    let mut own = session::operations::session_for_customer(tx, &customer, guest.channel, Assurance::Password).await?;
    // Before the guest's session ends, which would end them too.
    tx.move_media(theirs, ProfileOwner::Account(account).profile(), own.id).await?;
    Ok(session::operations::absorb(tx, &mut own, guest).await?)
}

/// Answer of a link on the wire.
impl From<Linked> for protocol::profile::LinkAnswer {
    fn from(linked: Linked) -> Self {
        Self { linked: true, profile: linked.profile, merged_fields: linked.merged, kept_fields: linked.kept }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    fn profile(preferences: &Value) -> ProfileRecord {
        ProfileRecord {
            owner: ProfileOwner::Guest(protocol::ids::SessionId(uuid::Uuid::nil())),
            alias: None,
            name: None,
            email: None,
            phone: None,
            profile_photo_url: None,
            default_location: Location::default(),
            notification_preferences: Notifications::default(),
            preferences: preferences.as_object().cloned().unwrap_or_else(Map::new),
            version: 1,
            created_at: protocol::Timestamp::parse("2026-01-01T00:00:00Z").unwrap(),
            updated_at: protocol::Timestamp::parse("2026-01-01T00:00:00Z").unwrap(),
        }
    }

    #[test]
    fn what_is_there_stays_and_what_is_empty_is_filled() {
        let mut own = ProfileRecord { name: Some("Asha Example".into()), ..profile(&json!({"colours": ["white"]})) };
        let theirs = ProfileRecord {
            name: Some("Asha".into()),
            phone: Some("+12025550101".into()),
            default_location: Location { city: Some("Pune".into()), ..Location::default() },
            alias: Some("mine".into()),
            ..profile(&json!({"colours": ["red"], "shoe_size": "42"}))
        };
        let (merged, kept) = fill(&mut own, theirs);
        assert_eq!(merged, ["phone", "default_location", "preferences.shoe_size"]);
        assert_eq!(kept, ["name", "preferences.colours"]);
        assert_eq!((own.name.as_deref(), own.phone.as_deref()), (Some("Asha Example"), Some("+12025550101")));
        assert_eq!(json!(own.preferences), json!({"colours": ["white"], "shoe_size": "42"}));
        assert_eq!(own.alias.as_deref(), Some("mine"));
    }

    #[test]
    fn two_full_profiles_do_not_become_one_that_is_too_large() {
        let mut own = profile(&json!({"a": "x".repeat(LARGEST_PREFERENCES), "b": "x".repeat(LARGEST_PREFERENCES - 50)}));
        let (merged, kept) = fill(&mut own, profile(&json!({"c": "x".repeat(100), "d": 1})));
        assert_eq!((merged, kept), (vec!["preferences.d".to_owned()], vec!["preferences.c".to_owned()]));
        assert!(size(&own.preferences) <= 2 * LARGEST_PREFERENCES);
    }
}
