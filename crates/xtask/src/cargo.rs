//! Calling cargo.

use std::process::Command;

use crate::system;

/// The cargo that runs this program.
pub fn cargo() -> Command {
    system::command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Builds both programs, cargo showing its own progress.
///
/// # Errors
/// The build fails.
pub fn build_programs() -> anyhow::Result<()> {
    crate::say::line("Building Vitrine (the first time takes some minutes)");
    system::run(cargo().args(["build", "--package", "vitrine", "--package", "server", "--bins"]))
}
