//! What a conversation has come to, besides what was said.

use protocol::{Timestamp, chat::Draft};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a conversation has come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dialogue {
    /// What the customer wants from staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// The draft waits for the customer's word; else it is being changed.
    pub awaiting_approval: bool,
    /// What was established, one fact per key.
    pub facts: Vec<Fact>,
}

/// Something that was established.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Such as `city`.
    pub key: String,
    /// What it is.
    pub value: Value,
    /// Where it comes from.
    pub source: FactSource,
    /// 0 to 1.
    pub confidence: f64,
    /// When.
    pub timestamp: Timestamp,
}

impl std::fmt::Debug for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fact").field("key", &self.key).field("source", &self.source).finish_non_exhaustive()
    }
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FactSource {
    /// The profile.
    Profile,
    /// The message that is being answered.
    Current,
    /// What was said before.
    Conversation,
    /// A photo or video.
    Media,
}
