//! Product pictures: from memory, from the folder, from the server. They are the shop's, so they may stay on the disk.

use std::{
    collections::{HashMap, VecDeque},
    path::PathBuf,
    sync::Mutex,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use protocol::{ApiError, Clock, ErrorCode, routes};
use reqwest::header;
use url::Url;

/// Bytes of pictures held in memory.
const MEMORY: usize = 32 << 20;
/// Bytes of pictures held in the folder.
const FOLDER: u64 = 256 << 20;
/// Largest picture.
const LARGEST: usize = 8 << 20;
/// After this time the server is asked again; where it does not answer the old picture serves.
const FRESH: Duration = Duration::from_hours(24);
/// From the first byte sent to the last one received.
const WHOLE_CALL: Duration = Duration::from_secs(15);

/// Pictures by the end of their name: what a kiosk shows, and nothing that runs.
const KINDS: [(&str, &str); 7] = [
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("gif", "image/gif"),
];

/// A picture for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Such as `image/svg+xml`.
    pub content_type: String,
    /// The file.
    pub bytes: Bytes,
}

/// The kiosk's pictures.
pub(crate) struct Pictures {
    http: reqwest::Client,
    /// Without a slash at its end.
    base: String,
    folder: PathBuf,
    clock: std::sync::Arc<dyn Clock>,
    memory: Mutex<Memory>,
}

/// Pictures in memory, the one longest there first out.
#[derive(Default)]
struct Memory {
    pictures: HashMap<String, Bytes>,
    order: VecDeque<String>,
    size: usize,
}

impl Memory {
    fn put(&mut self, name: &str, bytes: &Bytes) {
        if self.pictures.contains_key(name) {
            return;
        }
        self.size += bytes.len();
        self.pictures.insert(name.to_owned(), bytes.clone());
        self.order.push_back(name.to_owned());
        while self.size > MEMORY
            && let Some(oldest) = self.order.pop_front()
        {
            self.size -= self.pictures.remove(&oldest).map_or(0, |bytes| bytes.len());
        }
    }
}

impl Pictures {
    pub(crate) fn new(http: reqwest::Client, server: &Url, data_dir: &std::path::Path, clock: std::sync::Arc<dyn Clock>) -> Self {
        let base = server.as_str().trim_end_matches('/').to_owned();
        Self { http, base, folder: data_dir.join("pictures"), clock, memory: Mutex::default() }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Picture, ApiError> {
        let (name, content_type) = name(path).ok_or_else(not_found)?;
        let picture = |bytes| Picture { content_type: content_type.to_owned(), bytes };
        if let Some(bytes) = self.remembered(name) {
            return Ok(picture(bytes));
        }
        let kept = self.kept(name).await;
        if let Some((bytes, true)) = &kept {
            self.remember(name, bytes);
            return Ok(picture(bytes.clone()));
        }
        match (self.fetch(name).await, kept) {
            (Ok(bytes), _) => {
                self.remember(name, &bytes);
                self.keep(name, &bytes).await;
                Ok(picture(bytes))
            }
            (Err(error), Some((bytes, _))) if error.code == ErrorCode::ServerUnreachable => Ok(picture(bytes)),
            (Err(error), _) => Err(error),
        }
    }

    fn remembered(&self, name: &str) -> Option<Bytes> {
        self.memory.lock().ok()?.pictures.get(name).cloned()
    }

    fn remember(&self, name: &str, bytes: &Bytes) {
        if let Ok(mut memory) = self.memory.lock() {
            memory.put(name, bytes);
        }
    }

    /// The picture in the folder, and whether it is fresh.
    async fn kept(&self, name: &str) -> Option<(Bytes, bool)> {
        let file = self.folder.join(name);
        let modified = tokio::fs::metadata(&file).await.ok()?.modified().ok()?;
        let bytes = tokio::fs::read(&file).await.ok()?;
        let now = UNIX_EPOCH + Duration::from_millis(self.clock.now().unix_millis().max(0).unsigned_abs());
        // A file from the future was written under a wrong clock; the server knows better.
        let fresh = now.duration_since(modified).is_ok_and(|age| age < FRESH);
        Some((bytes.into(), fresh))
    }

    async fn fetch(&self, name: &str) -> Result<Bytes, ApiError> {
        let out_of_reach =
            |_| ApiError::new(ErrorCode::ServerUnreachable, "The picture cannot be fetched now; the server does not answer.");
        let address = format!("{}{}/{name}", self.base, routes::IMAGES);
        let mut response = self.http.get(address).timeout(WHOLE_CALL).send().await.map_err(out_of_reach)?;
        if response.status().is_server_error() {
            return Err(ApiError::new(ErrorCode::ServerUnreachable, "The picture cannot be fetched now; the server fails."));
        }
        let is_picture = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("image/"));
        if !response.status().is_success() || !is_picture {
            return Err(not_found());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(out_of_reach)? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(ApiError::new(
                    ErrorCode::PayloadTooLarge,
                    "The picture is too large for the kiosk; make it smaller than 8 MiB.",
                ));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.into())
    }

    /// Keeps a picture in the folder. Failing is no harm: it is fetched again.
    async fn keep(&self, name: &str, bytes: &Bytes) {
        let kept = async {
            tokio::fs::create_dir_all(&self.folder).await?;
            // Written beside and renamed, so that a power cut leaves no half picture.
            let part = self.folder.join(format!(".{name}.part"));
            tokio::fs::write(&part, bytes).await?;
            tokio::fs::rename(&part, self.folder.join(name)).await?;
            self.tidy().await
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, "a picture was not kept in the data folder");
        }
    }

    /// Deletes the oldest pictures where the folder holds too much.
    async fn tidy(&self) -> std::io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        let mut entries = tokio::fs::read_dir(&self.folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            // Another picture that was being written has its own name by now.
            let Ok(about) = entry.metadata().await else { continue };
            files.push((about.modified()?, about.len(), entry.path()));
        }
        files.sort();
        let mut size: u64 = files.iter().map(|(_, length, _)| length).sum();
        for (_, length, file) in files {
            if size <= FOLDER {
                break;
            }
            tokio::fs::remove_file(file).await?;
            size -= length;
        }
        Ok(())
    }
}

/// File name and content type of a picture's path, or none where it is not the path of a picture.
fn name(path: &str) -> Option<(&str, &'static str)> {
    let name = path.strip_prefix(routes::IMAGES)?.strip_prefix('/')?;
    let safe = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if name.len() > 128 || name.starts_with('.') || !name.chars().all(safe) {
        return None;
    }
    let (_, end) = name.rsplit_once('.')?;
    let (_, content_type) = KINDS.into_iter().find(|(kind, _)| end.eq_ignore_ascii_case(kind))?;
    Some((name, content_type))
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such picture.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_in_their_folder_have_a_name() {
        assert_eq!(name("/images/SKU-1070.svg"), Some(("SKU-1070.svg", "image/svg+xml")));
        assert_eq!(name("/images/a.JPG"), Some(("a.JPG", "image/jpeg")));
        for path in [
            "/images/../outbox.db",
            "/images/.svg",
            "/images/a/b.svg",
            "/images/a.html",
            "/images/",
            "images/a.svg",
            "/images/a%2e.svg",
            "/images/..svg",
        ] {
            assert_eq!(name(path), None, "{path}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut memory = Memory::default();
        let large = Bytes::from(vec![0; MEMORY / 2]);
        for picture in ["a", "b", "c"] {
            memory.put(picture, &large);
        }
        assert!(memory.size <= MEMORY);
        assert!(!memory.pictures.contains_key("a") && memory.pictures.contains_key("c"));
    }
}
