//! The one closed list of error codes, the same over HTTP and IPC.
//!
//! Clients decide by [`ErrorCode`]; people read `detail`. A code exists only if a client acts on it.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $status:literal,)*) => {
        /// What went wrong, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)*
            /// A code of a newer program.
            #[serde(other)]
            Unknown,
        }

        impl ErrorCode {
            /// Every code, in the order of the list.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The HTTP status the code is sent with unless an endpoint's contract names another; 0 for codes that stay on the machine.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)*
                    Self::Unknown => 500,
                }
            }
        }
    };
}

codes! {
    /// The request makes no sense.
    BadRequest = 400,
    /// A field has a wrong value.
    ValidationError = 422,
    /// No possible phone number.
    InvalidPhone = 400,
    /// The new password is too weak.
    WeakPassword = 400,
    /// The current password is not right.
    WrongPassword = 400,
    /// Somebody has this phone number already.
    PhoneExists = 400,
    /// Somebody has this e-mail already.
    EmailExists = 400,
    /// A guest cannot do this.
    CustomerRequired = 400,
    /// No such coupon.
    InvalidCoupon = 400,
    /// The coupon does not fit this cart.
    CouponNotApplicable = 400,
    /// Not enough points.
    InsufficientPoints = 400,
    /// Nobody is signed in.
    AuthenticationRequired = 401,
    /// Unknown account or wrong password.
    InvalidCredentials = 401,
    /// The token is not one of ours.
    InvalidToken = 401,
    /// The session has ended.
    SessionExpired = 404,
    /// Unknown, used or expired sign-in code.
    InvalidQrToken = 401,
    /// The device's proof is missing, old, or not its own; retry with the nonce of the answer.
    InvalidProof = 401,
    /// Not allowed.
    Forbidden = 403,
    /// The page's anti-forgery token is missing.
    CsrfFailed = 403,
    /// Needs a role that the caller does not have.
    RoleRequired = 403,
    /// Needs a verified person.
    NotVerified = 403,
    /// This kiosk is not enrolled.
    KioskNotEnrolled = 403,
    /// The phone number is not the session's.
    PhoneMismatch = 403,
    /// Needs a stronger sign-in.
    StrongerLoginRequired = 403,
    /// Nothing there.
    NotFound = 404,
    /// No such session.
    SessionNotFound = 404,
    /// No such customer.
    CustomerNotFound = 404,
    /// No such product.
    ProductNotFound = 404,
    /// The address does not take this method.
    MethodNotAllowed = 405,
    /// Too large.
    PayloadTooLarge = 413,
    /// Not JSON.
    UnsupportedMediaType = 415,
    /// Not enough in stock.
    InsufficientStock = 409,
    /// Somebody else changed it first.
    VersionConflict = 409,
    /// The profile belongs to another account.
    ProfileAlreadyLinked = 409,
    /// In conflict with what is there.
    Conflict = 409,
    /// The handoff is over: used, cancelled, expired or taken by another phone.
    HandoffOver = 409,
    /// The two digits were not the ones on the phone; the handoff is over.
    WrongDigits = 409,
    /// The server cannot tell what has changed since the cursor; take a snapshot, or begin a new copy of the catalogue.
    CursorExpired = 410,
    /// The body is not JSON.
    MalformedJson = 422,
    /// The idempotency key was used for another body.
    IdempotencyMismatch = 422,
    /// Too often; `Retry-After` says when again.
    RateLimited = 429,
    /// Our fault.
    InternalError = 500,
    /// A system behind us failed.
    UpstreamError = 502,
    /// Not now.
    ServiceUnavailable = 503,
    /// No speech here.
    VoiceUnavailable = 503,
    /// The assistant could not answer.
    AssistantUnavailable = 200,
    /// The assistant's budget is used up.
    BudgetExceeded = 200,
    /// The server cannot be reached.
    ServerUnreachable = 0,
    /// Something answers at the server's address, but it is not a Vitrine server.
    NotAVitrineServer = 0,
    /// The system's secret store is locked.
    KeyStoreLocked = 0,
    /// There is no secret store.
    KeyStoreMissing = 0,
    /// The system's secret store failed, or what it keeps for this kiosk is no key.
    KeyStoreFailed = 0,
    /// The data folder cannot be written.
    DataFolderNotWritable = 0,
    /// The data was written by a newer program.
    NewerDatabase = 0,
    /// A settings file cannot be read; it was set aside.
    SettingsDamaged = 0,
}

/// One wrong field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FieldError {
    /// The field's name, as sent.
    pub field: String,
    /// What is wrong with it.
    pub code: ErrorCode,
    /// The same for people.
    pub message: String,
}

/// The body of every 4xx and 5xx, and of every refused command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[error("{detail}")]
pub struct ApiError {
    /// A sentence that says what to do next.
    pub detail: String,
    /// What a program decides by.
    pub code: ErrorCode,
    /// The same sentence as `detail`, for clients that look here.
    pub message: String,
    /// The fields that are wrong, where fields are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub retry_after: Option<u32>,
}

impl ApiError {
    /// An error with `detail` as both texts.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { message: detail.clone(), detail, code, errors: Vec::new(), retry_after: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_a_newer_program_is_tolerated() {
        let error: ApiError = serde_json::from_str(r#"{"detail":"x","code":"from_the_future","message":"x"}"#).unwrap();
        assert_eq!(error.code, ErrorCode::Unknown);
    }
}
