//! Changes from a kiosk's outbox, applied exactly once.
//!
//! The server keeps the key of every change in the transaction of its effect, so that a repeated push is harmless. A push is
//! authorised by the device's proof alone: a change may be delivered after its hold has ended, and names the hold it was made under.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    ApiError, Timestamp,
    ids::{KioskSessionId, OpKey, SessionId, Sku},
    kiosk_profile::{KioskProfile, ProfileField},
    kiosk_session::EndReason,
};

/// Changes in one push.
pub const MAX_OPS: usize = 100;
/// Bytes of one push's body.
pub const MAX_BYTES: usize = 256 * 1024;

/// `POST /v1/sync/push`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushRequest {
    /// In the order they were made.
    pub ops: Vec<Op>,
    /// Whom the kiosk has on its screen now. A guest who began without the server is there still, or is told of after they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holding: Option<KioskSessionId>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Op {
    /// Its identity, a `UUIDv7`.
    pub key: OpKey,
    /// The hold it was made under.
    pub kiosk_session_id: KioskSessionId,
    /// When the kiosk made it, by the kiosk's clock.
    pub made_at: Timestamp,
    /// What to do.
    pub body: OpBody,
}

/// What a kiosk changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OpBody {
    /// A guest began at the kiosk while the server was out of reach. It is the first change of its hold: the hold begins with it, and
    /// with the hold a guest's session, both under the ids that the kiosk gave them.
    BeginGuest {
        /// The session behind the hold.
        session_id: SessionId,
        /// SHA-256 of the token that the kiosk made for the hold, as base64url without padding.
        token_hash: String,
    },
    /// The customer wrote something; the assistant answers it.
    Chat {
        /// At most 4 000 characters.
        message: String,
        /// The kiosk's own assistant answers it, and the server's does not.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        answered_here: bool,
    },
    /// The kiosk's own assistant said something.
    Answer {
        /// At most 4 000 characters.
        message: String,
        /// `cards`, `intent` and whatever else belongs to it; at most 16 KiB.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
        metadata: Option<Map<String, Value>>,
        /// The message that the server was to answer and need not any more, as it was out of reach for too long.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answers: Option<OpKey>,
    },
    /// Puts pieces of a product into the cart.
    AddToCart {
        /// The product.
        sku: Sku,
        /// 1 to 99.
        quantity: u32,
        /// Such as `size`.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        options: BTreeMap<String, String>,
    },
    /// Sets how many there are; 0 removes the line.
    SetQuantity {
        /// The product.
        sku: Sku,
        /// 0 to 99.
        quantity: u32,
        /// Those of the line.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        options: BTreeMap<String, String>,
    },
    /// The customer changed one field of the profile. Where it was changed elsewhere meanwhile, the change is refused with
    /// `version_conflict`, and the refusal says what the profile is now; a change of another field does not stand in the way.
    ChangeProfile {
        /// The profile's version as the kiosk had it.
        base_version: i64,
        /// Which.
        field: ProfileField,
        /// What the customer saw there; none where nothing was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<String>,
        /// 1 to 20 characters; none clears the field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// Ends the hold; a guest's session ends with it.
    End {
        /// Why.
        reason: EndReason,
    },
}

/// Answer of a push. Every change of the request is in exactly one of the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushResponse {
    /// Applied now or before.
    pub applied: Vec<OpKey>,
    /// Refused for good.
    pub refused: Vec<Refusal>,
    /// Not applied, and not refused either: to be pushed again later. With a change, all later ones of its hold in the same push are
    /// in this list, so that their order is kept; those of other holds are not concerned.
    #[serde(default)]
    pub later: Vec<Refusal>,
}

/// A change that was not applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refusal {
    /// Which.
    pub key: OpKey,
    /// Why.
    pub error: ApiError,
    /// The profile as it is now, where a change of it came too late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<KioskProfile>,
}

impl Refusal {
    /// A change that was not applied, and why.
    #[must_use]
    pub const fn new(key: OpKey, error: ApiError) -> Self {
        Self { key, error, profile: None }
    }
}
