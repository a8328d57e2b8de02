//! Touches.

use kiosk_core::KioskHandle;
use protocol::{ApiError, intent::Intent};
use tauri::{
    State, Wry,
    plugin::{Builder, TauriPlugin},
};

#[tauri::command]
fn intend(kiosk: State<'_, KioskHandle>, intent: Intent) -> Result<(), ApiError> {
    kiosk.intend(intent)
}

/// The commands of this area.
pub(crate) fn area() -> TauriPlugin<Wry> {
    Builder::new("kiosk").invoke_handler(tauri::generate_handler![intend]).build()
}
