//! Measurements.

use clap::{Args, ValueEnum};

use crate::{cargo, packages, system, ui};

#[derive(Debug, Args)]
pub struct Options {
    /// What to measure.
    #[arg(value_enum)]
    what: What,
    /// How often.
    #[arg(long, default_value_t = 20)]
    runs: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Machine time of the handoff, on the real window and a real browser; target/bench/handoff.json.
    Handoff,
}

/// Prepares the machine and measures.
///
/// # Errors
/// The machine cannot be prepared, or the measurement fails.
pub fn run(options: &Options) -> anyhow::Result<()> {
    packages::ensure(packages::Purpose::Test)?;
    ui::build()?;
    match options.what {
        What::Handoff => {
            system::run(cargo::cargo().args(["build", "--release", "--package", "vitrine", "--package", "server", "--bins"]))?;
            system::run(cargo::cargo().args([
                "run",
                "--release",
                "--package",
                "testkit",
                "--bin",
                "bench-handoff",
                "--",
                "--runs",
                &options.runs.to_string(),
            ]))
        }
    }
}
