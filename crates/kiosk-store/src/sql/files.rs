//! The data folder and the files in it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use protocol::Timestamp;

use crate::StoreError;

const OUTBOX: &str = "outbox.db";
const CACHE: &str = "cache.db";
/// What SQLite puts beside a file in WAL mode.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

pub(super) fn outbox(folder: &Path) -> PathBuf {
    folder.join(OUTBOX)
}

pub(super) fn cache(folder: &Path) -> PathBuf {
    folder.join(CACHE)
}

/// Makes the folder where it is missing, closed to other users, and makes sure that it can be written.
pub(super) fn prepare(folder: &Path) -> Result<(), StoreError> {
    let not_writable = |cause| StoreError::FolderNotWritable { folder: folder.to_owned(), cause };
    fs::create_dir_all(folder).map_err(not_writable)?;
    close_to_others(folder).map_err(not_writable)?;
    let probe = folder.join(".writable");
    fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)).map_err(not_writable)
}

#[cfg(unix)]
fn close_to_others(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = fs::metadata(folder)?.permissions();
    if permissions.mode() & 0o077 != 0 {
        permissions.set_mode(0o700);
        fs::set_permissions(folder, permissions)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_folder: &Path) -> io::Result<()> {
    Ok(())
}

pub(super) fn delete_cache(folder: &Path) -> io::Result<()> {
    for suffix in SUFFIXES {
        match fs::remove_file(folder.join(format!("{CACHE}{suffix}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Renames the outbox so that nothing of it is lost, and says to what.
pub(super) fn set_outbox_aside(folder: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let aside = format!("{OUTBOX}.damaged-{}", now.unix_millis());
    for suffix in SUFFIXES {
        match fs::rename(folder.join(format!("{OUTBOX}{suffix}")), folder.join(format!("{aside}{suffix}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(folder.join(aside))
}
