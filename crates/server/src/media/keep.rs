use std::{path::PathBuf, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use protocol::{
    ErrorCode,
    ids::{MediaId, ProfileId, SessionId},
    media::{MediaKind, MediaUpload, StoredMedia},
    routes,
};
use server_store::{StoreError, records::MediaRecord};
use tokio::io::AsyncWriteExt as _;

use super::clean::{Content, LARGEST_IMAGE, LARGEST_VIDEO, Refusal, clean};
use crate::{http::Failure, key, state::AppState, transaction::Tx};

/// A file lives so long.
const LIFE: Duration = Duration::from_hours(24);
/// Most files of one owner at a time.
const MOST_FILES: u64 = 50;
/// Most bytes of one owner at a time.
const MOST_BYTES: u64 = 100 * 1024 * 1024;
/// Most bytes of everybody together.
const ROOM: u64 = 4 * 1024 * 1024 * 1024;
/// Longest name that a sender gives, in characters.
const LONGEST_NAME: usize = 100;

/// Why a file is not kept.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// What it is.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is no base64.
    #[error("'data' must be the file in base64")]
    NotBase64,
    /// One owner has too much.
    #[error("You have sent as much as is kept at a time. Delete something, or come back tomorrow.")]
    OwnerIsFull,
    /// Everybody together has too much.
    #[error("No more photos or videos can be kept right now. Please try again later.")]
    Full,
    /// The folder cannot be written.
    #[error("the folder of photos and videos cannot be written: {0}")]
    Folder(std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<MediaError> for Failure {
    fn from(error: MediaError) -> Self {
        let code = match &error {
            MediaError::Refused(Refusal::TooLarge) | MediaError::OwnerIsFull => ErrorCode::PayloadTooLarge,
            MediaError::Refused(Refusal::Unknown | Refusal::Mislabelled) => ErrorCode::UnsupportedMediaType,
            MediaError::NotBase64 => return Self::field("data", ErrorCode::ValidationError, error.to_string()),
            MediaError::Full => ErrorCode::ServiceUnavailable,
            MediaError::Folder(_) => return Self::internal(error),
            MediaError::Store(_) => return store_failed(error),
        };
        Self::new(code, error.to_string())
    }
}

fn store_failed(error: MediaError) -> Failure {
    match error {
        MediaError::Store(error) => error.into(),
        other => Failure::internal(other),
    }
}

/// A cleaned file in the folder that nobody knows yet. [`keep`] makes it somebody's.
#[derive(Debug)]
pub struct NewMedia {
    content: Content,
    file: String,
    size_bytes: u64,
    filename: Option<String>,
}

impl NewMedia {
    /// Cleans a file, off the threads that answer requests, and writes it. `said` is the type that the sender named,
    /// `filename` what the sender calls it.
    ///
    /// # Errors
    /// [`MediaError::Refused`], or the folder cannot be written.
    pub async fn write(
        state: &AppState,
        bytes: Vec<u8>,
        said: Option<String>,
        filename: Option<String>,
    ) -> Result<Self, MediaError> {
        let cleaned = tokio::task::spawn_blocking(move || clean(bytes, said.as_deref())).await;
        let (content, bytes) = cleaned.map_err(|error| MediaError::Folder(std::io::Error::other(error)))??;
        let mut random = [0; 16];
        state.entropy.fill(&mut random);
        let file = format!("{}.{}", key::hex(&random), content.extension());
        write(&path_of(state, &file), &bytes).await.map_err(MediaError::Folder)?;
        let filename = filename.as_deref().and_then(plain_name);
        Ok(Self { content, file, size_bytes: bytes.len() as u64, filename })
    }

    /// Deletes it, because it will not be kept. What stays behind all the same, the sweep finds.
    pub async fn discard(self, state: &AppState) {
        if let Err(error) = tokio::fs::remove_file(path_of(state, &self.file)).await {
            tracing::warn!(%error, "a photo or video that is not kept could not be deleted yet");
        }
    }
}

/// The end of a path, as long as a name may be, without what a page or a terminal could stumble over.
fn plain_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let letters = last.chars().filter(|letter| !letter.is_control() && !matches!(letter, '<' | '>' | '"' | '\'' | '&'));
    let name: String = letters.take(LONGEST_NAME).collect::<String>().trim().to_owned();
    (!name.is_empty()).then_some(name)
}

/// The file of a JSON body, cleaned and written.
///
/// # Errors
/// It is no base64, too large, or of another kind than was said; or the folder cannot be written.
pub async fn decode(state: &AppState, upload: MediaUpload) -> Result<NewMedia, MediaError> {
    let largest = match upload.kind {
        MediaKind::Image => LARGEST_IMAGE,
        MediaKind::Video => LARGEST_VIDEO,
    };
    // Pages read files as `data:image/png;base64,…`.
    let text = match upload.data.split_once(";base64,") {
        Some((head, text)) if head.starts_with("data:") => text,
        _ => &upload.data,
    };
    if text.len() / 4 * 3 > largest + 3 {
        return Err(Refusal::TooLarge.into());
    }
    let bytes = BASE64_STANDARD.decode(text.trim()).map_err(|_| MediaError::NotBase64)?;
    if Content::of(&bytes).is_some_and(|content| content.kind() != upload.kind) {
        return Err(Refusal::Mislabelled.into());
    }
    NewMedia::write(state, bytes, Some(upload.mime_type), upload.filename).await
}

/// Makes a file somebody's.
///
/// # Errors
/// There is no room, or the database failed.
pub async fn keep(tx: &mut Tx, owner: ProfileId, session: Option<SessionId>, new: &NewMedia) -> Result<MediaRecord, MediaError> {
    let own = tx.media_amount(Some(owner)).await?;
    if own.files >= MOST_FILES || own.bytes + new.size_bytes > MOST_BYTES {
        return Err(MediaError::OwnerIsFull);
    }
    if tx.media_amount(None).await?.bytes + new.size_bytes > ROOM {
        return Err(MediaError::Full);
    }
    let now = tx.now();
    let record = MediaRecord {
        id: MediaId(tx.state().new_id()),
        file: new.file.clone(),
        owner,
        session_id: session,
        kind: new.content.kind(),
        mime_type: new.content.mime_type().to_owned(),
        filename: new.filename.clone(),
        size_bytes: new.size_bytes,
        created_at: now,
        expires_at: now.plus(LIFE),
    };
    tx.insert_media(&record).await?;
    Ok(record)
}

async fn write(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = tokio::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        builder.mode(0o700);
        builder.create(folder).await?;
    }
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(path).await?;
    file.write_all(bytes).await?;
    file.flush().await
}

