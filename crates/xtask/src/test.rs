//! Every test.

use clap::Args;

use crate::{cargo, packages, schemathesis, system, ui};

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
    schemathesis::install()?;
    ui::install_peers()?;
    // One build for all of them: what is built differs with the packages that are asked for.
    system::run(tests().arg("--no-run"))?;
    system::run(tests().args(["--lib", "--bins"]).args(options.filter.as_deref()))?;
    let rest: &[&str] = if options.fast { &["--exclude", "vitrine"] } else { &[] };
    system::run(tests().args(rest).args(["--test", "*"]).args(options.filter.as_deref()))
}

fn tests() -> std::process::Command {
    let mut command = cargo::cargo();
    command.args(["test", "--workspace", "--features", "protocol/ts"]);
    command
}
