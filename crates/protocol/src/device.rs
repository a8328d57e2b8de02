//! Enrolment of kiosks and staff desktops, and the proof that each of their calls carries.
//!
//! A proof is a `DPoP` JWT (RFC 9449): header `{"typ":"dpop+jwt","alg":"ES256","jwk":{…P-256…}}`, claims [`ProofClaims`],
//! signed with the device's key. The server answers `invalid_proof` and a fresh `DPoP-Nonce` where the nonce is missing or old.

use serde::{Deserialize, Serialize};

use crate::{
    ids::DeviceId,
    shop::{Shop, Store},
};

/// A P-256 public key (RFC 7517, RFC 7518 section 6.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Jwk {
    /// `EC`.
    pub kty: String,
    /// `P-256`.
    pub crv: String,
    /// 32 bytes, base64url without padding.
    pub x: String,
    /// 32 bytes, base64url without padding.
    pub y: String,
}

/// The header of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProofHeader {
    /// `dpop+jwt`.
    pub typ: String,
    /// `ES256`.
    pub alg: String,
    /// The device's public key.
    pub jwk: Jwk,
}

/// The claims of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProofClaims {
    /// At least 96 random bits, base64url; seen once.
    pub jti: String,
    /// The request's method.
    pub htm: String,
    /// The request's address without query and fragment.
    pub htu: String,
    /// Seconds since 1970; within 60 s of the server's time.
    pub iat: i64,
    /// The server's last `DPoP-Nonce`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// SHA-256 of the session token sent beside it, base64url; present exactly when one is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ath: Option<String>,
}

/// What a device is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeviceRole {
    /// A touchscreen for customers.
    #[default]
    Kiosk,
    /// A desk for associates.
    Staff,
}

/// `POST /v1/devices/enrolments`; the key is the proof's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrolmentRequest {
    /// What it wants to be.
    #[serde(default)]
    pub role: DeviceRole,
}

/// Answer: what an operator types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrolmentResponse {
    /// `XXXX-XXXX` of `BCDFGHJKLMNPQRSTVWXZ` (RFC 8628 section 6.1).
    pub code: String,
    /// Seconds.
    pub expires_in: u32,
    /// Seconds between two looks at `GET /v1/devices/me`.
    pub interval: u32,
}

/// Answer of `GET /v1/devices/me` for an enrolled device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceResponse {
    /// Its id.
    pub device_id: DeviceId,
    /// What it is for.
    pub role: DeviceRole,
    /// Where it stands, such as `By the fitting rooms`.
    pub label: String,
    /// Its store.
    pub store: Store,
    /// Its shop.
    pub shop: Shop,
    /// Where phones reach the server, without a path, such as `https://shop.example`.
    pub phone_origin: String,
    /// Pictures of the shop's featured products.
    pub featured: Vec<crate::catalogue::FeaturedProduct>,
    /// What opens the kiosk's own screen for staff; none where the operator has set no PIN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_pin: Option<Box<StaffPin>>,
}

/// A PIN as a device can check it without the server: PBKDF2 with HMAC-SHA-256 (RFC 8018).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffPin {
    /// 16 bytes, base64url without padding.
    pub salt: String,
    /// Iterations, at least 1.
    pub rounds: u32,
    /// 32 bytes, base64url without padding.
    pub hash: String,
}
