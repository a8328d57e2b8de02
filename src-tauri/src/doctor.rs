//! `--doctor`: what this kiosk would run with.

use std::{fs, io::Write, path::Path};

use kiosk_core::KeyStore as _;
use url::Url;

use crate::keystore::Keyring;

/// Writes one line per thing to `out`.
///
/// # Errors
/// `out` cannot be written.
pub(crate) fn report(out: &mut impl Write, server: &Url, folder: &Path) -> std::io::Result<()> {
    let engine = tauri::webview_version().unwrap_or_else(|problem| problem.to_string());
    writeln!(out, "vitrine     {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "window      Tauri {}, WebKitGTK {engine}", tauri::VERSION)?;
    writeln!(out, "server      {}", server.as_str().trim_end_matches('/'))?;
    writeln!(out, "data        {} ({})", folder.display(), writable(folder))?;
    let state = Keyring::check().map_or_else(|problem| problem.to_string(), |()| "open".into());
    writeln!(out, "key store   {}: {state}", Keyring.describe())
}

fn writable(folder: &Path) -> String {
    let probe = folder.join(".probe");
    match fs::create_dir_all(folder).and_then(|()| fs::write(&probe, "")).and_then(|()| fs::remove_file(&probe)) {
        Ok(()) => "writable".into(),
        Err(problem) => {
            format!("not writable: {problem}; choose another folder with --data, or give this user the right to write here")
        }
    }
}
