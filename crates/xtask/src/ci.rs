//! Exactly what continuous integration runs.

use crate::{cargo, packages, say, system, test, ui};

/// Formatting, lints, licences and tests, the quick checks first.
///
/// # Errors
/// The first check that fails.
pub fn run() -> anyhow::Result<()> {
    packages::ensure(packages::Purpose::Test)?;
    system::run(cargo::cargo().args(["fmt", "--all", "--check"]))?;
    ui::build()?;
    system::run(ui::npm().args(["run", "check"]))?;
    system::run(ui::npm().args(["run", "lint"]))?;
    system::run(cargo::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--features",
        "protocol/ts",
        "--",
        "--deny",
        "warnings",
    ]))?;
    deny()?;
    test::run(&test::Options::default())?;
    say::line("Everything that CI checks is in order.");
    Ok(())
}

fn deny() -> anyhow::Result<()> {
    if system::ask("cargo-deny", &["--version"]).is_none() {
        say::line("Installing cargo-deny");
        system::run(cargo::cargo().args(["install", "--locked", "cargo-deny"]))?;
    }
    system::run(cargo::cargo().args(["deny", "check", "bans", "licenses", "sources"]))
}
