//! Sessions, their conversations and carts.

use std::collections::BTreeMap;

use async_trait::async_trait;
use protocol::{
    Timestamp,
    event::EventBody,
    ids::{CustomerId, EntryId, SessionId, Sku},
    session::{Assurance, Channel, ChatEntry, RecentView},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Dialogue;
use crate::Result;

/// A session as it is kept. Its token is not: only what finds it again.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRecord {
    /// Stable for the life of the session.
    pub id: SessionId,
    /// Goes into the token; raising it kills the token.
    pub generation: i64,
    /// SHA-256 of the token of the generation that was given out last.
    pub token_hash: Vec<u8>,
    /// Decimal for customers, `guest-…` for guests.
    pub customer_id: CustomerId,
    /// E.164, or for a guest what was typed, normalised; may be empty.
    pub phone: String,
    /// Of a Telegram customer.
    pub telegram_chat_id: Option<String>,
    /// The channel that used it last.
    pub channel: Channel,
    /// The customer's id unless a trusted channel said otherwise.
    pub user_id: String,
    /// Nobody is signed in.
    pub guest: bool,
    /// How the person was proved.
    pub assurance: Assurance,
    /// What travels from channel to channel, without the conversation.
    pub state: SessionState,
    /// Grows by one with each change.
    pub version: i64,
    /// Whether it can be used.
    pub status: SessionStatus,
    /// When it began.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Unusable from here on.
    pub expires_at: Timestamp,
}

impl SessionRecord {
    /// Whether it can be used at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.status == SessionStatus::Active && now < self.expires_at
    }
}

/// Whether a session can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Until it expires.
    Active,
    /// Seven days unused.
    Expired,
    /// Ended by somebody.
    LoggedOut,
}

/// What a session carries besides its conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionState {
    /// In the order of adding.
    pub cart: Vec<CartItem>,
    /// Newest first.
    pub recent: Vec<RecentView>,
    /// `type`, `timestamp` and what the action was about.
    pub last_action: Option<Map<String, Value>>,
    /// In order of first use.
    pub channels: Vec<Channel>,
    /// Written every few entries.
    pub conversation_summary: String,
    /// Oldest first.
    pub last_recommended_skus: Vec<Sku>,
    /// `city`, `landmark`, `building`.
    pub shipping_address: Option<BTreeMap<String, String>>,
    /// How long the conversation was when an agent or a person wrote the summary; none while it is the server's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summarised_at: Option<u64>,
    /// What the conversation has come to; none while it is talk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialogue: Option<Box<Dialogue>>,
}

/// A cart line as it is kept; name and price come from the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartItem {
    /// The product.
    pub sku: Sku,
    /// 1 to 99.
    pub quantity: u32,
    /// Such as `size`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// The price when it was added, in the smallest unit.
    pub price_minor: i64,
}

/// An entry that is to be appended to a session as it was seen.
#[derive(Clone, Debug)]
pub struct SeenEntry {
    /// The session as it is with the entry.
    pub session: SessionRecord,
    /// The version that was seen.
    pub version: i64,
    /// The entry.
    pub entry: ChatEntry,
    /// The event that tells of it.
    pub body: EventBody,
    /// When it happens.
    pub at: Timestamp,
}

/// Questions about sessions.
#[async_trait]
pub trait SessionRead: Send {
    /// The session of that id, in whatever status.
    async fn session(&mut self, id: SessionId) -> Result<Option<SessionRecord>>;
    /// The session whose last token has this SHA-256, in whatever status.
    async fn session_by_token_hash(&mut self, hash: &[u8]) -> Result<Option<SessionRecord>>;
    /// As [`SessionRead::session_by_token_hash`], for whoever goes on to show it with its last `entries` entries, its customer and
    /// the shop: a store may read those along with it.
    async fn session_to_show(&mut self, hash: &[u8], entries: u32) -> Result<Option<SessionRecord>> {
        let _ = entries;
        self.session_by_token_hash(hash).await
    }
    /// The customer's session with status active; it may have expired.
    async fn active_session_of(&mut self, customer: &CustomerId) -> Result<Option<SessionRecord>>;
    /// The last `limit` entries of the conversation, oldest first.
    async fn chat_entries(&mut self, session: SessionId, limit: u32) -> Result<Vec<ChatEntry>>;
    /// The entry of that id.
    async fn chat_entry(&mut self, id: EntryId) -> Result<Option<ChatEntry>>;
    /// How many entries the conversation has.
    async fn chat_length(&mut self, session: SessionId) -> Result<u64>;
    /// Sessions that were opened while every caller was trusted.
    async fn demo_sessions(&mut self) -> Result<Vec<SessionId>>;
}

/// Changes of sessions.
#[async_trait]
pub trait SessionWrite {
    /// Keeps a new session. A customer has at most one with status active: a second one is refused as a duplicate.
    async fn insert_session(&mut self, session: &SessionRecord) -> Result<()>;
    /// Replaces every member but the id and `created_at`. Refused as missing unless it meets exactly one session.
    async fn update_session(&mut self, session: &SessionRecord) -> Result<()>;
    /// Notes that a session was opened while every caller was trusted.
    async fn mark_demo_session(&mut self, id: SessionId) -> Result<()>;
    /// Forgets those notes.
    async fn forget_demo_sessions(&mut self) -> Result<()>;
    /// Slides the expiry alone, without a new version.
    async fn extend_session(&mut self, id: SessionId, expires_at: Timestamp) -> Result<()>;
    /// Appends to the conversation.
    async fn append_chat_entry(&mut self, session: SessionId, entry: &ChatEntry) -> Result<()>;
    /// Replaces the metadata of an entry.
    async fn set_chat_metadata(&mut self, entry: EntryId, metadata: Option<&Map<String, Value>>) -> Result<()>;
}
