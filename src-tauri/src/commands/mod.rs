//! What the page may ask of the program, one file per area.

#![expect(clippy::needless_pass_by_value, reason = "Tauri hands a command its arguments by value")]

pub(crate) mod kiosk;
pub(crate) mod screen;
