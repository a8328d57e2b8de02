//! The data folder and the files in it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use protocol::Timestamp;

use crate::{SetAside, StoreError};

const OUTBOX: &str = "outbox.db";
const CACHE: &str = "cache.db";
const CATALOGUE: &str = "catalogue.db";
/// Between the outbox's name and when it was set aside, in milliseconds since 1970.
const ASIDE: &str = ".damaged-";
/// Bytes without which nothing can be kept for a customer.
const NEEDED: usize = 256 * 1024;
/// What SQLite puts beside a file in WAL mode.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

pub(super) fn outbox(folder: &Path) -> PathBuf {
    folder.join(OUTBOX)
}

pub(super) fn cache(folder: &Path) -> PathBuf {
    folder.join(CACHE)
}

pub(super) fn catalogue(folder: &Path) -> PathBuf {
    folder.join(CATALOGUE)
}

/// Makes the folder where it is missing, closed to other users, and makes sure that it can be written.
pub(super) fn prepare(folder: &Path) -> Result<(), StoreError> {
    let not_writable = |cause| StoreError::FolderNotWritable { folder: folder.to_owned(), cause };
    fs::create_dir_all(folder).map_err(not_writable)?;
    close_to_others(folder).map_err(not_writable)?;
    let probe = folder.join(".writable");
    // An empty file would fit on a full disk, and the first customer would come upon it.
    let written = fs::write(&probe, vec![0; NEEDED]);
    let removed = fs::remove_file(&probe);
    written.and(removed).map_err(not_writable)
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
    delete(folder, CACHE)
}

pub(super) fn delete_catalogue(folder: &Path) -> io::Result<()> {
    delete(folder, CATALOGUE)
}

fn delete(folder: &Path, name: &str) -> io::Result<()> {
    for suffix in SUFFIXES {
        match fs::remove_file(folder.join(format!("{name}{suffix}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Renames the outbox so that nothing of it is lost, and says to what.
pub(super) fn set_outbox_aside(folder: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let named = |millis: i64| format!("{OUTBOX}{ASIDE}{millis}");
    // A clock that was set back must not overwrite what was set aside before.
    let free = (now.unix_millis()..i64::MAX).map(named).find(|name| !folder.join(name).exists());
    let aside = free.ok_or_else(|| io::Error::from(io::ErrorKind::AlreadyExists))?;
    for suffix in SUFFIXES {
        match fs::rename(folder.join(format!("{OUTBOX}{suffix}")), folder.join(format!("{aside}{suffix}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(folder.join(aside))
}

/// What was set aside, now or ever, oldest first.
pub(super) fn set_aside(folder: &Path) -> io::Result<Vec<SetAside>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let at = name.to_str().and_then(|name| name.strip_prefix(OUTBOX)?.strip_prefix(ASIDE)?.parse::<i64>().ok());
        if let Some(millis) = at {
            found.push(SetAside { file: folder.join(name), at: Timestamp::from_unix_millis(millis) });
        }
    }
    found.sort_by_key(|aside| aside.at);
    Ok(found)
}
