//! Every developer and operator command of the repository: `cargo xtask <command>`.

mod bench;
mod cargo;
mod ci;
mod dist;
mod doctor;
mod generate;
mod packages;
mod places;
mod run;
mod say;
mod schemathesis;
mod shots;
mod simulate;
mod system;
mod test;
mod ui;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Everything one does with this repository")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prepare this machine, build everything, and open the demo shop's kiosk.
    Run(run::Options),
    /// Run every test: unit tests first, then the stories on real parts.
    Test(test::Options),
    /// Everything that continuous integration checks: formatting, lints, generated files, licences, tests.
    Ci,
    /// Measure; results go to target/bench as JSON.
    Bench(bench::Options),
    /// Live through days in which everything goes wrong, each of a seed, and see that no change is lost, doubled or out of order.
    Sim(simulate::Options),
    /// Take a screenshot of every screen into docs/shots.
    Shots,
    /// Build the installable package, and try it on this machine.
    Dist(dist::Options),
    /// Write the generated files anew: TypeScript and the demo shop.
    Gen,
    /// Say what this machine has and lacks.
    Doctor,
}

fn main() -> std::process::ExitCode {
    let outcome = match Options::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Ci => ci::run(),
        Command::Bench(options) => bench::run(&options),
        Command::Sim(options) => simulate::run(&options),
        Command::Shots => shots::run(),
        Command::Dist(options) => dist::run(&options),
        Command::Gen => generate::run(),
        Command::Doctor => doctor::run(),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            say::problem(&format!("{error:#}"));
            std::process::ExitCode::FAILURE
        }
    }
}
