//! A kiosk's hold of a session: what it may see, how long, and why it ends.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Cursor, KioskSessionId, SessionId},
    kiosk_profile::KioskProfile,
    session::{Assurance, CartLine, ChatEntry},
};

/// Seconds without a call after which the server lets a kiosk's hold go. The kiosk's own idle limit is 40 s and 20 s
/// of countdown; `more time` makes it five minutes, so the server's limit lies above that.
pub const SERVER_IDLE_SECONDS: u32 = 420;
/// Seconds after which a hold ends, whatever happens.
pub const ABSOLUTE_SECONDS: u32 = 900;

/// What an enrolled kiosk sees of a session. It never holds the shared session token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KioskSession {
    /// The hold.
    pub kiosk_session_id: KioskSessionId,
    /// The session behind it.
    pub session_id: SessionId,
    /// How the person was proved.
    pub assurance: Assurance,
    /// Nobody, for a guest.
    pub customer: Option<KioskCustomer>,
    /// What the customer's profile says of sizes and likes; none for a guest, and for who is known by a typed phone number alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<KioskProfile>,
    /// Oldest first, the last 200.
    pub chat: Vec<ChatEntry>,
    /// The cart.
    pub cart: Vec<CartLine>,
    /// ISO 4217.
    pub currency: String,
    /// Grows with each change.
    pub version: i64,
    /// Everything up to here is in this snapshot.
    pub cursor: Cursor,
    /// Seconds until the hold ends, whatever happens.
    pub absolute_seconds_left: u32,
}

/// A customer as a kiosk greets them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KioskCustomer {
    /// First name.
    pub first_name: String,
    /// Bronze, Silver, Gold or Platinum.
    pub loyalty_tier: String,
    /// Points.
    pub loyalty_points: i64,
}

/// Why a kiosk's hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The customer said so on the kiosk.
    Done,
    /// Nobody touched it.
    Idle,
    /// The customer said so on the phone.
    Phone,
    /// An associate said so.
    Staff,
    /// The absolute limit.
    TimeOver,
    /// Somebody else came to this kiosk.
    NextCustomer,
    /// The kiosk started anew.
    Restart,
    /// The kiosk is no longer enrolled.
    Unenrolled,
    /// The session itself was ended on another channel.
    SessionEnded,
}
