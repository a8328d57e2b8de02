use protocol::{ApiError, ErrorCode};
use server_store::StoreError;

use super::{seal::BadKey, state::NotPossible};
use crate::{http::Failure, session::SessionError};

/// Why a handoff does not go on.
#[derive(Debug, thiserror::Error)]
pub enum HandoffError {
    /// Unknown, used or expired: nobody is told which.
    #[error("This code is no longer valid. Use the code that the kiosk shows now.")]
    UnknownCode,
    /// No such handoff or claim of this caller.
    #[error("Not found")]
    NotFound,
    /// It is over.
    #[error("This sign-in is over. Start again with the code that the kiosk shows now.")]
    Over,
    /// No phone has claimed it yet.
    #[error("No phone has continued yet. Scan the code first.")]
    NotClaimed,
    /// The one try was wrong.
    #[error("These are not the digits on the phone. Start again with a fresh code.")]
    WrongDigits,
    /// No digits.
    #[error("digits must be the two digits that the phone shows")]
    NoDigits,
    /// The ephemeral key is of no use.
    #[error(transparent)]
    BadKey(#[from] BadKey),
    /// Too often.
    #[error("{detail}")]
    TooOften {
        /// Seconds to wait.
        seconds: u32,
        /// What to do.
        detail: &'static str,
    },
    /// The session refused.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotPossible> for HandoffError {
    fn from(_: NotPossible) -> Self {
        Self::Over
    }
}

impl From<HandoffError> for Failure {
    fn from(error: HandoffError) -> Self {
        let detail = error.to_string();
        let code = match error {
            HandoffError::UnknownCode | HandoffError::NotFound => ErrorCode::NotFound,
            HandoffError::Over => ErrorCode::HandoffOver,
            HandoffError::NotClaimed => ErrorCode::Conflict,
            HandoffError::WrongDigits => ErrorCode::WrongDigits,
            HandoffError::NoDigits => return Self::field("digits", ErrorCode::ValidationError, detail),
            HandoffError::BadKey(_) => return Self::field("ephemeral_key", ErrorCode::ValidationError, detail),
            HandoffError::TooOften { seconds, detail } => return Self::too_often(seconds, detail),
            HandoffError::Session(error) => return error.into(),
            HandoffError::Store(error) => return error.into(),
        };
        Self::from(ApiError::new(code, detail))
    }
}
