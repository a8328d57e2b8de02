use protocol::{ErrorCode, error::FieldError};
use server_store::StoreError;

use super::NotPossible;
use crate::{http::Failure, session::SessionError};

/// Why nothing became of a wish about a request.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Fields with wrong values.
    #[error("a field has a wrong value")]
    Invalid(Vec<FieldError>),
    /// None, or somebody else's.
    #[error("Request not found")]
    NotFound,
    /// Somebody has answered it, or it was cancelled.
    #[error("A request can be changed only while it waits for an answer; make a new one.")]
    NotMatching,
    /// It was cancelled before.
    #[error("This request was cancelled already.")]
    Cancelled,
    /// Staff wanted what is no longer possible.
    #[error("This request was cancelled or taken on in the meantime; look at it again.")]
    Moved(#[from] NotPossible),
    /// Too many are open.
    #[error("You have many open requests already. Cancel one, or wait for an answer.")]
    TooMany,
    /// The answer could not be told.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        let sentence = error.to_string();
        match error {
            RequestError::Invalid(fields) => Self::fields(fields),
            RequestError::NotFound => Self::new(ErrorCode::NotFound, sentence),
            RequestError::NotMatching | RequestError::Cancelled => Self::new(ErrorCode::BadRequest, sentence),
            RequestError::Moved(_) | RequestError::TooMany => Self::new(ErrorCode::Conflict, sentence),
            RequestError::Session(error) => error.into(),
            RequestError::Store(error) => error.into(),
        }
    }
}
