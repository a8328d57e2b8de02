//! Somebody begins as a guest.

use protocol::{
    Timestamp,
    ids::ProfileId,
    profile::{Location, Notifications},
    session::Channel,
};
use serde_json::Map;
use server_store::records::{ProfileOwner, ProfileRecord, SessionRecord};

use crate::{
    caller::Caller,
    session::{self, SessionError},
    transaction::Tx,
};

/// A guest who began just now.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The session, on its own.
    pub session: SessionRecord,
    /// The profile, empty but for the name that the client gave its guest.
    pub profile: ProfileRecord,
}

impl Guest {
    /// The token that opens session and profile. Secret.
    #[must_use]
    pub fn token(&self, tx: &Tx) -> String {
        tx.state().key.session_token(self.session.id, self.session.generation)
    }
}

/// Begins a guest's session with an empty profile. `alias` is what the client calls its guest.
///
/// # Errors
/// [`SessionError::TooOften`], or the store failed.
pub async fn begin(tx: &mut Tx, caller: &Caller, alias: Option<ProfileId>) -> Result<Guest, SessionError> {
    tx.state().limits.starts.take(caller.peer.into()).map_err(SessionError::TooOften)?;
    let channel = caller.bound_channel().unwrap_or(Channel::Web);
    let session = session::operations::guest_session(tx, channel, "").await?;
    let mut profile = blank(ProfileOwner::Guest(session.id), tx.now());
    profile.alias = alias.map(|alias| alias.to_string());
    profile.version = 1;
    tx.put_profile(&profile).await?;
    Ok(Guest { session, profile })
}

/// A profile without anything in it, begun at `now` and not kept yet.
#[must_use]
pub fn blank(owner: ProfileOwner, now: Timestamp) -> ProfileRecord {
    ProfileRecord {
        owner,
        alias: None,
        name: None,
        email: None,
        phone: None,
        profile_photo_url: None,
        default_location: Location::default(),
        notification_preferences: Notifications::default(),
        preferences: Map::new(),
        version: 0,
        created_at: now,
        updated_at: now,
    }
}
