//! Spoken conversations, and what was said in them.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    account::{Language, Voice},
    ids::{AccountId, UtteranceId, VoiceSessionId},
    voice_session::{Speaker, VoiceEnd},
};
use serde_json::{Map, Value};

use crate::Result;

/// A spoken conversation.
#[derive(Clone, PartialEq)]
pub struct VoiceSessionRecord {
    /// Its id.
    pub id: VoiceSessionId,
    /// Whose; none for anonymous callers and for accounts that are no more.
    pub account_id: Option<AccountId>,
    /// SHA-256 of the cookie or ticket of whoever began it.
    pub starter_hash: Option<Vec<u8>>,
    /// Its room on the media server, which no other conversation has; none for those that began elsewhere.
    pub media_room: Option<String>,
    /// What the customer is called in that room.
    pub identity: Option<String>,
    /// A label.
    pub room: String,
    /// The persona part of the prompt.
    pub system_prompt: String,
    /// Whose voice the agent has; none: as the agent likes.
    pub voice: Option<Voice>,
    /// Which language it is held in; none: as the agent likes.
    pub language: Option<Language>,
    /// What the customer likes to talk about.
    pub topics: Vec<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it lives.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end_reason: Option<VoiceEnd>,
    /// The highest number that anything in its transcript had, what is not kept too.
    pub last_seq: i64,
    /// The highest number that a sender gave anything in it; 0 before the first.
    pub last_sent_seq: i64,
    /// Whatever the agent noted.
    pub metadata: Option<Map<String, Value>>,
}

impl std::fmt::Debug for VoiceSessionRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoiceSessionRecord")
            .field("id", &self.id)
            .field("account_id", &self.account_id)
            .field("ended_at", &self.ended_at)
            .field("last_seq", &self.last_seq)
            .finish_non_exhaustive()
    }
}

/// Something said, word for word and for good. What was still being recognised is never kept.
#[derive(Clone, PartialEq, Eq)]
pub struct UtteranceRecord {
    /// Its id.
    pub id: UtteranceId,
    /// In which conversation.
    pub session: VoiceSessionId,
    /// Its place in the transcript: grows within a conversation in the order in which reports came.
    pub seq: i64,
    /// The number its sender gave it; kept once per conversation.
    pub sent_seq: Option<i64>,
    /// The id its sender gave it; kept once per conversation.
    pub sent_id: Option<String>,
    /// Who.
    pub role: Speaker,
    /// What.
    pub text: String,
    /// What happened, for [`Speaker::Event`].
    pub event: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for UtteranceRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UtteranceRecord").field("id", &self.id).field("seq", &self.seq).finish_non_exhaustive()
    }
}

/// A conversation and how much was said in it.
#[derive(Clone, Debug, PartialEq)]
pub struct CountedVoiceSession {
    /// The conversation.
    pub session: VoiceSessionRecord,
    /// How much was said.
    pub utterances: u64,
}

/// Part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many.
    pub limit: u32,
    /// After leaving out so many.
    pub offset: u64,
}

/// Questions about spoken conversations.
#[async_trait]
pub trait VoiceSessionRead {
    /// The conversation of that id.
    async fn voice_session(&mut self, id: VoiceSessionId) -> Result<Option<CountedVoiceSession>>;
    /// The conversation in that room of the media server.
    async fn voice_session_in(&mut self, media_room: &str) -> Result<Option<CountedVoiceSession>>;
    /// The account's conversations in which something was said, newest first, and how many there are in all.
    async fn voice_sessions_of(&mut self, account: AccountId, page: Page) -> Result<(u64, Vec<CountedVoiceSession>)>;
    /// Every conversation of an account in which something was said, newest first. Anonymous ones are never listed.
    async fn voice_sessions(&mut self, page: Page) -> Result<Vec<CountedVoiceSession>>;
    /// What was said in a conversation, in its senders' order.
    async fn utterances_of(&mut self, session: VoiceSessionId) -> Result<Vec<UtteranceRecord>>;
    /// What was said in a conversation after `seq`, in the order in which reports came.
    async fn utterances_after(&mut self, session: VoiceSessionId, seq: i64) -> Result<Vec<UtteranceRecord>>;
    /// Whether something was said in a conversation under the id that its sender gave it.
    async fn has_utterance(&mut self, session: VoiceSessionId, sent_id: &str) -> Result<bool>;
    /// What was said in all conversations of accounts, newest first.
    async fn utterances(&mut self, page: Page) -> Result<Vec<UtteranceRecord>>;
}

/// Changes of spoken conversations.
#[async_trait]
pub trait VoiceSessionWrite {
    /// Keeps a conversation, or replaces every member but the id and `started_at`.
    async fn put_voice_session(&mut self, session: &VoiceSessionRecord) -> Result<()>;
    /// Keeps what was said, unless the conversation has something of that `seq`, `sent_seq` or `sent_id`; answers whether it was new.
    async fn append_utterance(&mut self, utterance: &UtteranceRecord) -> Result<bool>;
    /// Forgets what was said in a conversation.
    async fn forget_utterances(&mut self, id: VoiceSessionId) -> Result<()>;
    /// Forgets anonymous conversations that began before `before`, and what was said in them; answers which.
    async fn forget_anonymous_voice_sessions(&mut self, before: Timestamp) -> Result<Vec<VoiceSessionId>>;
}
