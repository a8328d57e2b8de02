//! What sync costs, measured on the real parts: the kiosk's core with its encrypted files, the session server with its database,
//! and for an idle kiosk the real window on a virtual screen. Release builds; both sides share the machine. Writes
//! `bench/sync.json` in cargo's target folder and prints a table.

mod copy;
mod flush;
mod idle;
mod kiosk;
mod products;
mod report;
mod search;

use anyhow::{Result, ensure};
use clap::Parser;
use kiosk_store::{Shelf as _, SqlShelf};
use testkit::bench::{Machine, folder, publish, say};

use crate::{kiosk::Kiosk, report::Report};

#[derive(Clone, Debug, Parser)]
struct Options {
    /// Changes that wait when the server comes back.
    #[arg(long, default_value_t = 10_000)]
    ops: usize,
    /// Products in the shop.
    #[arg(long, default_value_t = 50_000)]
    products: usize,
    /// Searches.
    #[arg(long, default_value_t = 2_000)]
    searches: usize,
    /// Seconds that an idle kiosk is watched.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How often each figure is measured.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Measure these alone: flush, copy, search, idle.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

impl Options {
    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == part)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(options.runs > 0 && options.searches > 0 && options.seconds > 0, "runs, searches and seconds must be more than 0");
    let bench = folder()?;
    let folder = tempfile::Builder::new().prefix("sync-").tempdir_in(&bench)?;
    let mut report = Report::new(Machine::look(folder.path())?, &options);
    if options.wants("flush") {
        report.flush = Some(flush::measure(folder.path(), &options).await?);
    }
    if options.wants("copy") || options.wants("search") {
        say("filling a shop")?;
        let server = products::shop(folder.path(), options.products)?;
        let kiosk = Kiosk::enrol(&server, &folder.path().join("copying")).await?;
        report.copy = Some(copy::measure(&server, &kiosk, folder.path(), &options).await?);
        if options.wants("search") {
            say("searching")?;
            let shelf = SqlShelf::new(&kiosk.folder, &kiosk.key()?);
            report.search = Some(search::measure(&shelf, &options).await?);
            shelf.close().await;
        }
    }
    if options.wants("idle") {
        report.idle = Some(idle::measure(&options).await?);
    }
    publish("sync.json", &report)
}
