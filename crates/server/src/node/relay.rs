use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use futures_util::StreamExt as _;
use tokio::sync::Notify;

use crate::{config::SecretAddress, key::hex, state::AppState};

/// How long telling the others may take; after that they find out by themselves.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tells the other nodes that something was committed. It carries no data, and a message that is lost costs them the time
/// until they look at the log by themselves.
#[derive(Debug, Default)]
pub struct Relay {
    committed: Notify,
}

impl Relay {
    /// Something was committed that others may wait for.
    pub fn committed(&self) {
        self.committed.notify_one();
    }
}

/// Joins the bus of the nodes, where the config names one, until the server stops. A bus that is away is tried again for ever.
///
/// # Errors
/// The address cannot be read; the error does not repeat it.
pub fn join(state: &AppState) -> anyhow::Result<()> {
    let Some(address) = &state.config.bus_url else { return Ok(()) };
    if state.store.shared().is_none() {
        tracing::warn!("there is a bus, but a database in a file has one node only; the bus is not used");
        return Ok(());
    }
    let servers = read(address)?;
    let state = state.clone();
    tokio::spawn(async move {
        if let Err(error) = run(&state, servers).await {
            tracing::error!(%error, "the bus cannot be used; the nodes look at the event log by themselves");
        }
    });
    Ok(())
}

/// Whether the address of a bus can be read.
///
/// # Errors
/// It cannot; the error does not repeat it, because it may hold a password.
pub fn read(address: &SecretAddress) -> anyhow::Result<Vec<ServerAddr>> {
    let servers = address.reveal().split(',').map(|server| server.trim().parse::<ServerAddr>());
    servers.collect::<Result<_, _>>().map_err(|_| {
        anyhow::anyhow!("the address of the bus must be like nats://host:4222, or several of them divided by commas")
    })
}

async fn run(state: &AppState, servers: Vec<ServerAddr>) -> anyhow::Result<()> {
    let watched = state.clone();
    let client = ConnectOptions::new()
        .name("vitrine-server")
        .no_echo()
        .retry_on_initial_connect()
        .max_reconnects(None)
        .event_callback(move |event| {
            let state = watched.clone();
            async move { look_again(&state, &event) }
        })
        .connect(servers)
        .await?;
    // One bus may serve several shops. Only nodes with this shop's key know where it speaks.
    let subject = format!("vitrine.{}", hex(&state.key.mac("bus", &[])[..16]));
    let mut heard = client.subscribe(subject.clone()).await?;
    loop {
        tokio::select! {
            () = state.shutdown.cancelled() => return Ok(()),
            () = state.relay.committed.notified() => tell(&client, &subject).await,
            message = heard.next() => match message {
                Some(_) => state.bus.nudge(),
                None => return Ok(()),
            },
        }
    }
}

async fn tell(client: &Client, subject: &str) {
    // While the bus is away nobody would hear it, and what waits for the bus must not pile up.
    let _ = tokio::time::timeout(PATIENCE, client.publish(subject.to_owned(), "".into())).await;
}

fn look_again(state: &AppState, event: &Event) {
    match event {
        Event::Connected => {
            tracing::info!("the bus of the nodes is there");
            // Whatever was said meanwhile was not heard.
            state.bus.nudge();
        }
        Event::Disconnected => {
            tracing::warn!("the bus of the nodes is away; they look at the event log by themselves until it is back");
        }
        Event::SlowConsumer(_) => state.bus.nudge(),
        other => tracing::debug!(%other, "bus"),
    }
}
