//! The session server as the core needs it: typed calls, each carrying the device's proof.

mod clock_offset;
mod events;
mod http;
mod proof;

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::stream::BoxStream;
use protocol::{
    ApiError, ErrorCode,
    catalogue::CataloguePage,
    device::{DeviceResponse, EnrolmentRequest, EnrolmentResponse},
    event::StreamEvent,
    handoff::{GuestRequest, IssuedSession, MatchRequest, OpenHandoffRequest, OpenHandoffResponse},
    ids::{Cursor, HandoffId},
    kiosk_session::KioskSession,
    speech::SpeechRequest,
    sync::{PushRequest, PushResponse},
};
use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::WavStream;

pub use http::{HttpServer, http_client};

/// The kiosk's own token of a hold; overwritten when dropped.
pub type Token = Zeroizing<String>;

/// Events as they arrive; the stream ends when the connection does, after an error where there was one.
pub type EventStream = BoxStream<'static, Result<StreamEvent, ServerError>>;

/// A call that brought no answer of use.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ServerError {
    /// No answer came, or the connection broke.
    #[error("the server does not answer: {0}")]
    Unreachable(String),
    /// Something answered that does not speak our language.
    #[error("what answers at this address is not a Vitrine server")]
    NotVitrine,
    /// The server said no.
    #[error("{0}")]
    Refused(ApiError),
}

impl ServerError {
    /// The code a screen can show.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Unreachable(_) => ErrorCode::ServerUnreachable,
            Self::NotVitrine => ErrorCode::NotAVitrineServer,
            Self::Refused(error) => error.code,
        }
    }

    /// How long the server asks to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        match self {
            Self::Refused(refusal) => Duration::from_secs(u64::from(refusal.retry_after.unwrap_or(0))),
            Self::Unreachable(_) | Self::NotVitrine => Duration::ZERO,
        }
    }

    /// Whether the server itself gave this answer.
    pub(crate) fn is_answer(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// What the server keeps of a token: its SHA-256, as base64url without padding.
#[must_use]
pub fn token_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
}

/// The session server.
#[async_trait]
pub trait Server: Send + Sync {
    /// What the server knows about this device.
    async fn device(&self) -> Result<DeviceResponse, ServerError>;
    /// A code for the operator.
    async fn request_enrolment(&self, request: &EnrolmentRequest) -> Result<EnrolmentResponse, ServerError>;
    /// Codes for the next two minutes.
    async fn open_handoff(&self, request: &OpenHandoffRequest) -> Result<OpenHandoffResponse, ServerError>;
    /// Gives a handoff up.
    async fn cancel_handoff(&self, handoff: HandoffId) -> Result<(), ServerError>;
    /// The two digits.
    async fn match_digits(&self, handoff: HandoffId, request: &MatchRequest) -> Result<IssuedSession, ServerError>;
    /// A session for somebody unknown.
    async fn start_guest(&self, request: &GuestRequest) -> Result<IssuedSession, ServerError>;
    /// A snapshot of the session behind the hold.
    async fn kiosk_session(&self, token: &Token) -> Result<KioskSession, ServerError>;
    /// Changes from the outbox.
    async fn push(&self, request: &PushRequest) -> Result<PushResponse, ServerError>;
    /// Events after the cursor, or from now on.
    async fn events(&self, after: Option<Cursor>) -> Result<EventStream, ServerError>;
    /// At most `limit` changes of the catalogue after a revision, or from the beginning.
    async fn catalogue(&self, after: Option<&str>, limit: u32) -> Result<CataloguePage, ServerError>;
    /// Text to speech.
    async fn speech(&self, request: &SpeechRequest) -> Result<WavStream, ServerError>;
}
