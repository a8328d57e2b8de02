//! What a kiosk costs that nobody uses: the real program in its window on a virtual screen.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Serialize;
use testkit::{
    bench::{Cost, resident_mb, say},
    desktop::PORTRAIT,
    glass::Glass,
    wait,
};

use crate::Options;

/// What happens at the start is over after so long, and the sound device is closed.
const SETTLED: Duration = Duration::from_mins(2);
const LIMIT: Duration = Duration::from_mins(1);

#[derive(Debug, Serialize)]
pub struct Idle {
    pub seconds: u64,
    /// The server is there: the code on the screen changes every 15 s.
    pub online: Rest,
    /// The server is away.
    pub offline: Rest,
}

/// A rest of the program.
#[derive(Debug, Serialize)]
pub struct Rest {
    /// The program, without the processes of its page.
    pub program: Cost,
    /// The processes of its page.
    pub page: Cost,
    /// Resident memory of all of them, in MB; what they share is counted for each.
    pub resident_mb: f64,
}

pub async fn measure(options: &Options) -> Result<Idle> {
    say(&format!("watching an idle kiosk for {} s, with its server", options.seconds))?;
    let mut glass = Glass::open(PORTRAIT).await?;
    tokio::time::sleep(SETTLED).await;
    let online = rest(&glass, options.seconds).await?;
    glass.server.stop()?;
    wait::until_true("the code leaves the glass", LIMIT, async || Ok(glass.scan_now()?.is_none())).await?;
    say(&format!("watching it for {} s, without", options.seconds))?;
    tokio::time::sleep(SETTLED).await;
    let offline = rest(&glass, options.seconds).await?;
    Ok(Idle { seconds: options.seconds, online, offline })
}

async fn rest(glass: &Glass, seconds: u64) -> Result<Rest> {
    let before = costs(glass)?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let after = costs(glass)?;
    let spent = |of_page: bool| -> Result<Cost> {
        let mine = after.iter().filter(|(process, ..)| process.of_page == of_page);
        let spent = mine.map(|(process, cost, _)| {
            let (_, then, _) = before.iter().find(|(other, ..)| other == process).context("a process came while it rested")?;
            Ok(cost.since(*then))
        });
        spent.sum()
    };
    Ok(Rest { program: spent(false)?, page: spent(true)?, resident_mb: after.iter().map(|(.., resident)| resident).sum() })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    id: u32,
    of_page: bool,
}

fn costs(glass: &Glass) -> Result<Vec<(Process, Cost, f64)>> {
    let processes = glass.kiosk.processes();
    let costs = processes.into_iter().map(|process| {
        let of_page = process.name.starts_with("WebKit");
        Ok((Process { id: process.id, of_page }, Cost::of(process.id)?, resident_mb(process.id)?))
    });
    costs.collect()
}
