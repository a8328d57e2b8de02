//! Pictures of every screen.

use crate::{cargo, packages, system, ui};

/// Takes them from the real window and a real browser into docs/shots.
///
/// # Errors
/// The machine cannot be prepared, or a screen does not come.
pub fn run() -> anyhow::Result<()> {
    packages::ensure(packages::Purpose::Test)?;
    ui::build()?;
    cargo::build_programs()?;
    system::run(cargo::cargo().args(["run", "--package", "testkit", "--bin", "shots"]))
}
