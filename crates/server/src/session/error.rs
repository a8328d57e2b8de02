use protocol::{ApiError, ErrorCode, ids::Sku};
use server_store::StoreError;

use crate::http::Failure;

/// Why a session refuses something.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// There never was such a session.
    #[error("Session not found")]
    NotFound,
    /// It has ended or expired.
    #[error("Session not found")]
    Expired,
    /// The request makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// No such product.
    #[error("Product {0} not found")]
    ProductNotFound(Sku),
    /// Somebody else's.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The person is known by a typed phone number alone.
    #[error("A phone number alone does not open this. Sign in with a QR code or a password.")]
    StrongerLoginRequired,
    /// Too many were begun.
    #[error("Too many sessions were begun from this address. Try again in a moment.")]
    TooOften(u32),
    /// The session is at another version.
    #[error("The session was changed on another channel; look at it again and repeat.")]
    VersionConflict,
    /// A field of the profile was changed elsewhere.
    #[error("Your profile was changed somewhere else in the meantime. Look at both values and choose again.")]
    ProfileChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SessionError {
    /// What the caller reads; none where it is our fault.
    #[must_use]
    pub fn api_error(&self) -> Option<ApiError> {
        let code = match self {
            Self::NotFound => ErrorCode::SessionNotFound,
            Self::Expired => ErrorCode::SessionExpired,
            Self::BadRequest(_) => ErrorCode::BadRequest,
            Self::ProductNotFound(_) => ErrorCode::ProductNotFound,
            Self::Forbidden(_) => ErrorCode::Forbidden,
            Self::StrongerLoginRequired => ErrorCode::StrongerLoginRequired,
            Self::TooOften(_) => ErrorCode::RateLimited,
            Self::VersionConflict | Self::ProfileChanged => ErrorCode::VersionConflict,
            Self::Store(_) => return None,
        };
        let mut error = ApiError::new(code, self.to_string());
        if let Self::TooOften(seconds) = self {
            error.retry_after = Some((*seconds).max(1));
        }
        Some(error)
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match (error.api_error(), error) {
            (Some(error), _) => Self::from(error),
            (None, SessionError::Store(error)) => error.into(),
            (None, error) => Self::internal(error),
        }
    }
}
