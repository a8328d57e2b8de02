//! Every test.

use clap::Args;

use crate::{cargo, packages, system, ui};

#[derive(Debug, Default, Args)]
pub struct Options {
    /// Leave the stories on real parts out.
    #[arg(long)]
    fast: bool,
    /// Only tests whose name contains this.
    filter: Option<String>,
}

/// Prepares the machine, then runs the tests, the fast ones first.
///
/// # Errors
/// The machine cannot be prepared, or a test fails.
pub fn run(options: &Options) -> anyhow::Result<()> {
    packages::ensure(packages::Purpose::Test)?;
    ui::build()?;
    let filter = options.filter.iter().map(String::as_str);
    system::run(
        cargo::cargo().args(["test", "--workspace", "--exclude", "vitrine", "--features", "protocol/ts"]).args(filter.clone()),
    )?;
    if options.fast {
        return Ok(());
    }
    cargo::build_programs()?;
    system::run(cargo::cargo().args(["test", "--package", "vitrine"]).args(filter))
}
