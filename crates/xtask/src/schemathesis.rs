//! The generator of requests that the server's description is tried with: a Python program in a folder of its own.

use anyhow::Context as _;

use crate::{places, system};

/// Its version and those of what it needs.
const REQUIREMENTS: &str = "crates/server/tests/properties/requirements.txt";

/// Installs it below the build folder, unless the wanted version is there.
///
/// # Errors
/// Python is missing, or the installation fails.
pub fn install() -> anyhow::Result<()> {
    let folder = places::target().join("tools/schemathesis");
    let wanted =
        std::fs::read_to_string(places::root().join(REQUIREMENTS)).with_context(|| format!("{REQUIREMENTS} is missing"))?;
    let stamp = folder.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let what = "Installing the generator of requests";
    system::run_quietly(what, system::command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let arguments = ["install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS];
    system::run_quietly(what, system::command(folder.join("bin/pip")).args(arguments))?;
    std::fs::write(&stamp, wanted).with_context(|| format!("{} cannot be written", stamp.display()))
}
