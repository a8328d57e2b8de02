//! The one window, and how it fills the screen.

use std::{
    env,
    path::{Path, PathBuf},
    time::Duration,
};

use gtk::prelude::*;
use tauri::{
    AppHandle, PhysicalPosition, PhysicalSize, WebviewWindow, WebviewWindowBuilder, WindowEvent, webview::NewWindowResponse,
};
use tokio::time::sleep;

use crate::lockdown;

/// The window's name in tauri.conf.json.
const NAME: &str = "main";

/// Between two looks at whether the window fills the screen, and how many there are.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: u32 = 50;

/// Whether a test drives the window.
pub(crate) fn is_automated() -> bool {
    env::var("TAURI_WEBVIEW_AUTOMATION").is_ok_and(|value| value == "true")
}

/// Opens the window, locked down unless it is `windowed`. `folder` is the program's own.
///
/// # Errors
/// There is no window in tauri.conf.json, or the system refuses one.
pub(crate) fn open(app: &AppHandle, folder: &Path, windowed: bool) -> tauri::Result<WebviewWindow> {
    let config = app.config().app.windows.iter().find(|window| window.label == NAME);
    let config = config.ok_or(tauri::Error::WindowNotFound)?;
    let window = WebviewWindowBuilder::from_config(app, config)?
        .data_directory(web_folder(folder))
        // The driver of an automated window cannot reach one that keeps nothing.
        .incognito(!is_automated())
        .initialization_script(lockdown::SCRIPT)
        .on_navigation(lockdown::is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .decorations(windowed)
        .build()?;
    if windowed {
        return window.show().map(|()| window);
    }
    lockdown::apply(&window)?;
    window.on_window_event(|event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            api.prevent_close();
        }
    });
    fill(&window);
    window.show()?;
    refill_when_screens_change(&window)?;
    Ok(window)
}

/// Where the web view may put files. It writes none, but insists on a folder.
fn web_folder(folder: &Path) -> PathBuf {
    let own = folder.join("webview");
    if std::fs::create_dir_all(&own).is_ok() { own } else { env::temp_dir().join("vitrine-webview") }
}

fn refill_when_screens_change(window: &WebviewWindow) -> tauri::Result<()> {
    if let Some(screen) = WidgetExt::screen(&window.gtk_window()?) {
        let (on_size, on_monitors) = (window.clone(), window.clone());
        screen.connect_size_changed(move |_| fill(&on_size));
        screen.connect_monitors_changed(move |_| fill(&on_monitors));
    }
    Ok(())
}

/// Makes the window as large as the screen, and looks whether it is: not every window manager obeys, and a kiosk may have none.
fn fill(window: &WebviewWindow) {
    let window = window.clone();
    tauri::async_runtime::spawn(async move {
        for _ in 0..LOOKS {
            match try_to_fill(&window) {
                Ok(true) => return,
                Ok(false) => sleep(LOOK).await,
                Err(cause) => return tracing::warn!(%cause, "the window cannot be made to fill the screen"),
            }
        }
        tracing::warn!(
            "the window does not fill the screen; run the kiosk without a window manager, or under a kiosk compositor"
        );
    });
}

/// Whether the window filled the screen already; otherwise asks for it.
fn try_to_fill(window: &WebviewWindow) -> tauri::Result<bool> {
    let Some(monitor) = window.current_monitor()?.or(window.primary_monitor()?) else { return Ok(false) };
    let (position, size): (PhysicalPosition<i32>, PhysicalSize<u32>) = (*monitor.position(), *monitor.size());
    if window.is_visible()? && window.inner_size()? == size && window.inner_position()? == position {
        return Ok(true);
    }
    window.set_position(position)?;
    window.set_size(size)?;
    window.set_fullscreen(true)?;
    Ok(false)
}
