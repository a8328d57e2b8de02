use protocol::profile::{Location, Notifications, Profile};
use serde_json::Map;
use server_store::records::{ProfileOwner, ProfileRecord};

/// A profile on the wire.
#[must_use]
pub fn profile(record: ProfileRecord) -> Profile {
    Profile {
        id: record.owner.profile(),
        name: record.name,
        email: record.email,
        phone: record.phone,
        profile_photo_url: record.profile_photo_url,
        default_location: record.default_location,
        notification_preferences: record.notification_preferences,
        preferences: record.preferences,
        created_at: Some(record.created_at),
        version: record.version,
        guest: is_guest(record.owner),
    }
}

/// The profile of somebody of whom nothing is kept.
#[must_use]
pub fn empty(owner: ProfileOwner) -> Profile {
    Profile {
        id: owner.profile(),
        name: None,
        email: None,
        phone: None,
        profile_photo_url: None,
        default_location: Location::default(),
        notification_preferences: Notifications::default(),
        preferences: Map::new(),
        created_at: None,
        version: 0,
        guest: is_guest(owner),
    }
}

const fn is_guest(owner: ProfileOwner) -> bool {
    matches!(owner, ProfileOwner::Guest(_))
}
