//! Tells how the kiosk is doing to whoever may read its data folder: JSON on a socket there, for `--doctor`.

use std::{
    fs,
    io::{self, Read as _},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
    path::{Path, PathBuf},
    time::Duration,
};

use kiosk_core::KioskHandle;
use protocol::kiosk_health::KioskHealth;
use tokio::{io::AsyncWriteExt as _, net::UnixListener};

/// How long a kiosk may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

fn socket(folder: &Path) -> PathBuf {
    folder.join("health.sock")
}

/// Answers until the program ends. A kiosk that cannot do that does everything else.
pub(crate) async fn serve(kiosk: KioskHandle, folder: PathBuf) {
    let listener = match listen(&socket(&folder)) {
        Ok(listener) => listener,
        Err(cause) => return tracing::warn!(%cause, "--doctor will not hear how this kiosk is doing"),
    };
    loop {
        let Ok((mut asker, _)) = listener.accept().await else { return };
        let health = kiosk.health().await;
        if let Ok(text) = serde_json::to_vec(&health) {
            // Whoever asked need not listen.
            let _ = asker.write_all(&text).await;
        }
    }
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// How the kiosk with that data folder is doing; none where none runs.
pub(crate) fn ask(folder: &Path) -> Option<KioskHealth> {
    let mut stream = UnixStream::connect(socket(folder)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
