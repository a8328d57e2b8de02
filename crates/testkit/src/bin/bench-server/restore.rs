//! Reading sessions: `GET /session/restore` with the tokens of all of them, drawn at random.

use anyhow::Result;
use protocol::routes;
use serde::Serialize;

use testkit::bench::{Runs, say};

use crate::{
    Options,
    client::{Connection, Draw, Load, request},
    shop::Shop,
};

/// The load that the target is stated for.
const CONNECTIONS: usize = 32;
const OTHERS: &[usize] = &[1, 8, 128, 512];

#[derive(Debug, Serialize)]
pub struct Restore {
    /// Sessions that were read.
    pub sessions: usize,
    pub answer_bytes: usize,
    /// The least that any request costs: `GET /health`.
    pub floor: Runs,
    pub main: Runs,
    /// Of `main`, how much of the floor's rate is left.
    pub of_the_floor: f64,
    /// One run each.
    pub others: Vec<Runs>,
}

pub async fn measure(shop: &Shop, options: &Options) -> Result<Restore> {
    let port = shop.port()?;
    let health: Vec<Vec<u8>> =
        (0..shop.sessions().len()).map(|number| request("GET", routes::HEALTH, number, &[], None)).collect();
    let restores: Vec<Vec<u8>> = (0..)
        .zip(shop.sessions())
        .map(|(number, session)| {
            request("GET", routes::SESSION_RESTORE, number, &[(routes::HEADER_SESSION_TOKEN, &session.token)], None)
        })
        .collect();
    let mut connection = Connection::open(port).await?;
    let mut answer_bytes = 0;
    for restore in &restores {
        answer_bytes = connection.call(restore).await?.1.len();
    }
    let load = |connections, requests| Load { port, connections, seconds: options.seconds, requests, draw: Draw::Any };
    // Turn by turn, so that what else the machine does meets both alike.
    let (mut floor, mut main) = (Vec::new(), Vec::new());
    for run in 0..options.runs {
        say(&format!("reading sessions, run {} of {}", run + 1, options.runs))?;
        floor.push(load(CONNECTIONS, &health).run().await?);
        main.push(load(CONNECTIONS, &restores).run().await?);
    }
    let mut others = Vec::new();
    for connections in OTHERS {
        say(&format!("reading sessions over {connections} connections"))?;
        others.push(Runs::of(*connections, vec![load(*connections, &restores).run().await?]));
    }
    let (floor, main) = (Runs::of(CONNECTIONS, floor), Runs::of(CONNECTIONS, main));
    Ok(Restore {
        sessions: restores.len(),
        answer_bytes,
        of_the_floor: main.per_second.median / floor.per_second.median,
        floor,
        main,
        others,
    })
}
