//! What the session server can do, measured on the real program: release build, embedded database, logging and limits on, the
//! client on the same machine. Writes `bench/server.json` in cargo's target folder and prints a table.
//!
//! Callers come from addresses of their own, as from behind a balancer, because limits count by address. The load is closed:
//! each connection sends its next request when it has the last answer, so that a latency holds for the rate beside it.

mod client;
mod login;
mod report;
mod restore;
mod shop;
mod streams;
mod update;

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Parser;
use testkit::{
    bench::{Machine, folder, publish, say},
    limits,
};

use crate::{report::Report, shop::Shop};

/// Files and connections that the largest measurement needs, with some to spare.
const OPEN_FILES: u64 = 12_000;
/// A server that nobody has called for so long is idle.
const REST: Duration = Duration::from_secs(75);

#[derive(Clone, Debug, Parser)]
struct Options {
    /// How often each main figure is measured.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Seconds of one run.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Sessions in the database.
    #[arg(long, default_value_t = 10_000)]
    sessions: usize,
    /// Open event streams.
    #[arg(long, default_value_t = 10_000)]
    streams: usize,
    /// Measure these alone: restore, update, login, streams.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

impl Options {
    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == part)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(options.runs > 0 && options.seconds > 0 && options.sessions > 0, "runs, seconds and sessions must be more than 0");
    limits::open_files(OPEN_FILES)?;
    let bench = folder()?;

    say("preparing a shop")?;
    let mut shop = Shop::open(&bench, &options).await?;
    let mut report = Report::new(Machine::look(shop.folder())?, &shop)?;
    say("starting with all sessions")?;
    for _ in 0..options.runs {
        report.started(shop.restart()?);
    }
    report.idle_mb = shop.memory_mb()?;
    if options.wants("restore") {
        report.restore = Some(restore::measure(&shop, &options).await?);
    }
    if options.wants("update") {
        report.update = Some(update::measure(&shop, &options).await?);
    }
    report.warm_mb = shop.memory_mb()?;
    say("letting the server rest")?;
    tokio::time::sleep(REST).await;
    report.rested_mb = shop.memory_mb()?;
    if options.wants("login") {
        report.login = Some(login::measure(&shop, &options).await?);
    }
    if options.wants("streams") && options.streams > 0 {
        shop.restart()?;
        report.streams = Some(streams::measure(&shop, &options).await?);
    }
    publish("server.json", &report)
}
