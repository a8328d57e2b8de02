//! From the core's views to the page: the one that holds now, then each new one.

use std::sync::{Arc, Mutex, PoisonError};

use protocol::view::View;
use tauri::{async_runtime::JoinHandle, ipc::Channel};
use tokio::sync::watch;

/// The page's line to the core. A page that connects again takes the place of the one before.
#[derive(Debug, Default)]
pub(crate) struct Bridge {
    line: Mutex<Option<JoinHandle<()>>>,
}

impl Bridge {
    pub(crate) fn connect(&self, mut views: watch::Receiver<Arc<View>>, page: Channel<Arc<View>>) {
        views.mark_changed();
        let line = tauri::async_runtime::spawn(async move {
            while views.changed().await.is_ok() {
                let view = Arc::clone(&views.borrow_and_update());
                if let Err(cause) = page.send(view) {
                    tracing::warn!(%cause, "the page takes no view");
                    return;
                }
            }
        });
        let mut held = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = held.replace(line) {
            before.abort();
        }
    }
}
