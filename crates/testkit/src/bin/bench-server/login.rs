//! Password logins, each of which takes a core for a moment and 19 MiB.

use anyhow::Result;
use protocol::routes;
use serde::Serialize;
use serde_json::json;

use testkit::bench::{Runs, say};

use crate::{
    Options,
    client::{Draw, Load, request},
    shop::{PASSWORD, Shop},
};

/// More than there are cores, so that none waits for the client. Each has accounts of its own: whoever tries an account several
/// times at once looks like somebody who guesses.
const CONNECTIONS: usize = 8;

#[derive(Debug, Serialize)]
pub struct Login {
    pub runs: Runs,
    /// Of the middle run.
    pub per_second_and_core: f64,
    pub memory_mb_before: f64,
    /// After each run; it may hold what the hashes took, and does not grow from run to run.
    pub memory_mb_after: Vec<f64>,
}

pub async fn measure(shop: &Shop, options: &Options) -> Result<Login> {
    let port = shop.port()?;
    let logins: Vec<Vec<u8>> = (0..)
        .zip(shop.accounts())
        .map(|(number, phone)| {
            let body = json!({"phone_number": phone, "password": PASSWORD});
            request("POST", routes::AUTH_LOGIN, number, &[], Some(&body))
        })
        .collect();
    let memory_mb_before = shop.memory_mb()?;
    let (mut runs, mut memory_mb_after) = (Vec::new(), Vec::new());
    for run in 0..options.runs {
        say(&format!("signing in, run {} of {}", run + 1, options.runs))?;
        runs.push(
            Load { port, connections: CONNECTIONS, seconds: options.seconds, requests: &logins, draw: Draw::Own }.run().await?,
        );
        memory_mb_after.push(shop.memory_mb()?);
    }
    let runs = Runs::of(CONNECTIONS, runs);
    let cores = f64::from(u32::try_from(std::thread::available_parallelism()?.get())?);
    Ok(Login { per_second_and_core: runs.per_second.median / cores, runs, memory_mb_before, memory_mb_after })
}
