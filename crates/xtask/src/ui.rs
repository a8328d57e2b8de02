//! Building what the webviews show.

use anyhow::{Context as _, bail};

use crate::{places, system};

/// Oldest Node.js that the UI's tools run on.
const NODE: u32 = 20;

/// Installs the UI's packages and builds it, each only if something changed since the last time.
///
/// # Errors
/// Node.js is missing or too old, or a step fails.
pub fn build() -> anyhow::Result<()> {
    install()?;
    let ui = places::root().join("ui");
    let sources = system::newest(&[
        &ui.join("src"),
        &ui.join("package-lock.json"),
        &ui.join("vite.config.ts"),
        &ui.join("index.html"),
        &ui.join("phone"),
    ]);
    let built = stamp(&ui);
    if built.is_some() && built >= sources {
        return Ok(());
    }
    system::run_quietly("Building the screens", npm().args(["run", "build"]))
}

fn stamp(ui: &std::path::Path) -> Option<std::time::SystemTime> {
    let of = |page: &str| ui.join("dist").join(page).join("index.html").metadata().and_then(|meta| meta.modified()).ok();
    Some(of("desktop")?.min(of("phone")?))
}

/// Installs the UI's packages if they are not those of the lock file.
///
/// # Errors
/// Node.js is missing or too old, or the installation fails.
pub fn install() -> anyhow::Result<()> {
    install_in("ui", "Installing the packages of the screens")
}

/// Installs what tests start besides: the sign-in provider and the chat's client, each if its packages are not those of its lock
/// file.
///
/// # Errors
/// As [`install`].
pub fn install_peers() -> anyhow::Result<()> {
    install_in("crates/testkit/provider", "Installing the packages of the tests' sign-in provider")?;
    install_in("crates/server/tests/socket/client", "Installing the packages of the tests' chat client")
}

fn install_in(folder: &str, what: &str) -> anyhow::Result<()> {
    check_node()?;
    let folder = places::root().join(folder);
    let modified = |file: &str| folder.join(file).metadata().and_then(|meta| meta.modified()).ok();
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    let mut npm = system::command("npm");
    system::run_quietly(what, npm.current_dir(folder).args(["ci", "--no-audit", "--no-fund"]))
}

/// `npm` in the UI's folder.
pub fn npm() -> std::process::Command {
    let mut command = system::command("npm");
    command.current_dir(places::root().join("ui"));
    command
}

fn check_node() -> anyhow::Result<()> {
    let version = system::ask("node", &["--version"])
        .with_context(|| format!("Node.js is missing: install version {NODE} or newer (https://nodejs.org, or your system's packages), then run the command again"))?;
    if major(&version).is_none_or(|major| major < NODE) {
        bail!("Node.js {version} is too old: install version {NODE} or newer, then run the command again");
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("nonsense"), None);
    }
}
