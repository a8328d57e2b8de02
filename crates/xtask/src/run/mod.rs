//! `cargo xtask run`: from a fresh clone to a shop's kiosk that a phone can sign in to.

mod kiosk;
mod log;
mod machine;
mod people;
mod server;
mod stop;

pub use server::{Place, end};

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Args;

use crate::{cargo, packages, places, say, ui};

#[derive(Debug, Args)]
pub struct Options {
    /// Serve phones on the same network; without this, only this machine.
    #[arg(long, conflicts_with = "server")]
    lan: bool,
    /// Run the kiosk against this server instead of starting one.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Stop by itself after so many minutes.
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
    /// Port of the server that is started; the next free one if it is taken.
    #[arg(long, default_value_t = 7070)]
    port: u16,
    /// Where everything is kept between two runs.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Prepares, starts, waits, and stops everything again.
///
/// # Errors
/// A step fails; what was started before it is stopped.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let display = machine::has_display();
    packages::ensure(if display { packages::Purpose::Run } else { packages::Purpose::RunWithoutDisplay })?;
    ui::build()?;
    cargo::build_programs()?;

    let data = options.data.clone().unwrap_or_else(|| places::run().join("data"));
    std::fs::create_dir_all(&data)
        .with_context(|| format!("{} cannot be made; choose another folder with --data", data.display()))?;
    std::fs::create_dir_all(places::run()).context("target/run cannot be made; is the disk full or the folder read-only?")?;

    let stop = stop::Stop::on_signals(options.minutes.map(|minutes| Duration::from_secs(minutes * 60)))?;
    let mut server = match &options.server {
        Some(url) => Place::elsewhere(url),
        None => Place::start(&data, options.port, options.lan)?,
    };
    let machine = machine::Machine::prepare(&data, display)?;
    let mut kiosk = kiosk::Kiosk::start(&machine, &data, server.url())?;
    kiosk.wait_until_enrolled(&server, &data, &stop)?;
    if !stop.is_due() {
        people::introduce(&data, server.url(), &machine);
    }
    let outcome = kiosk.attend(&machine, &mut server, &stop);
    drop(kiosk);
    drop(machine);
    drop(server);
    say::line("Stopped.");
    outcome
}
