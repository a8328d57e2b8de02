//! The documented password endpoints.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{
    Timestamp,
    customer::Customer,
    ids::{CustomerId, SessionId},
    session::Session,
};

/// `POST /auth/signup`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignupRequest {
    /// Not blank.
    pub name: String,
    /// In any spelling.
    pub phone_number: String,
    /// As typed.
    pub password: String,
    /// 0 to 150; a text of digits is read as well.
    #[serde(default, deserialize_with = "age")]
    pub age: Option<u16>,
    /// As given.
    #[serde(default)]
    pub gender: Option<String>,
    /// Part of the address.
    #[serde(default)]
    pub city: Option<String>,
    /// Part of the address.
    #[serde(default)]
    pub building_name: Option<String>,
    /// Part of the address.
    #[serde(default)]
    pub address_landmark: Option<String>,
    /// Default `web`.
    #[serde(default)]
    pub channel: Option<String>,
}

/// `POST /auth/login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginRequest {
    /// In any spelling.
    pub phone_number: String,
    /// As typed.
    pub password: String,
    /// Default `web`.
    #[serde(default)]
    pub channel: Option<String>,
}

impl std::fmt::Debug for SignupRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignupRequest").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginRequest").finish_non_exhaustive()
    }
}

/// Answer of sign-up and login.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthResponse {
    /// Always true.
    pub success: bool,
    /// A documented sentence.
    pub message: String,
    /// Secret.
    pub session_token: String,
    /// The whole session.
    pub session: Session,
    /// The customer.
    pub customer: Customer,
}

/// Answer of logout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogoutResponse {
    /// Always true.
    pub success: bool,
    /// `Logged out successfully`.
    pub message: String,
    /// Which.
    pub session_id: SessionId,
}

/// Answer of `GET /auth/health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthHealth {
    /// `healthy`.
    pub status: String,
    /// `auth`.
    pub service: String,
}

impl Default for AuthHealth {
    fn default() -> Self {
        Self { status: "healthy".into(), service: "auth".into() }
    }
}

/// `POST /auth/qr-init`; the body may be missing.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QrInitRequest {
    /// If sent, it must be the session's.
    #[serde(default)]
    pub phone_number: Option<String>,
}

/// Answer of qr-init. The picture holds the token and nothing else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QrInitResponse {
    /// Always true.
    pub success: bool,
    /// 64 lower-case hex digits. Secret.
    pub qr_token: String,
    /// Whose.
    pub customer_id: CustomerId,
    /// `QR token generated successfully`.
    pub message: String,
    /// Seconds that it can be scanned.
    pub expires_in: u32,
    /// It can be scanned until here.
    pub expires_at: Timestamp,
}

/// `POST /auth/qr-verify`, from an enrolled kiosk that scanned the code.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QrVerifyRequest {
    /// What the code holds.
    pub qr_token: String,
    /// `kiosk`.
    #[serde(default)]
    pub channel: Option<String>,
    /// If sent, it must be the session's.
    #[serde(default)]
    pub phone_number: Option<String>,
}

impl std::fmt::Debug for QrInitRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QrInitRequest").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for QrInitResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QrInitResponse").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for QrVerifyRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QrVerifyRequest").finish_non_exhaustive()
    }
}

pub(crate) fn age<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let wrong = || serde::de::Error::custom("an age from 0 to 150 is expected");
    let years = match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_u64().ok_or_else(wrong)?,
        Some(Value::String(text)) => text.trim().parse().map_err(|_| wrong())?,
        Some(_) => return Err(wrong()),
    };
    u16::try_from(years).ok().filter(|years| *years <= 150).map(Some).ok_or_else(wrong)
}
