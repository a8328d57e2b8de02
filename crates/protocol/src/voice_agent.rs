//! What the shop's voice agent is told and tells of itself, and the figures that staff see.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    account::{Language, Voice},
    ids::{AccountId, VoiceSessionId},
};

/// An agent that was not heard of for so many seconds takes no conversations.
pub const AGENT_SILENCE_SECONDS: u64 = 60;

/// Answer of `GET /v1/voice/sessions/{id}`: how to hold a conversation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoiceBriefing {
    /// The conversation, as it is reported.
    pub session_id: VoiceSessionId,
    /// Its room on the media server; none for one that began elsewhere.
    pub room: Option<String>,
    /// What the customer is called in the room.
    pub identity: Option<String>,
    /// The label that the client gave it.
    pub label: String,
    /// Whose it is; none for anonymous callers.
    pub user_id: Option<AccountId>,
    /// The whole prompt: the shop's rules, then the persona, the language and the topics.
    pub prompt: String,
    /// The shop's rules alone.
    pub policy: String,
    /// The persona alone.
    pub persona: String,
    /// Whose voice.
    pub voice: Voice,
    /// Of recognition, speech and prompt.
    pub language: Language,
    /// What the customer likes to talk about. Data, not instructions.
    pub topics: Vec<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it lives.
    pub ended_at: Option<Timestamp>,
}

impl std::fmt::Debug for VoiceBriefing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoiceBriefing").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

/// `PUT /v1/voice/agent`: an agent says that it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoiceAgentReport {
    /// What it calls itself, 1 to 100 characters; a second agent takes another name.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
    /// Who recognises speech for it, such as `deepgram`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 100))]
    pub stt: Option<String>,
    /// Who speaks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 100))]
    pub tts: Option<String>,
    /// Who thinks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 100))]
    pub llm: Option<String>,
    /// The voice that it speaks with by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 100))]
    pub tts_voice: Option<String>,
    /// False while it takes no conversations, because speech is out of its reach, say; default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<bool>,
}

/// Answer of `PUT /v1/voice/agent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoiceAgentSeen {
    /// Say it again before this.
    pub until: Timestamp,
}

/// Answer of `GET /diagnostics`. It names no conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Diagnostics {
    /// What is configured of the media server.
    pub livekit: MediaSettings,
    /// What the agent that was heard of last works with.
    pub providers: Providers,
    /// What agents have reported.
    pub persistence: Persistence,
}

/// What is configured of the media server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MediaSettings {
    /// Its address.
    pub url: bool,
    /// The public name of its key.
    pub api_key: bool,
    /// Its secret.
    pub api_secret: bool,
}

/// What an agent works with; none where it did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Providers {
    /// Who recognises speech.
    pub stt: Option<String>,
    /// Who speaks.
    pub tts: Option<String>,
    /// Who thinks.
    pub llm: Option<String>,
    /// The usual voice.
    pub tts_voice: Option<String>,
}

/// What agents have reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Persistence {
    /// Whether reports are taken at all.
    pub configured: bool,
    /// When the last one came.
    pub last_ingest_ts: Option<Timestamp>,
    /// How many utterances were reported.
    pub event_count: u64,
}
