//! What is known of people, independent of the way the question came in.

use protocol::{
    ids::{AccountId, ProfileId},
    profile::Profile,
};
use server_store::{ReadTx, StoreError, records::ProfileOwner};

use super::wire;

/// The owner's profile; an empty one where nothing is kept. Asking keeps nothing.
///
/// # Errors
/// The store failed.
pub async fn profile_of(tx: &mut dyn ReadTx, owner: ProfileOwner) -> Result<Profile, StoreError> {
    Ok(tx.profile(owner.profile()).await?.map_or_else(|| wire::empty(owner), wire::profile))
}

/// Whether `named` is a name of the owner's profile: `me`, its id, or what the client called its guest.
///
/// # Errors
/// The store failed.
pub async fn is_own(tx: &mut dyn ReadTx, owner: ProfileOwner, named: &str) -> Result<bool, StoreError> {
    if named == "me" {
        return Ok(true);
    }
    let Ok(id) = named.parse::<ProfileId>() else { return Ok(false) };
    if id == owner.profile() {
        return Ok(true);
    }
    let kept = tx.profile(owner.profile()).await?;
    Ok(kept.is_some_and(|profile| profile.alias == Some(id.to_string())))
}

/// Whose id that is, whether or not anything is kept of them; none where it is nobody's.
///
/// # Errors
/// The store failed.
pub async fn owner_of(tx: &mut dyn ReadTx, id: ProfileId) -> Result<Option<ProfileOwner>, StoreError> {
    if tx.account(AccountId(id.0)).await?.is_some() {
        return Ok(Some(ProfileOwner::Account(AccountId(id.0))));
    }
    Ok(tx.profile(id).await?.map(|profile| profile.owner))
}
