//! The shop's pictures on the disk, under names that tell nothing.

use std::{
    io,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use protocol::Clock;
use ring::digest;
use tokio::sync::Mutex;

/// Bytes of pictures held in the folder.
const MOST: u64 = 256 << 20;
/// Where there is more, the oldest go until so much is left, so that the folder is not looked through for each picture. What is
/// fetched ahead stops there, so that the attract screen's have room.
const ENOUGH: u64 = MOST / 16 * 15;
/// After this time the server is asked again; where it does not answer the old picture serves.
const FRESH: Duration = Duration::from_hours(24);
/// By so much the disk's times may be ahead, which are finer than the clock's.
const TICK: Duration = Duration::from_secs(1);
/// Letters of a file's name.
const NAME: usize = 2 * digest::SHA256_OUTPUT_LEN;

/// The folder.
pub(super) struct Folder {
    path: PathBuf,
    /// Bytes in it; none before it was looked through.
    size: Mutex<Option<u64>>,
    most: u64,
    enough: u64,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, size: Mutex::default(), most: MOST, enough: ENOUGH }
    }

    /// Whether the picture is there, however old.
    pub(super) async fn has(&self, name: &str) -> bool {
        tokio::fs::try_exists(self.path.join(hidden(name))).await.unwrap_or(false)
    }

    /// The picture, and whether it is fresh.
    pub(super) async fn get(&self, name: &str, clock: &dyn Clock) -> Option<(Bytes, bool)> {
        let file = self.path.join(hidden(name));
        let modified = tokio::fs::metadata(&file).await.ok()?.modified().ok()?;
        let bytes = tokio::fs::read(&file).await.ok()?;
        let now = UNIX_EPOCH + Duration::from_millis(clock.now().unix_millis().max(0).unsigned_abs());
        // A file from the future was written under a wrong clock; the server knows better.
        let fresh = match now.duration_since(modified) {
            Ok(age) => age < FRESH,
            Err(ahead) => ahead.duration() < TICK,
        };
        Some((bytes.into(), fresh))
    }

    /// Keeps a picture; where there are too many, the oldest go. Failing is no harm: it is fetched again.
    pub(super) async fn put(&self, name: &str, bytes: &Bytes) {
        if let Err(error) = self.keep(name, bytes, true).await {
            tracing::warn!(%error, "a picture was not kept in the data folder");
        }
    }

    /// Keeps a picture if no other has to go for it; answers whether that is so.
    ///
    /// # Errors
    /// The disk does not take it.
    pub(super) async fn put_if_room(&self, name: &str, bytes: &Bytes) -> io::Result<bool> {
        self.keep(name, bytes, false).await
    }

    async fn keep(&self, name: &str, bytes: &Bytes, others_go: bool) -> io::Result<bool> {
        let mut size = self.size.lock().await;
        tokio::fs::create_dir_all(&self.path).await?;
        let held = match *size {
            Some(held) => held,
            None => self.list().await?.iter().map(|(_, length, _)| length).sum(),
        };
        let name = hidden(name);
        let file = self.path.join(&name);
        let before = tokio::fs::metadata(&file).await.map_or(0, |about| about.len());
        let after = held.saturating_sub(before).saturating_add(bytes.len() as u64);
        if after > self.enough && !others_go {
            *size = Some(held);
            return Ok(false);
        }
        // Unknown again, should this fail halfway.
        *size = None;
        // Written beside and renamed, so that a power cut leaves no half picture.
        let part = self.path.join(format!("{name}.part"));
        tokio::fs::write(&part, bytes).await?;
        tokio::fs::rename(&part, file).await?;
        *size = Some(if after > self.most { self.tidy().await? } else { after });
        Ok(true)
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
            Ok::<(), io::Error>(())
        };
        match swept.await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "the folder of pictures cannot be tidied");
            }
            Ok(()) | Err(_) => {}
        }
    }

    /// Deletes the oldest pictures; answers how many bytes are left.
    async fn tidy(&self) -> io::Result<u64> {
        let mut files = self.list().await?;
        files.sort();
        let mut size: u64 = files.iter().map(|(_, length, _)| length).sum();
        for (_, length, file) in files {
            if size <= self.enough {
                break;
            }
            tokio::fs::remove_file(file).await?;
            size -= length;
        }
        Ok(size)
    }

    /// When each was written, its bytes, and where it lies.
    async fn list(&self) -> io::Result<Vec<(SystemTime, u64, PathBuf)>> {
        let mut files = Vec::new();
        let mut entries = tokio::fs::read_dir(&self.path).await?;
        while let Some(entry) = entries.next_entry().await? {
            // Another picture that was being written has its own name by now.
            let Ok(about) = entry.metadata().await else { continue };
            files.push((about.modified()?, about.len(), entry.path()));
        }
        Ok(files)
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

    fn small(path: PathBuf) -> Folder {
        Folder { most: 1_000, enough: 900, ..Folder::new(path) }
    }

    #[tokio::test]
    async fn the_oldest_go_where_there_is_too_much_and_others_only_where_there_is_room() {
        let place = tempfile::tempdir().unwrap();
        let folder = small(place.path().join("pictures"));
        let picture = Bytes::from(vec![0; 300]);
        for (number, name) in ["a.svg", "b.svg", "c.svg"].into_iter().enumerate() {
            folder.put(name, &picture).await;
            let written = UNIX_EPOCH + Duration::from_secs(number as u64);
            let file = std::fs::File::open(place.path().join("pictures").join(hidden(name))).unwrap();
            file.set_modified(written).unwrap();
        }
        assert!(!folder.put_if_room("d.svg", &picture).await.unwrap(), "another would have to go");
        assert!(folder.put_if_room("c.svg", &picture).await.unwrap(), "it takes its own place");
        folder.put("e.svg", &picture).await;
        let there = async |name: &'static str| folder.has(name).await;
        assert!(!there("a.svg").await && there("b.svg").await && there("c.svg").await && there("e.svg").await);
        // Another start counts what is there.
        let again = small(place.path().join("pictures"));
        assert!(!again.put_if_room("f.svg", &picture).await.unwrap());
        assert!(again.put_if_room("f.svg", &Bytes::new()).await.unwrap());
    }

    #[tokio::test]
    async fn a_picture_that_the_disk_does_not_take_is_told() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("pictures"), "in the way").unwrap();
        let folder = small(place.path().join("pictures"));
        assert!(folder.put_if_room("a.svg", &Bytes::new()).await.is_err());
        assert!(!folder.has("a.svg").await);
    }
}
