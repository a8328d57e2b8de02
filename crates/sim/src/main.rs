//! Lives through days of seeds, and prints the seed of each on which a promise was not kept.

use std::{io::Write as _, process::ExitCode, time::Instant};

use clap::Parser;
use sim::{Rules, live};

#[derive(Debug, Parser)]
#[command(about = "Kiosks, their server and the network in one deterministic world")]
struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// This one alone, with everything that happened.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let mut out = std::io::stdout().lock();
    if let Some(seed) = options.seed {
        let outcome = live(seed, Rules::default())?;
        for line in &outcome.trace {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "trace {:016x}", outcome.hash)?;
        if let Some(broken) = outcome.broken {
            writeln!(out, "seed {seed}: {broken}")?;
            return Ok(ExitCode::FAILURE);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let began = Instant::now();
    let (mut failed, mut made, mut away, mut slowest) = (Vec::new(), 0, 0, std::time::Duration::ZERO);
    for seed in options.from..options.from + options.seeds {
        let outcome = live(seed, Rules::default())?;
        made += outcome.made;
        away += outcome.began_away;
        slowest = slowest.max(outcome.converged_in.unwrap_or_default());
        if let Some(broken) = outcome.broken {
            writeln!(out, "seed {seed}: {broken}")?;
            failed.push(seed);
        }
    }
    writeln!(
        out,
        "{} seeds, {made} changes, {away} guests without the server, slowest convergence {slowest:?}, {} failed, {:.1} s",
        options.seeds,
        failed.len(),
        began.elapsed().as_secs_f64()
    )?;
    if let Some(seed) = failed.first() {
        writeln!(out, "see what happened with: cargo xtask sim --seed {seed}")?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
