//! What the window still holds of a customer when they leave: what they marked, what the page stored, and the page's own memory.
//!
//! A page that is told to forget keeps old texts in its heap until they happen to be overwritten. So its process is ended and a
//! fresh one draws the goodbye; the core has wiped the rest by then.

use std::sync::Arc;

use gtk::{gdk, gio};
use protocol::view::{Screen, View};
use tauri::{Manager as _, WebviewWindow};
use tokio::sync::watch;
use webkit2gtk::{WebView, WebViewExt as _, WebsiteDataManagerExtManual as _, WebsiteDataTypes};

use crate::{closing::Ending, window};

/// Clears the window each time a conversation is over, until the core ends.
pub(crate) async fn follow(window: WebviewWindow, mut views: watch::Receiver<Arc<View>>) {
    let mut visited = false;
    while views.changed().await.is_ok() {
        let visiting = matches!(views.borrow_and_update().screen, Screen::Conversation(_));
        if visited && !visiting {
            // An error means that the window is gone, and with it what it held.
            let ending = Ending::has_begun(window.app_handle());
            let _ = window.with_webview(move |webview| forget(&webview.inner(), ending));
        }
        visited = visiting;
    }
}

fn forget(webview: &WebView, ending: bool) {
    clear_selections();
    if ending {
        // The whole program goes, and a process that begins now would be ended in the middle of it.
        return;
    }
    if let Some(data) = webview.website_data_manager() {
        let cleared = |result: Result<(), gtk::glib::Error>| {
            if let Err(cause) = result {
                tracing::warn!(%cause, "the page's stored data were not cleared");
            }
        };
        data.clear(WebsiteDataTypes::ALL, gtk::glib::TimeSpan(0), gio::Cancellable::NONE, cleared);
    }
    // The driver of an automated window cannot follow the page into another process.
    if !window::is_automated() {
        webview.terminate_web_process();
        webview.reload();
    }
}

/// Takes both clipboards from whoever has them, and leaves them empty.
fn clear_selections() {
    for selection in [gdk::SELECTION_PRIMARY, gdk::SELECTION_CLIPBOARD] {
        let clipboard = gtk::Clipboard::get(&selection);
        // Only an owner can clear it.
        clipboard.set_text("");
        clipboard.clear();
    }
}
