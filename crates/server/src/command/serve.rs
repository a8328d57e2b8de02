use std::{io::ErrorKind, process::ExitCode, time::Duration};

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::{AppState, Config, assistant, http, node, output, session};

/// Requests under way are given so long to end.
const GRACE: Duration = Duration::from_secs(5);

pub(super) async fn run(mut config: Config) -> anyhow::Result<ExitCode> {
    // Before anybody is told that the server is there, and so may ask it to stop.
    let mut signals = Signals::receive()?;
    let listener = listen(&config).await?;
    // With port 0 the system has chosen one only now.
    config.listen = listener.local_addr()?;
    config.check_demo()?;
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
    tracing::info!(address = %state.config.listen, public = state.config.public_origin(), "serving");

    let stop = state.shutdown.clone();
    let mut served = tokio::spawn(http::serve(listener, state.clone()));
    tokio::select! {
        signal = signals.next() => signal?,
        ended = &mut served => {
            ended??;
            anyhow::bail!("the server stopped by itself; see the log above");
        }
    }
    output::say("stopping");
    stop.cancel();
    // A caller that never ends its request must not keep the server from stopping.
    if let Ok(ended) = tokio::time::timeout(GRACE, served).await {
        ended??;
    }
    state.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    TcpListener::bind(config.listen).await.map_err(|error| {
        let address = config.listen;
        match error.kind() {
            ErrorKind::AddrInUse => anyhow::anyhow!(
                "port {} is taken; stop the other program, or choose another with --listen ADDR:PORT",
                address.port()
            ),
            ErrorKind::AddrNotAvailable => {
                anyhow::anyhow!("{} is no address of this machine; choose another with --listen", address.ip())
            }
            ErrorKind::PermissionDenied => {
                anyhow::anyhow!("port {} needs more rights; choose one above 1023 with --listen", address.port())
            }
            _ => anyhow::Error::new(error).context(format!("cannot listen on {address}")),
        }
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
