//! Voice agents that say that they are there, and how much agents have reported.

use async_trait::async_trait;
use protocol::Timestamp;

use crate::Result;

/// A voice agent, as it last described itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceAgentRecord {
    /// What it calls itself; no other agent has this name.
    pub name: String,
    /// Who recognises speech for it.
    pub stt: Option<String>,
    /// Who speaks for it.
    pub tts: Option<String>,
    /// Who thinks for it.
    pub llm: Option<String>,
    /// The voice that it speaks with by itself.
    pub tts_voice: Option<String>,
    /// Whether it takes conversations.
    pub ready: bool,
    /// When it said so.
    pub seen_at: Timestamp,
}

/// What agents have reported so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoiceReports {
    /// When the last report came.
    pub last_at: Timestamp,
    /// How many utterances were kept.
    pub utterances: u64,
}

/// Questions about agents.
#[async_trait]
pub trait VoiceAgentRead {
    /// Every agent, the one that was seen last first.
    async fn voice_agents(&mut self) -> Result<Vec<VoiceAgentRecord>>;
    /// What was reported so far; none before the first report.
    async fn voice_reports(&mut self) -> Result<Option<VoiceReports>>;
}

/// Changes of agents.
#[async_trait]
pub trait VoiceAgentWrite {
    /// Keeps an agent in place of what it said before.
    async fn put_voice_agent(&mut self, agent: &VoiceAgentRecord) -> Result<()>;
    /// Forgets agents that were not seen since `before`; answers how many that were.
    async fn forget_voice_agents(&mut self, before: Timestamp) -> Result<u64>;
    /// Counts a report with so many new utterances.
    async fn count_voice_report(&mut self, at: Timestamp, utterances: u64) -> Result<()>;
}