/// Where a file lies.
pub(super) fn path_of(state: &AppState, file: &str) -> PathBuf {
    state.config.media().join(file)
}

/// Deletes a file: first itself, then what is known of it, so that nothing is left that nobody knows.
///
/// # Errors
/// The folder or the database failed.
pub async fn remove(state: &AppState, media: &MediaRecord) -> Result<(), MediaError> {
    match tokio::fs::remove_file(path_of(state, &media.file)).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(MediaError::Folder(error)),
        _ => {}
    }
    let mut tx = state.write().await?;
    tx.remove_media(media.id).await?;
    Ok(tx.commit().await?)
}

/// A file as its owner sees it.
#[must_use]
pub fn wire(record: &MediaRecord) -> StoredMedia {
    StoredMedia {
        id: record.id,
        url: routes::with_id(routes::MEDIA, &record.file),
        kind: record.kind,
        mime_type: record.mime_type.clone(),
        filename: record.filename.clone(),
        size_bytes: record.size_bytes,
        created_at: record.created_at,
        session_id: record.session_id,
        session_token: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_senders_name_leads_nowhere() {
        for (name, plain) in [
            ("hem.jpg", Some("hem.jpg")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\photos\\hem.jpg", Some("hem.jpg")),
            ("<img src=x onerror=alert(1)>", Some("img src=x onerror=alert(1)")),
            ("a\r\nSet-Cookie: x", Some("aSet-Cookie: x")),
            ("..\\", None),
            ("  ", None),
        ] {
            assert_eq!(plain_name(name).as_deref(), plain, "{name:?}");
        }
        assert_eq!(plain_name(&"é".repeat(300)).unwrap().chars().count(), LONGEST_NAME);
    }
}
