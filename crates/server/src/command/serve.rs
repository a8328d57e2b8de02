use std::{io::ErrorKind, process::ExitCode, time::Duration};

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::{AppState, Config, assistant, http, output};

/// Requests under way are given so long to end.
const GRACE: Duration = Duration::from_secs(5);

pub(super) async fn run(mut config: Config) -> anyhow::Result<ExitCode> {
    let listener = listen(&config).await?;
    // With port 0 the system has chosen one only now.
    config.listen = listener.local_addr()?;
    let state = AppState::open(config).await?;
    assistant::resume(&state).await?;
    output::say(format_args!("listening on http://{}", state.config.listen));
    tracing::info!(address = %state.config.listen, public = state.config.public_origin(), "serving");

    let stop = state.shutdown.clone();
    let mut served = tokio::spawn(http::serve(listener, state.clone()));
    tokio::select! {
        signal = signal() => signal?,
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
            ErrorKind::AddrInUse => anyhow::anyhow!("port {} is taken; stop the other program, or choose another with --listen ADDR:PORT", address.port()),
            ErrorKind::AddrNotAvailable => anyhow::anyhow!("{} is no address of this machine; choose another with --listen", address.ip()),
            ErrorKind::PermissionDenied => anyhow::anyhow!("port {} needs more rights; choose one above 1023 with --listen", address.port()),
            _ => anyhow::Error::new(error).context(format!("cannot listen on {address}")),
        }
    })
}

#[cfg(unix)]
async fn signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be received")?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.context("signals cannot be received"),
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> anyhow::Result<()> {
    tokio::signal::ctrl_c().await.context("signals cannot be received")
}
