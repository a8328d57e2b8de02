//! The shop's pictures on the disk, under names that tell nothing.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use protocol::Clock;
use ring::digest;

/// Bytes of pictures held in the folder.
const MOST: u64 = 256 << 20;
/// After this time the server is asked again; where it does not answer the old picture serves.
const FRESH: Duration = Duration::from_hours(24);
/// Letters of a file's name.
const NAME: usize = 2 * digest::SHA256_OUTPUT_LEN;

/// The folder.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The picture, and whether it is fresh.
    pub(super) async fn get(&self, name: &str, clock: &dyn Clock) -> Option<(Bytes, bool)> {
        let file = self.path.join(hidden(name));
        let modified = tokio::fs::metadata(&file).await.ok()?.modified().ok()?;
        let bytes = tokio::fs::read(&file).await.ok()?;
        let now = UNIX_EPOCH + Duration::from_millis(clock.now().unix_millis().max(0).unsigned_abs());
        // A file from the future was written under a wrong clock; the server knows better.
        let fresh = now.duration_since(modified).is_ok_and(|age| age < FRESH);
        Some((bytes.into(), fresh))
    }

    /// Keeps a picture. Failing is no harm: it is fetched again.
    pub(super) async fn put(&self, name: &str, bytes: &Bytes) {
        let kept = async {
            tokio::fs::create_dir_all(&self.path).await?;
            // Written beside and renamed, so that a power cut leaves no half picture.
            let hidden = hidden(name);
            let part = self.path.join(format!("{hidden}.part"));
            tokio::fs::write(&part, bytes).await?;
            tokio::fs::rename(&part, self.path.join(hidden)).await?;
            self.tidy().await
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, "a picture was not kept in the data folder");
        }
    }

    /// Deletes what does not have a name of ours: half pictures, and those that stand there under the product's own name.
    pub(super) async fn sweep(&self) {
        let swept = async {
            let mut entries = tokio::fs::read_dir(&self.path).await?;
            while let Some(entry) = entries.next_entry().await? {
                if !entry.file_name().to_str().is_some_and(is_hidden) {
                    tokio::fs::remove_file(entry.path()).await?;
                }
            }
            Ok::<(), std::io::Error>(())
        };
        match swept.await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "the folder of pictures cannot be tidied");
            }
            Ok(()) | Err(_) => {}
        }
    }

    /// Deletes the oldest pictures where the folder holds too much.
    async fn tidy(&self) -> std::io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        let mut entries = tokio::fs::read_dir(&self.path).await?;
        while let Some(entry) = entries.next_entry().await? {
            // Another picture that was being written has its own name by now.
            let Ok(about) = entry.metadata().await else { continue };
            files.push((about.modified()?, about.len(), entry.path()));
        }
        files.sort();
        let mut size: u64 = files.iter().map(|(_, length, _)| length).sum();
        for (_, length, file) in files {
            if size <= MOST {
                break;
            }
            tokio::fs::remove_file(file).await?;
            size -= length;
        }
        Ok(())
    }
}

/// A file's name that does not tell the product.
fn hidden(name: &str) -> String {
    use std::fmt::Write as _;
    digest::digest(&digest::SHA256, name.as_bytes()).as_ref().iter().fold(String::with_capacity(NAME), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn is_hidden(name: &str) -> bool {
    name.len() == NAME && name.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_tell_nothing_and_what_has_another_name_is_swept() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path().join("pictures"));
        folder.sweep().await;
        folder.put("SKU-1070.svg", &Bytes::from_static(b"<svg/>")).await;
        std::fs::write(place.path().join("pictures/SKU-1071.svg"), "<svg/>").unwrap();
        folder.sweep().await;
        let names: Vec<_> = std::fs::read_dir(place.path().join("pictures")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert!(matches!(&names[..], [name] if is_hidden(name.to_str().unwrap())), "{names:?}");
        let (bytes, fresh) = folder.get("SKU-1070.svg", &protocol::ambient::SystemClock::new()).await.unwrap();
        assert_eq!((&bytes[..], fresh), (b"<svg/>".as_slice(), true));
    }
}
