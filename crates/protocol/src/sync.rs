//! Changes from a kiosk's outbox, applied exactly once.
//!
//! The server keeps the key of every change in the transaction of its effect, so that a repeated push is harmless. A push is
//! authorised by the device's proof alone: a change may be delivered after its hold has ended, and names the hold it was made under.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    ApiError, Timestamp,
    ids::{KioskSessionId, OpKey, Sku},
    kiosk_session::EndReason,
};

/// Changes in one push.
pub const MAX_OPS: usize = 100;
/// Bytes of one push's body.
pub const MAX_BYTES: usize = 256 * 1024;

/// `POST /v1/sync/push`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushRequest {
    /// In the order they were made.
    pub ops: Vec<Op>,
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
    /// The customer wrote something; the assistant answers it.
    Chat {
        /// At most 4 000 characters.
        message: String,
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
}
