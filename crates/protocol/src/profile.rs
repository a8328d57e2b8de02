//! What a shop remembers of a person who chats: name, contact, place, preferences. A guest has one too.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Timestamp,
    account::sent,
    ids::{ProfileId, SessionId},
    staff::RequestStatus,
};

/// A profile. All but the id may be none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Profile {
    /// A name, no proof.
    pub id: ProfileId,
    /// Full name.
    pub name: Option<String>,
    /// Where to write to; nobody verified it.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// An https address.
    pub profile_photo_url: Option<String>,
    /// Where the person usually is.
    pub default_location: Location,
    /// What the person wants to be told by.
    pub notification_preferences: Notifications,
    /// Whatever the person told the assistant.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub preferences: Map<String, Value>,
    /// Since when it is kept; none for one that is not.
    pub created_at: Option<Timestamp>,
    /// Grows by one with each change; 0 for one that is not kept.
    pub version: i64,
    /// Belongs to a guest.
    pub guest: bool,
}

/// A place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Location {
    /// Part of the address.
    pub city: Option<String>,
    /// Part of the address.
    pub state: Option<String>,
    /// Part of the address.
    pub zip: Option<String>,
    /// Part of the address.
    pub address: Option<String>,
    /// Degrees north.
    pub lat: Option<f64>,
    /// Degrees east.
    pub lng: Option<f64>,
}

/// What a person wants to be told by; nothing until asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notifications {
    /// Mail.
    pub email: bool,
    /// Text messages.
    pub sms: bool,
    /// Push messages.
    pub push: bool,
}

/// `PUT` and `PATCH /consumers/{id}/profile`: what is not sent stays, `null` clears. `PUT` replaces objects whole, `PATCH`
/// merges them key by key.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfileChange {
    /// Full name, at most 100 characters.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub name: Option<Option<String>>,
    /// Where to write to.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub email: Option<Option<String>>,
    /// In any spelling.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub phone: Option<Option<String>>,
    /// An https address of at most 2 048 characters.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub profile_photo_url: Option<Option<String>>,
    /// Where the person usually is.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<LocationChange>))]
    pub default_location: Option<Option<LocationChange>>,
    /// What the person wants to be told by.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<NotificationsChange>))]
    pub notification_preferences: Option<Option<NotificationsChange>>,
    /// At most 8 KiB of JSON; `PATCH` takes keys with `null` away.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub preferences: Option<Option<Map<String, Value>>>,
    /// Refuse with `version_conflict` unless the profile has this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_version: Option<i64>,
}

impl std::fmt::Debug for ProfileChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProfileChange").field("if_version", &self.if_version).finish_non_exhaustive()
    }
}

/// `PATCH /consumers/{id}/location`, and a place in a [`ProfileChange`]; `null` clears.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LocationChange {
    /// At most 100 characters.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub city: Option<Option<String>>,
    /// At most 100 characters.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub state: Option<Option<String>>,
    /// At most 100 characters.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub zip: Option<Option<String>>,
    /// At most 200 characters.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<Option<String>>,
    /// Degrees north, -90 to 90.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub lat: Option<Option<f64>>,
    /// Degrees east, -180 to 180.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub lng: Option<Option<f64>>,
}

impl std::fmt::Debug for LocationChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocationChange").finish_non_exhaustive()
    }
}

/// What a person wants to be told by, in a [`ProfileChange`]; `null` is no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationsChange {
    /// Mail.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    pub email: Option<Option<bool>>,
    /// Text messages.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    pub sms: Option<Option<bool>>,
    /// Push messages.
    #[serde(default, deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    pub push: Option<Option<bool>>,
}

/// Answer of `PATCH /consumers/{id}/location`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LocationAnswer {
    /// Always `success`.
    pub status: String,
    /// After the change.
    pub location: Location,
}

/// `POST /v1/guests`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestRequest {
    /// What the client calls its guest. It is another name for this guest's profile, and opens nothing by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer_id: Option<ProfileId>,
}

/// Answer of `POST /v1/guests`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestStarted {
    /// Bearer of the guest's session, and so of the profile; browsers get it as a cookie too.
    pub session_token: String,
    /// The guest's session.
    pub session_id: SessionId,
    /// The guest's profile.
    pub profile: Profile,
}

impl std::fmt::Debug for GuestStarted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuestStarted").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

/// `POST /consumers/me/link`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkRequest {
    /// The guest session's token; default: the cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_token: Option<String>,
}

impl std::fmt::Debug for LinkRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkRequest").finish_non_exhaustive()
    }
}

/// Answer of a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkAnswer {
    /// Always true.
    pub linked: bool,
    /// After the link.
    pub profile: Profile,
    /// Taken from the guest.
    pub merged_fields: Vec<String>,
    /// The account's own, although the guest had them too.
    pub kept_fields: Vec<String>,
}

/// Answer of `GET /consumers/{id}/requests`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dashboard {
    /// Whose.
    pub consumer_id: ProfileId,
    /// The requests, newest first.
    pub requests: DashboardRequests,
    /// How many of each.
    pub counts: DashboardCounts,
}

/// Requests by how far they have come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DashboardRequests {
    /// Wait for staff.
    pub open: Vec<DashboardItem>,
    /// Answered or taken on.
    pub pending: Vec<DashboardItem>,
    /// Appointments to come; shops without appointments have none.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub upcoming: Vec<Value>,
    /// Appointments that were.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub completed: Vec<Value>,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DashboardCounts {
    /// Wait for staff.
    pub open: usize,
    /// Answered or taken on.
    pub pending: usize,
    /// To come.
    pub upcoming: usize,
    /// Were.
    pub completed: usize,
}

/// A request as its customer sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DashboardItem {
    /// Its id.
    pub id: crate::ids::ServiceRequestId,
    /// Such as `size_request`.
    pub service_type: String,
    /// The first 50 characters of the customer's words.
    pub title: String,
    /// Where.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub location: Option<Map<String, Value>>,
    /// `min` and `max`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub budget: Option<Map<String, Value>>,
    /// How far it has come.
    pub status: RequestStatus,
    /// Always 0: a shop answers, it makes no offers.
    pub offer_count: u32,
    /// When it was made.
    pub created_at: Timestamp,
}
