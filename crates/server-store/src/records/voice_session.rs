//! Spoken conversations, and what was said in them.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, UtteranceId, VoiceSessionId},
    voice_session::Speaker,
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
    /// A label.
    pub room: String,
    /// The persona part of the prompt.
    pub system_prompt: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it lives.
    pub ended_at: Option<Timestamp>,
    /// Whatever the agent noted.
    pub metadata: Option<Map<String, Value>>,
}

impl std::fmt::Debug for VoiceSessionRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoiceSessionRecord")
            .field("id", &self.id)
            .field("account_id", &self.account_id)
            .field("ended_at", &self.ended_at)
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
    /// Grows within a conversation.
    pub seq: i64,
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
    /// The account's conversations in which something was said, newest first, and how many there are in all.
    async fn voice_sessions_of(&mut self, account: AccountId, page: Page) -> Result<(u64, Vec<CountedVoiceSession>)>;
    /// Every conversation of an account in which something was said, newest first. Anonymous ones are never listed.
    async fn voice_sessions(&mut self, page: Page) -> Result<Vec<CountedVoiceSession>>;
    /// What was said in a conversation, in order.
    async fn utterances_of(&mut self, session: VoiceSessionId) -> Result<Vec<UtteranceRecord>>;
    /// What was said in all conversations of accounts, newest first.
    async fn utterances(&mut self, page: Page) -> Result<Vec<UtteranceRecord>>;
    /// The highest `seq` of a conversation; 0 before anything was said.
    async fn last_utterance_seq(&mut self, session: VoiceSessionId) -> Result<i64>;
}

/// Changes of spoken conversations.
#[async_trait]
pub trait VoiceSessionWrite {
    /// Keeps a conversation, or replaces every member but the id and `started_at`.
    async fn put_voice_session(&mut self, session: &VoiceSessionRecord) -> Result<()>;
    /// Keeps what was said, unless the conversation has something of that `seq` or `sent_id`; answers whether it was new.
    async fn append_utterance(&mut self, utterance: &UtteranceRecord) -> Result<bool>;
    /// Forgets a conversation and what was said in it.
    async fn remove_voice_session(&mut self, id: VoiceSessionId) -> Result<()>;
    /// Forgets anonymous conversations that began before `before`; answers how many that were.
    async fn forget_anonymous_voice_sessions(&mut self, before: Timestamp) -> Result<u64>;
}
