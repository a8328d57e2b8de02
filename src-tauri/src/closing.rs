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
    Ending::note(&app, |ending| &ending.for_good);
    wipe(&app).await;
    app.exit(0);
}

/// How this life of the program ends.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    begun: AtomicBool,
    for_good: AtomicBool,
}

impl Ending {
    /// Whether `app` ends, or starts again: nothing new is begun then.
    pub(crate) fn has_begun(app: &AppHandle) -> bool {
        app.try_state::<Self>().is_some_and(|ending| ending.begun.load(Ordering::Acquire))
    }

    /// Whether somebody wants `app` to end. Its page may have been ended first, which is no reason to start again.
    pub(crate) fn is_for_good(app: &AppHandle) -> bool {
        app.try_state::<Self>().is_some_and(|ending| ending.for_good.load(Ordering::Acquire))
    }

    fn note(app: &AppHandle, what: impl Fn(&Self) -> &AtomicBool) {
        if let Some(ending) = app.try_state::<Self>() {
            what(&ending).store(true, Ordering::Release);
        }
    }
}

/// Stops the core.
pub(crate) async fn wipe(app: &AppHandle) {
    Ending::note(app, |ending| &ending.begun);
    if let Some(kiosk) = app.try_state::<KioskHandle>()
        && timeout(PATIENCE, kiosk.shutdown()).await.is_err()
    {
        tracing::warn!("the kiosk's core did not stop within {} s", PATIENCE.as_secs());
    }
}
