//! The handoff between kiosk and server: display codes, the two digits, the sealed token.
//!
//! `open -> claimed -> issued -> ended`, or away from the path by `cancelled`, `expired` or `aborted`. The server's state is
//! the truth; lifetimes travel as seconds from now, never as clock times, because clocks differ.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{HandoffId, KioskSessionId},
    kiosk_session::KioskSession,
    shop::Locale,
};

/// Seconds a display code is shown.
pub const CODE_SHOWN_SECONDS: u32 = 15;
/// Seconds a display code is accepted after its slot began.
pub const CODE_ACCEPTED_SECONDS: u32 = 20;
/// Seconds a handoff lives in all.
pub const HANDOFF_SECONDS: u32 = 120;
/// Display codes given ahead with each handoff.
pub const CODES_AHEAD: usize = 8;
/// Characters of a display code: 130 bits in RFC 4648 base32.
pub const DISPLAY_CODE_LENGTH: usize = 26;
/// Letters of codes that people type (RFC 8628 section 6.1).
pub const TYPED_CODE_LETTERS: &str = "BCDFGHJKLMNPQRSTVWXZ";
/// Letters of a typed code.
pub const TYPED_CODE_LENGTH: usize = 8;
/// The `info` of the HPKE seal (RFC 9180). The associated data is the handoff's id as it is written on the wire (36 characters);
/// what is sealed is the token as it goes into `X-Session-Token`.
pub const SEAL_INFO: &[u8] = b"vitrine handoff/1 session token";

/// `POST /v1/handoffs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenHandoffRequest {
    /// The kiosk's fresh X25519 public key: 32 bytes, base64url.
    pub ephemeral_key: String,
    /// Language of the kiosk's screen, for the phone page.
    #[serde(default)]
    pub locale: Locale,
}

/// Answer: everything the kiosk shows for the next two minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenHandoffResponse {
    /// Its id.
    pub handoff_id: HandoffId,
    /// Seconds left.
    pub expires_in: u32,
    /// Seconds each code is shown.
    pub slot_seconds: u32,
    /// One per slot, in order: 26 characters of upper-case base32 each.
    pub codes: Vec<String>,
    /// Eight letters for phones without a camera, valid as long as the handoff.
    pub typed_code: String,
}

/// `POST /v1/handoffs/{id}/match`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchRequest {
    /// What the customer typed: two digits.
    pub digits: String,
}

impl std::fmt::Debug for MatchRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MatchRequest").finish_non_exhaustive()
    }
}

/// A secret sealed to the kiosk's ephemeral key: HPKE base mode, X25519-HKDF-SHA256, HKDF-SHA256, ChaCha20-Poly1305.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sealed {
    /// The encapsulated key, base64url.
    pub enc: String,
    /// The sealed bytes, base64url.
    pub ciphertext: String,
}

/// Answer of match and of a guest start: the kiosk's own token, sealed, and what it opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuedSession {
    /// The hold.
    pub kiosk_session_id: KioskSessionId,
    /// The token.
    pub token: Sealed,
    /// The session, so that the first screen needs no second call.
    pub session: KioskSession,
}

/// `POST /v1/kiosk/guest`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestRequest {
    /// The kiosk's fresh X25519 public key: 32 bytes, base64url. The associated data of the seal is empty.
    pub ephemeral_key: String,
    /// Language of the kiosk's screen.
    #[serde(default)]
    pub locale: Locale,
}

/// Why a handoff is over without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum HandoffEnd {
    /// The phone said no.
    Cancelled,
    /// The kiosk gave it up.
    KioskLeft,
    /// Two minutes are over.
    Expired,
    /// A second phone or a second scan came after the claim.
    SecondPhone,
    /// The digits were wrong.
    WrongDigits,
    /// Too many wrong digits lately; the account waits.
    Blocked,
    /// A newer handoff of the same kiosk took its place.
    Replaced,
}
