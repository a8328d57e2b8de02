//! Roles, enrolment of staff, and what customers ask staff for.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Timestamp,
    ids::{AccountId, EnrolmentId, ServiceRequestId},
};

/// What a person may do in the shop; one person may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Everybody.
    Customer,
    /// Works in the shop, as a manager confirmed.
    Staff,
    /// Decides who works in the shop.
    Manager,
}

impl Role {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
            Self::Manager => "manager",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownRole;
    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        [Self::Customer, Self::Staff, Self::Manager].into_iter().find(|role| role.as_str() == name).ok_or(UnknownRole)
    }
}

/// No such role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is customer, staff or manager")]
pub struct UnknownRole;

/// How far an enrolment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EnrolmentStatus {
    /// Being filled in.
    Draft,
    /// Handed in with something missing.
    Pending,
    /// Waits for a manager.
    PendingVerification,
    /// A manager confirmed it.
    Verified,
    /// A manager refused it.
    Rejected,
}

impl EnrolmentStatus {
    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        serde_json::from_value(Value::String(name.to_owned())).ok()
    }
}

/// Answer of `POST /enrollment/start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrolmentStarted {
    /// Its id.
    pub enrollment_id: EnrolmentId,
    /// `draft` for a new one.
    pub status: EnrolmentStatus,
}

/// Answer of `GET` and `PATCH /enrollment/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enrolment {
    /// Its id.
    pub id: EnrolmentId,
    /// Whose.
    pub account_id: AccountId,
    /// How far it has come.
    pub status: EnrolmentStatus,
    /// `full_name`, `services`, `location`, `availability` and whatever else was asked.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: Map<String, Value>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// `PATCH /enrollment/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrolmentChange {
    /// Merged key by key; `null` clears.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: Map<String, Value>,
    /// Every other member is merged likewise.
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub more: Map<String, Value>,
}

/// Answer of `POST /enrollment/{id}/submit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrolmentSubmitted {
    /// `pending` while something is missing.
    pub status: EnrolmentStatus,
    /// What happens next.
    pub message: String,
    /// Always false: nothing verifies itself.
    pub can_auto_verify: bool,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RequestStatus {
    /// Waits for staff.
    Matching,
    /// Answered.
    OffersReceived,
    /// Taken on.
    Booked,
    /// Withdrawn by the customer.
    Cancelled,
}

impl RequestStatus {
    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        serde_json::from_value(Value::String(name.to_owned())).ok()
    }
}

/// One step of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusChange {
    /// To what.
    pub status: RequestStatus,
    /// When.
    pub timestamp: Timestamp,
    /// Why.
    pub note: Option<String>,
}

/// A request as staff see it. Whose it is, is not shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lead {
    /// Its id.
    pub id: ServiceRequestId,
    /// The customer's words.
    pub raw_input: String,
    /// Such as `sizing`.
    pub service_category: String,
    /// Such as `size_request`.
    pub service_type: String,
    /// What exactly.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub requirements: Map<String, Value>,
    /// Where.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub location: Option<Map<String, Value>>,
    /// When.
    pub timing: Option<String>,
    /// `min` and `max`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub budget: Option<Map<String, Value>>,
    /// How far it has come.
    pub status: RequestStatus,
    /// Oldest first.
    pub status_history: Vec<StatusChange>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether the caller marked it as seen.
    pub viewed_by_current_provider: bool,
}

/// `POST /v1/requests`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewServiceRequest {
    /// The customer's words, 1 to 4 000 characters.
    pub raw_input: String,
    /// Such as `sizing`; default `general`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_category: Option<String>,
    /// Such as `size_request`; default `question`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_type: Option<String>,
    /// What exactly; at most 16 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub requirements: Option<Map<String, Value>>,
    /// Where; at most 2 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub location: Option<Map<String, Value>>,
    /// When, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<String>,
    /// `min` and `max`; at most 2 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub budget: Option<Map<String, Value>>,
}

/// What staff do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StaffStep {
    /// Answer it; it may be answered more than once.
    OffersReceived,
    /// Take it on.
    Booked,
}

/// `PUT /v1/requests/{id}/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestStep {
    /// What happens to it.
    pub status: StaffStep,
    /// What the customer is told, at most 2 000 characters; it is said in the customer's conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// `PATCH /requests/{id}` by the customer; absent keeps the value, `null` clears where nothing is a value.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestChange {
    /// The customer's words.
    #[serde(default)]
    pub raw_input: Option<String>,
    /// Merged key by key.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub requirements: Option<Map<String, Value>>,
    /// Replaced whole.
    #[serde(default, deserialize_with = "crate::account::sent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub location: Option<Option<Map<String, Value>>>,
    /// When.
    #[serde(default, deserialize_with = "crate::account::sent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub timing: Option<Option<String>>,
    /// Replaced whole.
    #[serde(default, deserialize_with = "crate::account::sent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub budget: Option<Option<Map<String, Value>>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire_are_those_that_are_read() {
        for role in [Role::Customer, Role::Staff, Role::Manager] {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("admin".parse::<Role>(), Err(UnknownRole));
        assert_eq!(EnrolmentStatus::parse("pending_verification"), Some(EnrolmentStatus::PendingVerification));
        assert_eq!(RequestStatus::parse("offers_received"), Some(RequestStatus::OffersReceived));
        assert_eq!(RequestStatus::parse("lost"), None);
    }
}
