//! Calling cargo.

use std::process::Command;

use crate::system;

/// What cargo tells a program that it runs about the program's package.
const OF_THIS_PACKAGE: &[&str] = &["CARGO_MANIFEST_", "CARGO_PKG_"];

/// The cargo that runs this program. It is not told what it told us of our package: a crate whose build looks at that would be
/// built anew, and all that needs it, whenever cargo is called once from here and once by hand.
pub fn cargo() -> Command {
    let mut command = system::command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| OF_THIS_PACKAGE.iter().any(|start| name.starts_with(start))) {
            command.env_remove(name);
        }
    }
    command
}

/// Builds both programs, cargo showing its own progress.
///
/// # Errors
/// The build fails.
pub fn build_programs() -> anyhow::Result<()> {
    crate::say::line("Building Vitrine (the first time takes some minutes)");
    system::run(cargo().args(["build", "--package", "vitrine", "--package", "server", "--bins"]))
}
