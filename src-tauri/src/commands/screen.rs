//! What the page draws.

use std::sync::Arc;

use kiosk_core::KioskHandle;
use protocol::view::View;
use tauri::{
    State, Wry,
    ipc::Channel,
    plugin::{Builder, TauriPlugin},
};

use crate::{bridge::Bridge, watchdog::Heartbeat};

#[tauri::command]
fn watch(bridge: State<'_, Bridge>, kiosk: State<'_, KioskHandle>, on_view: Channel<Arc<View>>) {
    bridge.connect(kiosk.views(), on_view);
}

#[tauri::command]
fn drawn(kiosk: State<'_, KioskHandle>, number: u64) {
    kiosk.drawn(number);
}

#[tauri::command]
fn beat(heartbeat: State<'_, Heartbeat>) {
    heartbeat.beat();
}

/// The commands of this area.
pub(crate) fn area() -> TauriPlugin<Wry> {
    Builder::new("screen").invoke_handler(tauri::generate_handler![watch, drawn, beat]).build()
}
