//! What the machine can draw with.

use std::{env, path::Path};

use crate::program::Variable;

/// Tells `WebKit` to pass pixels through shared memory.
const NO_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Whether there is a display to draw on.
pub(crate) fn is_there() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// What `WebKit` must be told and has not been.
///
/// Without a graphics card its buffers stay empty and the window white unless its renderer is told before the first window.
/// Whoever set the variable has decided already.
pub(crate) fn missing() -> Option<Variable> {
    (env::var_os(NO_DMABUF).is_none() && !has_graphics_card(Path::new("/dev/dri"))).then(|| (NO_DMABUF, "1".into()))
}

fn has_graphics_card(devices: &Path) -> bool {
    let names = |entry: std::io::Result<std::fs::DirEntry>| entry.ok().map(|entry| entry.file_name());
    devices.read_dir().is_ok_and(|entries| {
        entries
            .filter_map(names)
            .any(|name| name.to_string_lossy().starts_with("card") || name.to_string_lossy().starts_with("renderD"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graphics_card_is_known_by_its_device() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!has_graphics_card(&devices.path().join("dri")));
        assert!(!has_graphics_card(devices.path()));
        std::fs::create_dir(devices.path().join("by-path")).unwrap();
        assert!(!has_graphics_card(devices.path()));
        std::fs::write(devices.path().join("renderD128"), "").unwrap();
        assert!(has_graphics_card(devices.path()));
    }
}
