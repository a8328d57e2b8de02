//! Spoken conversations as the documented account endpoints show them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    ErrorCode, Timestamp,
    ids::{UtteranceId, VoiceSessionId},
};

/// Who spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Speaker {
    /// The customer.
    User,
    /// The assistant.
    Agent,
    /// Nobody: something happened.
    Event,
}

/// Why a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VoiceEnd {
    /// Somebody stopped it.
    Stopped,
    /// The agent reported its end.
    Finished,
    /// Nobody ended it in time.
    Expired,
}

/// One spoken conversation in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryItem {
    /// Its id.
    pub id: VoiceSessionId,
    /// A label.
    pub room: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it lives.
    pub ended_at: Option<Timestamp>,
    /// How much was said.
    pub utterance_count: u64,
    /// The persona part of the prompt.
    pub system_prompt: String,
}

/// Answer of `GET /api/users/history`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryPage {
    /// How many there are in all.
    pub count: u64,
    /// Relative address of the next page.
    pub next: Option<String>,
    /// Relative address of the page before.
    pub previous: Option<String>,
    /// Newest first.
    pub results: Vec<HistoryItem>,
}

/// Answer of `GET /api/users/history/{session_id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// Its id.
    pub id: VoiceSessionId,
    /// A label.
    pub room: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it lives.
    pub ended_at: Option<Timestamp>,
    /// How long it took; none while it lives.
    pub duration_ms: Option<u64>,
    /// The persona part of the prompt.
    pub system_prompt: String,
    /// Whatever the agent noted.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub metadata: Map<String, Value>,
    /// Oldest first.
    pub utterances: Vec<Utterance>,
}

/// Something said, word for word and for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Utterance {
    /// Its id.
    pub id: UtteranceId,
    /// In which conversation.
    pub session: VoiceSessionId,
    /// Grows within a conversation.
    pub seq: i64,
    /// Who.
    pub role: Speaker,
    /// What.
    pub text: String,
    /// What happened, for [`Speaker::Event`].
    pub event: Option<String>,
    /// Always true: what was still being recognised is not kept.
    pub is_final: bool,
    /// When.
    pub created_at: Timestamp,
}

/// `POST /api/users/sessions/save`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaveSessionRequest {
    /// Which.
    pub session_id: String,
    /// Read and left aside: the server's own transcript is the truth.
    #[serde(default)]
    pub messages: Vec<SavedMessage>,
    /// Given at the start, for callers without its cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// What a client believes was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedMessage {
    /// `user` or `agent`.
    pub role: String,
    /// What.
    pub text: String,
    /// Milliseconds since 1970.
    #[serde(default)]
    pub timestamp: Option<f64>,
}

/// `POST /api/ingest`: a voice agent reports what was said.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestRequest {
    /// Which conversation.
    #[serde(default)]
    pub session: Option<IngestSession>,
    /// What happened in it.
    #[serde(default)]
    pub events: Option<Vec<IngestEvent>>,
}

/// The conversation of a report.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestSession {
    /// A uuid.
    #[serde(default)]
    pub id: Option<String>,
    /// A label.
    #[serde(default)]
    pub room: Option<String>,
    /// Whose it is, if somebody was signed in.
    #[serde(default)]
    pub user_id: Option<String>,
    /// The persona part of the prompt.
    #[serde(default)]
    pub system_prompt: Option<String>,
    /// Whatever the agent notes.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub metadata: Option<Map<String, Value>>,
    /// When it began; default: when the first report came.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// Set when it is over.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
}

/// One event of a report.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestEvent {
    /// Who.
    pub role: Speaker,
    /// What was said.
    #[serde(default)]
    pub text: Option<String>,
    /// What happened.
    #[serde(default)]
    pub event: Option<String>,
    /// Whether this is the last word on it; default yes.
    #[serde(default)]
    pub is_final: Option<bool>,
    /// The same, for senders that call it so.
    #[serde(default, rename = "final")]
    pub last: Option<bool>,
    /// Of `error`: what went wrong.
    #[serde(default)]
    pub code: Option<ErrorCode>,
    /// The sender's id: the same one is kept once.
    #[serde(default)]
    pub id: Option<String>,
    /// The sender's count: the same one is kept once.
    #[serde(default)]
    pub seq: Option<i64>,
    /// When; default: when the report came.
    #[serde(default)]
    pub at: Option<Timestamp>,
}

/// Answer of ingest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestAnswer {
    /// How many utterances are kept that were not before.
    pub created: u64,
    /// The conversation is over: leave its room.
    pub ended: bool,
}
