//! The catalogue on its way to a kiosk: all of it once, and then what has changed.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use kiosk_store::{Shelf as _, SqlShelf};
use serde::Serialize;
use testkit::{
    bench::{Cost, Spread, say},
    server::TestServer,
    wait,
};

use crate::{
    Options,
    kiosk::Kiosk,
    products::{self, sku},
};

const LIMIT: Duration = Duration::from_mins(10);
/// Of so many products one changes.
const ONE_OF: usize = 100;

#[derive(Debug, Serialize)]
pub struct Copy {
    pub products: u64,
    /// Everything, from the start of a kiosk that has nothing.
    pub first: Transfer,
    /// Products that had a new price when the kiosk came back.
    pub changed: usize,
    /// Those alone.
    pub difference: Transfer,
    /// The file on the kiosk's disk.
    pub file_mb: f64,
    /// How many times longer the first copy takes.
    pub first_to_difference: f64,
}

/// What a copy costs.
#[derive(Debug, Serialize)]
pub struct Transfer {
    pub seconds: Spread,
    /// From the server, as sent.
    pub wire_mb: Spread,
    pub kiosk_cpu_seconds: Spread,
    pub kiosk_written_mb: Spread,
}

struct Run {
    took: Duration,
    wire: u64,
    cost: Cost,
}

pub async fn measure(server: &TestServer, kiosk: &Kiosk, folder: &Path, options: &Options) -> Result<Copy> {
    let (mut first, mut difference) = (Vec::new(), Vec::new());
    let changed = options.products / ONE_OF;
    for run in 0..options.runs {
        say(&format!("copying {} products, run {} of {}", options.products, run + 1, options.runs))?;
        forget(&kiosk.folder)?;
        first.push(copy(server, kiosk, async |shelf| Ok(shelf.state().await?.complete)).await?);

        let shelf = SqlShelf::new(&kiosk.folder, &kiosk.key()?);
        let before = price(&shelf, changed - 1).await?;
        shelf.close().await;
        let raised = folder.join(format!("raised-{run}"));
        products::write_some(&raised, changed, 10 * (i64::try_from(run)? + 1))?;
        products::import(server, &raised)?;
        let news = async |shelf: &SqlShelf| {
            let state = shelf.state().await?;
            Ok(state.complete && price(shelf, 0).await? > 0 && price(shelf, changed - 1).await? != before)
        };
        difference.push(copy(server, kiosk, news).await?);
    }
    let shelf = SqlShelf::new(&kiosk.folder, &kiosk.key()?);
    let products = shelf.state().await?.products;
    shelf.close().await;
    ensure!(products == options.products as u64, "the kiosk has {products} products");
    let file_mb = mega(fs::metadata(kiosk.folder.join("catalogue.db"))?.len());
    let (first, difference) = (Transfer::of(&first), Transfer::of(&difference));
    let first_to_difference = first.seconds.median / difference.seconds.median;
    Ok(Copy { products, first, changed, difference, file_mb, first_to_difference })
}

/// Runs the kiosk until its copy is as wanted.
async fn copy(server: &TestServer, kiosk: &Kiosk, wanted: impl AsyncFn(&SqlShelf) -> Result<bool>) -> Result<Run> {
    // Read past the kiosk, by somebody with its key; the file is made by whoever comes first.
    let shelf = SqlShelf::new(&kiosk.folder, &kiosk.key()?);
    shelf.state().await?;
    let (wire, cost) = (server.wire().carried(), Cost::of(std::process::id())?);
    let began = Instant::now();
    let core = kiosk.start()?;
    let done = wait::until("the copy of the catalogue", LIMIT, async || Ok(wanted(&shelf).await?.then(Instant::now))).await?;
    let run = Run {
        took: done.duration_since(began),
        wire: server.wire().carried() - wire,
        cost: Cost::of(std::process::id())?.since(cost),
    };
    core.shutdown().await;
    shelf.close().await;
    Ok(run)
}

async fn price(shelf: &SqlShelf, number: usize) -> Result<i64> {
    let found = shelf.product(&sku(number).into()).await?;
    Ok(found.map(|found| found.product.price_minor).unwrap_or_default())
}

/// Takes the copy of the catalogue away.
fn forget(folder: &Path) -> Result<()> {
    for file in fs::read_dir(folder)? {
        let file = file?;
        if file.file_name().to_string_lossy().starts_with("catalogue.db") {
            fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

impl Transfer {
    fn of(runs: &[Run]) -> Self {
        let each = |read: fn(&Run) -> f64| Spread::of(runs.iter().map(read));
        Self {
            seconds: each(|run| run.took.as_secs_f64()),
            wire_mb: each(|run| mega(run.wire)),
            kiosk_cpu_seconds: each(|run| run.cost.cpu_seconds),
            kiosk_written_mb: each(|run| mega(run.cost.disk_bytes)),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a measurement are far below 2^52")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}
