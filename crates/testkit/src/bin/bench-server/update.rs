//! Writing: `POST /session/update` with a message, answered once it is on the disk.

use anyhow::Result;
use protocol::routes;
use serde::Serialize;
use serde_json::json;

use testkit::bench::{Runs, say};

use crate::{
    Options,
    client::{Connection, Draw, Load, NUMBER, request},
    shop::Shop,
};

/// The load that the target is stated for.
const CONNECTIONS: usize = 64;
const OTHERS: &[usize] = &[1, 16, 256];

#[derive(Debug, Serialize)]
pub struct Update {
    /// Sessions that were written to, each as likely as any other.
    pub sessions: usize,
    pub main: Runs,
    /// One run each.
    pub others: Vec<Runs>,
    /// Of the last session, with its conversation.
    pub answer_bytes: usize,
    pub memory_mb_after: f64,
}

pub async fn measure(shop: &Shop, options: &Options) -> Result<Update> {
    let port = shop.port()?;
    // The same words twice within a moment are one message that was saved twice.
    let message = format!("Do you have the jacket {NUMBER} in size M?");
    let body = json!({"action": "chat_message", "payload": {"message": message, "sender": "user"}});
    let updates: Vec<Vec<u8>> = (0..)
        .zip(shop.sessions())
        .map(|(number, session)| {
            request("POST", routes::SESSION_UPDATE, number, &[(routes::HEADER_SESSION_TOKEN, &session.token)], Some(&body))
        })
        .collect();
    let load = |connections| Load { port, connections, seconds: options.seconds, requests: &updates, draw: Draw::Any };
    let mut main = Vec::new();
    for run in 0..options.runs {
        say(&format!("writing messages, run {} of {}", run + 1, options.runs))?;
        main.push(load(CONNECTIONS).run().await?);
    }
    let mut others = Vec::new();
    for connections in OTHERS {
        say(&format!("writing messages over {connections} connections"))?;
        others.push(Runs::of(*connections, vec![load(*connections).run().await?]));
    }
    let mut connection = Connection::open(port).await?;
    let mut answer_bytes = 0;
    if let Some(update) = updates.last() {
        answer_bytes = connection.call(update).await?.1.len();
    }
    Ok(Update {
        sessions: updates.len(),
        main: Runs::of(CONNECTIONS, main),
        others,
        answer_bytes,
        memory_mb_after: shop.memory_mb()?,
    })
}
