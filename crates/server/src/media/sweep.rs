use std::time::Duration;

use super::keep::{MediaError, remove};
use crate::state::AppState;

const EVERY: Duration = Duration::from_mins(1);
/// Files looked at at once.
const PAGE: u32 = 100;
/// A file that nobody knows after so long was left by a server that stopped while it was being sent.
const FORGOTTEN: Duration = Duration::from_hours(1);

/// Deletes what is over, now and every minute until the server stops.
pub fn keep_swept(state: AppState) {
    tokio::spawn(async move {
        loop {
            if let Err(error) = sweep(&state).await {
                tracing::error!(%error, "old photos and videos could not be deleted; trying again");
            }
            tokio::select! {
                () = state.shutdown.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}

/// Deletes every file whose day or conversation is over, and those that nobody knows.
///
/// # Errors
/// The folder or the database failed.
pub async fn sweep(state: &AppState) -> Result<(), MediaError> {
    loop {
        let overdue = state.read().await?.overdue_media(state.now(), PAGE).await?;
        for media in &overdue {
            remove(state, media).await?;
        }
        if overdue.len() < PAGE as usize {
            break;
        }
    }
    unknown(state).await
}

async fn unknown(state: &AppState) -> Result<(), MediaError> {
    let mut folder = match tokio::fs::read_dir(state.config.media()).await {
        Ok(folder) => folder,
        // Nobody has sent anything yet.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(MediaError::Folder(error)),
    };
    let before = state.now().minus(FORGOTTEN);
    while let Some(entry) = folder.next_entry().await.map_err(MediaError::Folder)? {
        // What another node deletes meanwhile is gone all the same.
        let Ok(about) = entry.metadata().await else { continue };
        let changed = about.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let old = changed.is_none_or(|at| i64::try_from(at.as_millis()).unwrap_or(i64::MAX) < before.unix_millis());
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|_| old && about.is_file()) else { continue };
        if state.read().await?.media_by_file(name).await?.is_none() {
            tokio::fs::remove_file(entry.path()).await.map_err(MediaError::Folder)?;
        }
    }
    Ok(())
}
