//! `--doctor`: what this kiosk would run with, and how it is doing where it runs.

use std::{fs, io::Write, path::Path};

use kiosk_core::KeyStore as _;
use protocol::kiosk_health::{CatalogueHealth, KioskHealth};
use url::Url;

use crate::{health, keystore::Keyring};

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
    writeln!(out, "key store   {}: {state}", Keyring.describe())?;
    running(out, health::ask(folder).as_ref())
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

/// How the running kiosk is doing.
fn running(out: &mut impl Write, health: Option<&KioskHealth>) -> std::io::Result<()> {
    let Some(health) = health else { return writeln!(out, "kiosk       not running with this data folder") };
    let KioskHealth { stream, outbox, .. } = health;
    writeln!(out, "kiosk       running, version {}, server {}", health.version, health.server)?;
    let last = stream.last_event_at.map(|at| format!(", last event at {at}")).unwrap_or_default();
    writeln!(out, "stream      {} since {}{last}", name(&stream.state), stream.since)?;
    if outbox.readable {
        let oldest = outbox.oldest.map(|at| format!(", the oldest from {at}")).unwrap_or_default();
        let memory = if outbox.in_memory > 0 { format!(", {} of them in memory alone", outbox.in_memory) } else { String::new() };
        writeln!(out, "outbox      {} waiting{oldest}{memory}", outbox.waiting + outbox.in_memory)?;
    } else {
        writeln!(out, "outbox      cannot be read")?;
    }
    if let Some(code) = outbox.failing_with {
        let next = outbox.next_try_at.map(|at| format!(", next try at {at}")).unwrap_or_default();
        writeln!(out, "            {} pushes in vain: {}{next}", outbox.attempts, name(&code))?;
    }
    if outbox.unreadable > 0 {
        writeln!(out, "            {} changes of a newer version wait for it", outbox.unreadable)?;
    }
    for held in &outbox.held_up {
        writeln!(out, "            a conversation is held up: {} after {} tries", name(&held.code), held.attempts)?;
    }
    for change in &outbox.wedged {
        writeln!(out, "wedged      {} from {}: {}", change.key, change.made_at, name(&change.code))?;
    }
    catalogue(out, &health.catalogue)?;
    for aside in &health.set_aside {
        writeln!(out, "set aside   {} at {}", aside.file, aside.at)?;
    }
    for problem in &health.problems {
        writeln!(
            out,
            "lately      {}: {}, {} times, last at {}",
            name(&problem.part),
            name(&problem.code),
            problem.times,
            problem.at
        )?;
    }
    Ok(())
}

/// How far the copy of the catalogue has come.
fn catalogue(out: &mut impl Write, copy: &CatalogueHealth) -> std::io::Result<()> {
    if !copy.readable {
        return writeln!(out, "catalogue   cannot be read");
    }
    let so_far = if copy.complete { String::new() } else { format!(", being copied: {} of {}", copy.copied, copy.total) };
    let as_of = copy.as_of.map(|at| format!(", as of {at}")).unwrap_or_default();
    writeln!(out, "catalogue   {} products{so_far}{as_of}", copy.products)?;
    if let Some(code) = copy.failing_with {
        writeln!(out, "            the server could not be asked: {}", name(&code))?;
    }
    Ok(())
}

/// A word of the wire.
fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_with_a_running_kiosk_is_told_line_by_line() {
        let at = "2026-01-02T03:04:05Z";
        let health = json!({
            "at": at, "version": "1.2.3", "server": "https://shop.example", "key_store": "Secret Service",
            "stream": {"state": "down", "since": at, "last_event_at": at},
            "outbox": {"readable": true, "waiting": 2, "oldest": at, "in_memory": 1, "unreadable": 0, "attempts": 9,
                "failing_with": "server_unreachable", "next_try_at": at, "held_up": [],
                "wedged": [{"key": "0192f0c1-0000-7000-8000-000000000001", "made_at": at, "code": "product_not_found"}]},
            "catalogue": {"readable": true, "complete": false, "products": 500, "copied": 480, "total": 50_000, "as_of": at,
                "failing_with": "server_unreachable"},
            "set_aside": [{"file": "/data/outbox.db.damaged-1", "at": at}],
            "problems": [{"part": "push", "code": "server_unreachable", "times": 9, "at": at}],
        });
        let health: KioskHealth = serde_json::from_value(health).unwrap();
        let mut out = Vec::new();
        running(&mut out, Some(&health)).unwrap();
        let told = String::from_utf8(out).unwrap();
        for line in [
            "stream      down since 2026-01-02",
            "outbox      3 waiting, the oldest from 2026-01-02",
            "9 pushes in vain: server_unreachable",
            "wedged      0192f0c1-0000-7000-8000-000000000001 from",
            "product_not_found",
            "catalogue   500 products, being copied: 480 of 50000, as of 2026-01-02",
            "the server could not be asked: server_unreachable",
            "set aside   /data/outbox.db.damaged-1",
            "lately      push: server_unreachable, 9 times",
        ] {
            assert!(told.contains(line), "{line:?} is not in:\n{told}");
        }
    }
}
