//! What goes over the transcript socket of a spoken conversation.

use serde::{Deserialize, Serialize};

use crate::{
    ErrorCode, Timestamp,
    voice_session::{Speaker, VoiceEnd},
};

/// Somebody began to speak.
pub const SPEECH_STARTED: &str = "speech_started";
/// Somebody ceased to speak.
pub const SPEECH_ENDED: &str = "speech_ended";
/// The conversation is over.
pub const SESSION_ENDED: &str = "session_ended";
/// Something went wrong in it.
pub const ERROR: &str = "error";
/// Seconds between two `ping`s of a client.
pub const PING_SECONDS: u64 = 20;
/// A client that is silent for so many seconds is gone.
pub const SILENCE_SECONDS: u64 = 90;

/// One text frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TranscriptEvent {
    /// The same for words still being recognised and their final form.
    pub id: String,
    /// Its place in the conversation; grows.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub role: Speaker,
    /// What was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What happened: `speech_started`, `speech_ended`, `session_ended` or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Of `session_ended`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<VoiceEnd>,
    /// Of `error`: what went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// False while the words are still being recognised.
    pub is_final: bool,
    /// The same, for clients that look here.
    #[serde(rename = "final")]
    pub last: bool,
}
