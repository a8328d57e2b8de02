use std::{fmt::Display, fs, io::Write as _, path::PathBuf};

use anyhow::{Context as _, Result};
use serde::Serialize;

/// Says on standard error what is being measured.
///
/// # Errors
/// Standard error is closed.
pub fn say(line: &str) -> Result<()> {
    Ok(writeln!(std::io::stderr(), "{line}")?)
}

/// `bench` in Cargo's target folder, which this program lies in; made where it is missing.
///
/// # Errors
/// The program lies elsewhere, or the folder cannot be made.
pub fn folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).context("this program lies in no target folder")?;
    let folder = target.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Writes the report as `name` into the [`folder`], and prints it.
///
/// # Errors
/// The file cannot be written, or standard output is closed.
pub fn publish(name: &str, report: &(impl Serialize + Display)) -> Result<()> {
    let file = folder()?.join(name);
    fs::write(&file, format!("{}\n", serde_json::to_string_pretty(report)?))
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(write!(std::io::stdout(), "{report}")?)
}
