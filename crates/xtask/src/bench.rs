//! Measurements.

use clap::{Args, ValueEnum};

use crate::{cargo, packages, places, system, ui};

#[derive(Debug, Args)]
pub struct Options {
    /// What to measure.
    #[arg(value_enum)]
    what: What,
    /// How often; by default 20 handoffs, and 3 runs of each other figure.
    #[arg(long)]
    runs: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Machine time of the handoff, on the real window and a real browser; target/bench/handoff.json.
    Handoff,
    /// Rates, latencies and memory of the session server, on the real program; target/bench/server.json.
    Server,
    /// A full outbox, the catalogue and its search on a kiosk, and a kiosk that nobody uses; target/bench/sync.json.
    Sync,
}

/// Prepares the machine and measures.
///
/// # Errors
/// The machine cannot be prepared, or the measurement fails.
pub fn run(options: &Options) -> anyhow::Result<()> {
    packages::ensure(packages::Purpose::Test)?;
    ui::build()?;
    let runs = options.runs.map(|runs| ["--runs".to_owned(), runs.to_string()]);
    match options.what {
        What::Handoff => {
            build_as_installed()?;
            let mut bench = cargo::cargo();
            bench.args(["run", "--package", "testkit", "--bin", "bench-handoff", "--"]).args(runs.iter().flatten());
            system::run(bench.env("VITRINE_PROGRAMS", places::target().join("release")))
        }
        What::Server => {
            // The client shares the machine, so it should cost little, too.
            system::run(cargo::cargo().args([
                "build",
                "--release",
                "--package",
                "server",
                "--package",
                "testkit",
                "--bin",
                "vitrine-server",
                "--bin",
                "bench-server",
            ]))?;
            let bench = places::target().join("release/bench-server");
            system::run(system::command(bench).args(runs.iter().flatten()))
        }
        What::Sync => {
            build_as_installed()?;
            // The kiosk's core is in it.
            system::run(cargo::cargo().args(["build", "--release", "--package", "sim", "--bin", "bench-sync"]))?;
            let bench = places::target().join("release/bench-sync");
            system::run(system::command(bench).args(runs.iter().flatten()))
        }
    }
}

/// Both programs as the packages have them, so that what is measured is what is installed.
fn build_as_installed() -> anyhow::Result<()> {
    system::run(cargo::cargo().args(["build", "--release", "--bins", "--features", "tauri/custom-protocol"]))?;
    system::run(cargo::cargo().args(["build", "--release", "--package", "server", "--bins"]))
}
