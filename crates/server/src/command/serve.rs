use std::{io::ErrorKind, net::SocketAddr, process::ExitCode};

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::{AppState, Config, assistant, http, node, output, session};

pub(super) async fn run(mut config: Config) -> anyhow::Result<ExitCode> {
    // Before anybody is told that the server is there, and so may ask it to stop.
    let mut signals = Signals::receive()?;
    let listener = listen(config.listen).await?;
    // With port 0 the system has chosen one only now.
    config.listen = listener.local_addr()?;
    config.check_demo()?;
    let mut listeners = vec![listener];
    for address in &mut config.listen_also {
        let listener = listen(*address).await?;
        *address = listener.local_addr()?;
        listeners.push(listener);
    }
    allow_connections(&mut config);
    let state = AppState::open(config).await?;
    if state.config.demo {
        output::complain(
            "demo is on: every caller is trusted and every phone number counts as verified; do not use it in a shop",
        );
    } else {
        session::operations::end_demo_sessions(&state).await?;
    }
    // A server that was killed while it spoke left sound behind.
    let _ = std::fs::remove_dir_all(state.config.speech());
    assistant::resume(&state).await?;
    node::join(&state)?;
    output::say(format_args!("listening on http://{}", state.config.listen));
    for address in &state.config.listen_also {
        output::say(format_args!("listening as well on http://{address}"));
    }
    tracing::info!(address = %state.config.listen, public = state.config.public_origin(), "serving");

    let stop = state.shutdown.clone();
    let mut served = tokio::spawn(http::serve_all(listeners, state.clone()));
    tokio::select! {
        signal = signals.next() => signal?,
        ended = &mut served => {
            ended??;
            anyhow::bail!("the server stopped by itself; see the log above");
        }
    }
    output::say("stopping");
    stop.cancel();
    tokio::select! {
        ended = &mut served => ended??,
        signal = signals.next() => {
            signal?;
            output::complain("stopped at once, as asked twice; requests under way were cut");
            return Ok(ExitCode::FAILURE);
        }
    }
    state.store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Takes as many open files as the system lets this program have, and no more connections than that is enough for.
#[cfg(unix)]
fn allow_connections(config: &mut Config) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// Files that are open besides connections: the database's, the log, what is being spoken.
    const OTHERS: u64 = 128;
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    let Some(files) = getrlimit(Resource::Nofile).current else { return };
    let enough = u32::try_from(files.saturating_sub(OTHERS)).unwrap_or(u32::MAX).max(1);
    if enough < config.bounds.connections {
        tracing::warn!(
            files,
            "this program may open too few files for all connections it is set to take; raise LimitNOFILE of its service"
        );
        config.bounds.connections = enough;
    }
}

#[cfg(not(unix))]
fn allow_connections(_: &mut Config) {}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            anyhow::anyhow!("port {} is taken; stop the other program, or choose another with --listen ADDR:PORT", address.port())
        }
        ErrorKind::AddrNotAvailable => {
            anyhow::anyhow!("{} is no address of this machine; choose another with --listen", address.ip())
        }
        ErrorKind::PermissionDenied => {
            anyhow::anyhow!("port {} needs more rights; choose one above 1023 with --listen", address.port())
        }
        _ => anyhow::Error::new(error).context(format!("cannot listen on {address}")),
    })
}

/// What asks the server to stop. Received from the moment this is made.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn receive() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let caught = |kind| signal(kind).context("signals cannot be received");
        Ok(Self { interrupt: caught(SignalKind::interrupt())?, terminate: caught(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> anyhow::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Ok(()),
        }
    }
}

/// What asks the server to stop.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn receive() -> anyhow::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> anyhow::Result<()> {
        tokio::signal::ctrl_c().await.context("signals cannot be received")
    }
}
