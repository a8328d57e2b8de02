//! Photos and videos that a customer shows the shop. They are kept for a day.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    ids::{MediaId, SessionId},
};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MediaKind {
    /// JPEG, PNG, WebP or GIF; at most 5 MB.
    Image,
    /// MP4, WebM or QuickTime; at most 10 MB.
    Video,
}

/// `POST /media/upload`, and one file of a chat message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MediaUpload {
    /// What the sender takes it for.
    #[serde(rename = "type")]
    pub kind: MediaKind,
    /// The file in base64.
    pub data: String,
    /// Such as `image/jpeg`. The content decides; another type is refused.
    pub mime_type: String,
    /// As the sender calls it, at most 100 characters; never an address here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The sender's own conversation that it belongs to; another's counts as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
}

impl std::fmt::Debug for MediaUpload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaUpload").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A file as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredMedia {
    /// Its id.
    pub id: MediaId,
    /// Where its owner, and nobody else, gets it.
    pub url: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: MediaKind,
    /// What its content is.
    pub mime_type: String,
    /// As the sender called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// After everything but the picture was taken out.
    pub size_bytes: u64,
    /// Gone a day later.
    pub created_at: Timestamp,
    /// The conversation that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// The token of the guest's session that was begun for the sender. Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<String>,
}

impl std::fmt::Debug for StoredMedia {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredMedia").field("id", &self.id).field("mime_type", &self.mime_type).finish_non_exhaustive()
    }
}

/// Answer of `DELETE /media/{id}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MediaDeleted {
    /// Always true.
    pub deleted: bool,
}
