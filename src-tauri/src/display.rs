//! What the machine can draw with.

use std::{env, path::Path};

use anyhow::bail;

use crate::program::Program;

/// Tells `WebKit` to pass pixels through shared memory.
const NO_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Makes sure that there is a display, and that `WebKit` draws on it.
///
/// Without a graphics card `WebKit`'s buffers stay empty and the window white unless its renderer is told before the first
/// window; the program then starts itself again with the variable set. Whoever set it has decided already.
///
/// # Errors
/// There is no display.
pub(crate) fn prepare(program: &Program) -> anyhow::Result<()> {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        bail!("there is no display; start it inside a graphical session, or set DISPLAY or WAYLAND_DISPLAY");
    }
    if env::var_os(NO_DMABUF).is_none() && !has_graphics_card(Path::new("/dev/dri")) {
        let cause = program.again_with(NO_DMABUF, "1");
        tracing::warn!(%cause, "the program cannot start itself again with {NO_DMABUF}=1; set it by hand if the window stays white");
    }
    Ok(())
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
