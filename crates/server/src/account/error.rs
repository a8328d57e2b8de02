use protocol::{ApiError, ErrorCode, error::FieldError};
use server_store::StoreError;

use crate::{
    auth::operations::AuthError,
    http::Failure,
    password::{HashError, WeakPassword},
};

/// Why nothing became of a wish about an account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Fields with wrong values.
    #[error("a field has a wrong value")]
    Invalid(Vec<FieldError>),
    /// Not good enough; in which field.
    #[error("{1}")]
    WeakPassword(&'static str, WeakPassword),
    /// Somebody has this e-mail already.
    #[error("Email already registered")]
    EmailExists,
    /// The current password is another.
    #[error("Current password is incorrect")]
    WrongPassword,
    /// Unknown account, wrong password or no password: the caller is not told which.
    #[error("Invalid credentials")]
    InvalidCredentials,
    /// A link that is unknown, used or too old.
    #[error("This link is no longer valid. Ask for a new one.")]
    DeadLink,
    /// Too many of these lately.
    #[error("Too many attempts. Please wait {0} seconds and try again.")]
    TooOften(u32),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine could not hash.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// Something else failed.
    #[error("{0}")]
    Internal(String),
}

impl From<AuthError> for AccountError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::InvalidCredentials => Self::InvalidCredentials,
            AuthError::TooOften(seconds) => Self::TooOften(seconds),
            AuthError::Store(error) => Self::Store(error),
            AuthError::Hash(error) => Self::Hash(error),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        let sentence = error.to_string();
        match error {
            AccountError::Invalid(fields) => Self::fields(fields).as_wrong_value(),
            AccountError::WeakPassword(field, _) => Self::field(field, ErrorCode::WeakPassword, sentence),
            AccountError::EmailExists => Self::field("email", ErrorCode::EmailExists, sentence),
            AccountError::WrongPassword => Self::field("current_password", ErrorCode::WrongPassword, sentence),
            AccountError::InvalidCredentials => Self::new(ErrorCode::InvalidCredentials, sentence),
            AccountError::DeadLink => Self::new(ErrorCode::InvalidToken, sentence),
            AccountError::TooOften(seconds) => {
                let mut error = ApiError::new(ErrorCode::RateLimited, sentence);
                error.retry_after = Some(seconds);
                Self::from(error)
            }
            AccountError::Store(error) => Self::from(error),
            AccountError::Hash(_) | AccountError::Internal(_) => Self::internal(sentence),
        }
    }
}

/// A field with a wrong value.
pub(super) fn wrong(field: &str, message: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), code: ErrorCode::ValidationError, message: message.into() }
}
