//! Photos and videos of customers. The files lie outside the database.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{MediaId, ProfileId, SessionId},
    media::MediaKind,
};

use crate::Result;

/// A file.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaRecord {
    /// Its id.
    pub id: MediaId,
    /// Its name in the folder, which nobody can guess.
    pub file: String,
    /// Whose.
    pub owner: ProfileId,
    /// The conversation that it belongs to.
    pub session_id: Option<SessionId>,
    /// What it is.
    pub kind: MediaKind,
    /// What its content is.
    pub mime_type: String,
    /// As the sender called it.
    pub filename: Option<String>,
    /// Bytes.
    pub size_bytes: u64,
    /// When it came.
    pub created_at: Timestamp,
    /// Nobody gets it from here on.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for MediaRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaRecord").field("id", &self.id).field("mime_type", &self.mime_type).finish_non_exhaustive()
    }
}

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaAmount {
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Questions about files.
#[async_trait]
pub trait MediaRead {
    /// The file of that id, also one that is over.
    async fn media(&mut self, id: MediaId) -> Result<Option<MediaRecord>>;
    /// The file of that name, also one that is over.
    async fn media_by_file(&mut self, file: &str) -> Result<Option<MediaRecord>>;
    /// How much is kept of one owner, or of everybody.
    async fn media_amount(&mut self, owner: Option<ProfileId>) -> Result<MediaAmount>;
    /// At most `limit` files that are over at `now`.
    async fn overdue_media(&mut self, now: Timestamp, limit: u32) -> Result<Vec<MediaRecord>>;
}

/// Changes of files.
#[async_trait]
pub trait MediaWrite {
    /// Keeps a file.
    async fn insert_media(&mut self, media: &MediaRecord) -> Result<()>;
    /// Forgets a file; answers whether it was known.
    async fn remove_media(&mut self, id: MediaId) -> Result<bool>;
    /// Ends every file of a conversation; answers how many that were.
    async fn end_media_of(&mut self, session: SessionId, at: Timestamp) -> Result<u64>;
    /// Gives one owner's files to another, who goes on with another conversation.
    async fn move_media(&mut self, from: ProfileId, to: ProfileId, session: SessionId) -> Result<()>;
}
