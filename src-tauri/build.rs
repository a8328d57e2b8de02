//! Tells the window's access list which commands each area has.

use tauri_build::{Attributes, InlinedPlugin};

fn main() {
    // The page is compiled into the program.
    println!("cargo::rerun-if-changed=ui/dist/desktop");
    let attributes = Attributes::new()
        .plugin("screen", InlinedPlugin::new().commands(&["watch", "drawn", "beat"]))
        .plugin("kiosk", InlinedPlugin::new().commands(&["intend"]));
    if let Err(problem) = tauri_build::try_build(attributes) {
        println!("cargo::error=the desktop program cannot be prepared: {problem:#}");
    }
}
