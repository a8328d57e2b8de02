//! Running other programs.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

/// A program in the repository's root.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::places::root());
    command
}

/// Runs to the end, its output going where ours goes.
///
/// # Errors
/// It cannot be started, or it fails.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("{name} cannot be started; is it installed?"))?;
    if !status.success() {
        bail!("{name} failed ({status}); its own words stand above");
    }
    Ok(())
}

/// Runs to the end and shows a spinner instead of its output, which is shown only if it fails.
///
/// # Errors
/// It cannot be started, or it fails.
pub fn run_quietly(what: &str, command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let bar = crate::say::step(what);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{name} cannot be started; is it installed?"));
    bar.finish_and_clear();
    let output = output?;
    if !output.status.success() {
        crate::say::problem(&String::from_utf8_lossy(&output.stdout));
        crate::say::problem(&String::from_utf8_lossy(&output.stderr));
        bail!("{name} failed ({}) while: {what}", output.status);
    }
    Ok(())
}

/// What a program prints, without the white space around it; none if it cannot be run or fails.
pub fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program of this name is on the path.
pub fn has(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// The newest modification below a folder or of a file, in any of `places`.
pub fn newest(places: &[&Path]) -> Option<std::time::SystemTime> {
    places.iter().filter_map(|place| newest_below(place)).max()
}

fn newest_below(place: &Path) -> Option<std::time::SystemTime> {
    let meta = place.metadata().ok()?;
    if meta.is_file() {
        return meta.modified().ok();
    }
    let entries = std::fs::read_dir(place).ok()?;
    entries
        .flatten()
        .filter(|entry| entry.file_name() != "node_modules" && entry.file_name() != "dist")
        .filter_map(|entry| newest_below(&entry.path()))
        .max()
}
