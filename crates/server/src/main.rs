//! `vitrine-server`: the session server as a program.

use std::{io::IsTerminal as _, process::ExitCode};

use clap::Parser as _;
use server::{command::Command, output};

fn main() -> ExitCode {
    let command = Command::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("VITRINE_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn")),
        )
        .init();
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
