//! The program's log: lines on standard error, as text for people or as JSON for programs.
//!
//! Lines are written by a thread of their own, so that a slow reader of the log slows down no request. What is logged names
//! requests, routes and internal ids; never a token, password, code, phone number, address or message.

mod lines;

use std::io::IsTerminal as _;

use anyhow::Context as _;
pub use lines::Log;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What is logged where `VITRINE_LOG` says nothing.
const USUAL: &str = "info,sqlx=warn";

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: an object a line.
    Json,
}

/// Starts the log of this program. What is logged is written until the answer is dropped, and then all that is left.
///
/// # Errors
/// There is a log already, or the system has no thread for it.
pub fn start(format: LogFormat) -> anyhow::Result<Log> {
    let filter = EnvFilter::try_from_env("VITRINE_LOG").unwrap_or_else(|_| EnvFilter::new(USUAL));
    let log = Log::to(std::io::stderr())?;
    let lines = tracing_subscriber::fmt::layer().with_writer(log.lines()).with_ansi(std::io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    let started = match format {
        LogFormat::Text => registry.with(lines).try_init(),
        // The request is the only span there is.
        LogFormat::Json => registry.with(lines.json().flatten_event(true).with_span_list(false)).try_init(),
    };
    started.context("there is another log")?;
    Ok(log)
}
