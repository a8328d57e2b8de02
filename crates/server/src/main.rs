//! `vitrine-server`: the session server as a program.

use std::process::ExitCode;

use clap::Parser as _;
use server::{command::Command, logging, output};
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static MEMORY: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let command = Command::parse();
    // Kept to the end, so that the last lines are written.
    let _log = match logging::start(command.log_format()) {
        Ok(log) => log,
        Err(error) => {
            output::complain(format_args!("vitrine-server cannot write its log: {error:#}"));
            return ExitCode::FAILURE;
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(format_args!("vitrine-server cannot start its threads: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(command.run()) {
        Ok(code) => code,
        Err(error) => {
            output::complain(format_args!("vitrine-server: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
