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
    /// The session is at another version.
    #[error("The session was changed on another channel; look at it again and repeat.")]
    VersionConflict,
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
            Self::VersionConflict => ErrorCode::VersionConflict,
            Self::Store(_) => return None,
        };
        Some(ApiError::new(code, self.to_string()))
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
