//! The deterministic simulation of kiosks, server and network.

use clap::Args;

use crate::{cargo, system};

/// More seeds than this are worth an optimised build.
const MANY: u64 = 2_000;

#[derive(Debug, Args)]
pub struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Replay this one alone, with everything that happened.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
}

/// Runs the simulation.
///
/// # Errors
/// It cannot be built, or a promise was not kept; the seeds are printed.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let mut command = cargo::cargo();
    command.args(["run", "--quiet", "--package", "sim", "--bin", "sim"]);
    if options.seed.is_none() && options.seeds > MANY {
        command.arg("--release");
    }
    command.arg("--");
    match options.seed {
        Some(seed) => command.args(["--seed".to_owned(), seed.to_string()]),
        None => command.args(["--seeds".to_owned(), options.seeds.to_string(), "--from".to_owned(), options.from.to_string()]),
    };
    system::run(&mut command)
}
