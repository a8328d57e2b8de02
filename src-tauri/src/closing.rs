//! The end of the program: first the core, so that nothing of a customer stays, then the window.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use kiosk_core::KioskHandle;
use tauri::{AppHandle, Manager as _};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};

/// Longest wait for the core. The wipe itself is quick; a server out of reach is not.
const PATIENCE: Duration = Duration::from_secs(8);

/// Ends the program on SIGINT, SIGTERM and SIGHUP. Needs the runtime.
///
/// # Errors
/// The system refuses the handlers.
pub(crate) fn on_signals(app: &AppHandle) -> std::io::Result<()> {
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        tauri::async_runtime::spawn(wait(signal(kind)?, app.clone()));
    }
    Ok(())
}

async fn wait(mut signal: Signal, app: AppHandle) {
    if signal.recv().await.is_some() {
        close(app).await;
    }
}

/// Wipes and ends.
pub(crate) async fn close(app: AppHandle) {
    wipe(&app).await;
    app.exit(0);
}

/// Whether the program ends, or starts again: nothing new is begun then.
#[derive(Debug, Default)]
pub(crate) struct Ending(AtomicBool);

impl Ending {
    /// Whether `app` ends.
    pub(crate) fn of(app: &AppHandle) -> bool {
        app.try_state::<Self>().is_some_and(|ending| ending.0.load(Ordering::Acquire))
    }
}

/// Stops the core.
pub(crate) async fn wipe(app: &AppHandle) {
    if let Some(ending) = app.try_state::<Ending>() {
        ending.0.store(true, Ordering::Release);
    }
    if let Some(kiosk) = app.try_state::<KioskHandle>()
        && timeout(PATIENCE, kiosk.shutdown()).await.is_err()
    {
        tracing::warn!("the kiosk's core did not stop within {} s", PATIENCE.as_secs());
    }
}
