//! What a customer's fingers, or a keyboard plugged in by one, must not do to the window.

use gtk::{
    gdk::{EventKey, ModifierType, keys::Key},
    glib::Propagation,
    prelude::*,
};
use tauri::{Url, WebviewWindow};
use webkit2gtk::{PermissionRequestExt as _, SettingsExt as _, WebView, WebViewExt as _};

/// The page's own guard, for what the page sees before the window does.
pub(crate) const SCRIPT: &str = r"
for (const kind of ['contextmenu', 'dragstart', 'drop', 'dragover', 'gesturestart']) {
  addEventListener(kind, (event) => event.preventDefault(), { capture: true });
}
addEventListener('wheel', (event) => event.ctrlKey && event.preventDefault(), { capture: true, passive: false });
";

/// Whether the window may go to `url`: the program's own page alone.
pub(crate) fn is_own(url: &Url) -> bool {
    url.scheme() == "tauri" && url.host_str() == Some("localhost")
}

/// Takes from the window what only a browser needs, and keys that belong to the system.
///
/// # Errors
/// The window is gone.
pub(crate) fn apply(window: &WebviewWindow) -> tauri::Result<()> {
    window.gtk_window()?.connect_key_press_event(|_, key| pass(is_for_the_page(key)));
    window.with_webview(|webview| harden(&webview.inner()))
}

fn harden(webview: &WebView) {
    if let Some(settings) = webkit2gtk::WebViewExt::settings(webview) {
        settings.set_enable_back_forward_navigation_gestures(false);
        settings.set_enable_media_stream(false);
        settings.set_enable_webrtc(false);
        settings.set_javascript_can_access_clipboard(false);
        settings.set_enable_developer_extras(cfg!(debug_assertions));
    }
    webview.connect_context_menu(|_, _, _, _| true);
    webview.connect_print(|_, _| true);
    webview.connect_script_dialog(|_, _| true);
    webview.connect_run_file_chooser(|_, _| true);
    webview.connect_permission_request(|_, request| {
        request.deny();
        true
    });
    webview.connect_zoom_level_notify(|webview| {
        if (webview.zoom_level() - 1.0).abs() > f64::EPSILON {
            webview.set_zoom_level(1.0);
        }
    });
    webview.connect_scroll_event(|_, scroll| pass(!scroll.state().contains(ModifierType::CONTROL_MASK)));
    keep_pinches(webview);
}

/// Claims two-finger gestures before `WebKit` does: its own zoom cannot be switched off, and a pinch can crash it.
fn keep_pinches(webview: &WebView) {
    let pinch = gtk::GestureZoom::new(webview);
    pinch.set_propagation_phase(gtk::PropagationPhase::Capture);
    pinch.connect_begin(|pinch, _| {
        pinch.set_state(gtk::EventSequenceState::Claimed);
    });
    // The gesture lives as long as somebody holds it, and has to live as long as the web view.
    webview.connect_destroy(move |_| pinch.reset());
}

const fn pass(allowed: bool) -> Propagation {
    if allowed { Propagation::Proceed } else { Propagation::Stop }
}

fn is_for_the_page(key: &EventKey) -> bool {
    is_plain(key.state()) && !is_function_key(key.keyval())
}

fn is_plain(state: ModifierType) -> bool {
    let held = ModifierType::CONTROL_MASK
        | ModifierType::MOD1_MASK
        | ModifierType::SUPER_MASK
        | ModifierType::HYPER_MASK
        | ModifierType::META_MASK;
    !state.intersects(held)
}

fn is_function_key(key: Key) -> bool {
    let name = key.name();
    let name = name.as_deref().unwrap_or_default();
    let numbered = name.strip_prefix('F').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    numbered || name.starts_with("XF86") || matches!(name, "Menu" | "Print" | "Sys_Req" | "Pause" | "Help")
}

#[cfg(test)]
mod tests {
    use gtk::gdk::keys::constants as key;

    use super::*;

    #[test]
    fn the_window_stays_at_home() {
        let is_own = |url: &str| is_own(&url.parse().unwrap());
        assert!(is_own("tauri://localhost/index.html"));
        for elsewhere in [
            "https://tauri.localhost/",
            "http://127.0.0.1:7070/",
            "file:///etc/passwd",
            "tauri://elsewhere/",
            "about:blank",
            "data:text/html,x",
        ] {
            assert!(!is_own(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn letters_pass_and_the_systems_keys_do_not() {
        assert!(is_plain(ModifierType::SHIFT_MASK | ModifierType::LOCK_MASK | ModifierType::MOD2_MASK));
        assert!(is_plain(ModifierType::MOD5_MASK), "the third level of a keyboard writes letters");
        for held in [ModifierType::CONTROL_MASK, ModifierType::MOD1_MASK, ModifierType::SUPER_MASK] {
            assert!(!is_plain(held | ModifierType::SHIFT_MASK));
        }
        for passes in [key::F, key::f, key::Return, key::BackSpace, key::_1, key::Tab] {
            assert!(!is_function_key(passes));
        }
        for stays in [key::F1, key::F11, key::F12, key::Menu, key::Print] {
            assert!(is_function_key(stays));
        }
    }
}
