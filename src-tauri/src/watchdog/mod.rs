//! Starts the program again when the page's process dies or hangs, or when the program has grown too large.
//!
//! A page that is only loaded again keeps channels to a program that has gone on without it; a new program does not. The core
//! ends a running conversation first, so that the customer's session has everything, and they only have to scan again.

mod heartbeat;
mod memory;
mod restarts;
mod supervisor;

use std::{
    process::exit,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kiosk_core::KioskHandle;
use protocol::{
    Clock,
    view::{Screen, View},
};
use tauri::{AppHandle, Manager as _, WebviewWindow};
use tokio::{sync::watch, time::sleep};
use webkit2gtk::{WebProcessTerminationReason, WebViewExt as _};

use crate::{closing, processes, program::Program};
use memory::Guard;

pub(crate) use heartbeat::Heartbeat;

/// How long a window may take to close.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// What starts the program again. Clones are the same.
#[derive(Clone)]
pub(crate) struct Watchdog {
    app: AppHandle,
    program: Program,
    clock: Arc<dyn Clock>,
    restarting: Arc<AtomicBool>,
}

impl Watchdog {
    pub(crate) fn new(app: &AppHandle, program: Program, clock: Arc<dyn Clock>) -> Self {
        Self { app: app.clone(), program, clock, restarting: Arc::default() }
    }

    /// Watches the page of `window`, and the memory: at most `memory_limit` bytes, 0 for any number.
    ///
    /// # Errors
    /// The window is gone.
    pub(crate) fn watch(
        &self,
        window: &WebviewWindow,
        views: watch::Receiver<Arc<View>>,
        memory_limit: u64,
    ) -> tauri::Result<()> {
        let crashed = self.clone();
        window.with_webview(move |webview| {
            webview.inner().connect_web_process_terminated(move |_, reason| {
                let reason = match reason {
                    // The window itself replaces the page's process when a customer leaves.
                    WebProcessTerminationReason::TerminatedByApi => return,
                    WebProcessTerminationReason::ExceededMemoryLimit => "it used too much memory",
                    _ => "it crashed",
                };
                tracing::error!(reason, "the page's process ended; starting again");
                tauri::async_runtime::spawn(crashed.clone().restart());
            });
        })?;
        tauri::async_runtime::spawn(self.clone().listen());
        tauri::async_runtime::spawn(self.clone().obey());
        tauri::async_runtime::spawn(self.clone().guard(views, Guard::new(memory_limit)));
        Ok(())
    }

    async fn listen(self) {
        let mut pulse = heartbeat::Pulse::default();
        loop {
            sleep(heartbeat::LOOK).await;
            let Some(heartbeat) = self.app.try_state::<Heartbeat>() else { continue };
            if pulse.hangs(heartbeat.beats()) {
                tracing::error!("the page hangs; starting again");
                return self.restart().await;
            }
        }
    }

    /// Starts again where staff say so.
    async fn obey(self) {
        if let Some(kiosk) = self.app.try_state::<KioskHandle>().map(|kiosk| kiosk.inner().clone()) {
            kiosk.wants_to_start_anew().await;
            tracing::info!("staff start the program anew");
            self.restart().await;
        }
    }

    async fn guard(self, views: watch::Receiver<Arc<View>>, mut guard: Guard) {
        while guard.is_on() {
            sleep(memory::LOOK).await;
            let nobody = matches!(views.borrow().screen, Screen::Attract(_));
            let (resident, now) = (processes::resident(), self.now());
            if guard.is_due(resident, nobody, now) {
                tracing::warn!(resident, "the program has grown too large; starting again while nobody is there");
                return self.start_again(memory::VARIABLE, now.to_string()).await;
            }
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().unix_millis() / 1_000
    }

    /// Starts again after something went wrong, unless that has happened too often.
    async fn restart(self) {
        if let Some(restarts) = restarts::next(self.now()) {
            self.start_again(restarts::VARIABLE, restarts).await;
        } else {
            tracing::error!("this happened more than {} times within {} s; giving up", restarts::MOST, restarts::WITHIN);
            self.end().await;
        }
    }

    /// Starts again; the new life has the variable `name`.
    async fn start_again(self, name: &'static str, value: String) {
        if self.restarting.swap(true, Ordering::AcqRel) {
            return;
        }
        closing::wipe(&self.app).await;
        // A page that hangs would outlive the program that replaces this one, with all that it holds.
        processes::end_children();
        if closing::Ending::is_for_good(&self.app) {
            return;
        }
        let cause = self.program.again_with([(name, value)]);
        tracing::error!(%cause, "the program cannot start itself again");
        self.end().await;
    }

    async fn end(self) {
        closing::wipe(&self.app).await;
        processes::end_children();
        self.app.exit(1);
        // A window that hangs does not hear it.
        sleep(LAST_WORDS).await;
        exit(1);
    }
}
