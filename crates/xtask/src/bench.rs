//! Measurements.

use clap::{Args, ValueEnum};

use crate::{cargo, packages, places, system, ui};

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
            // As the package is built, so that what is measured is what is installed.
            system::run(cargo::cargo().args(["build", "--release", "--bins", "--features", "tauri/custom-protocol"]))?;
            system::run(cargo::cargo().args(["build", "--release", "--package", "server", "--bins"]))?;
            let runs = options.runs.to_string();
            let mut bench = cargo::cargo();
            bench.args(["run", "--package", "testkit", "--bin", "bench-handoff", "--", "--runs", &runs]);
            system::run(bench.env("VITRINE_PROGRAMS", places::target().join("release")))
        }
    }
}
