//! What this machine has and lacks.

use crate::{packages, say, system};

/// Says it, a line each.
///
/// # Errors
/// Never; what is missing is said, not failed on.
#[expect(clippy::unnecessary_wraps, reason = "every command has one shape")]
pub fn run() -> anyhow::Result<()> {
    for (name, program, arguments) in [
        ("Rust", "rustc", ["--version"].as_slice()),
        ("Node.js", "node", &["--version"]),
        ("npm", "npm", &["--version"]),
        ("C compiler", "cc", &["-dumpversion"]),
        ("WebKitGTK", "pkg-config", &["--modversion", "webkit2gtk-4.1"]),
        ("English voice", "flite", &["--version"]),
        ("other voices", "espeak-ng", &["--version"]),
        ("kiosk", &crate::places::program("vitrine").to_string_lossy(), &["--doctor"]),
    ] {
        let found = system::ask(program, arguments);
        say::line(&format!("{name:>14}: {}", found.as_deref().unwrap_or("not found")));
    }
    let display = std::env::var("DISPLAY").or_else(|_| std::env::var("WAYLAND_DISPLAY"));
    say::line(&format!("{:>14}: {}", "display", display.as_deref().unwrap_or("none; `cargo xtask run` starts a virtual one")));
    let missing = packages::missing(packages::Purpose::Test);
    say::line(&format!(
        "{:>14}: {}",
        "packages",
        if missing.is_empty() { "all there".to_owned() } else { format!("missing: {}", missing.join(" ")) }
    ));
    Ok(())
}
