//! The systemd units of the kiosk's package, judged by systemd itself.
#![expect(clippy::print_stderr, reason = "a test stops where it fails, and says loudly what it cannot show")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What systemd before 254 passes over, as the unit says.
const NEWER: [&str; 2] = ["RestartSteps", "RestartMaxDelaySec"];

#[test]
fn systemd_understands_every_line_of_the_units() {
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src-tauri/deb");
    let folder = tempfile::tempdir().unwrap();
    let files = fs::read_dir(units).unwrap().map(|entry| entry.unwrap().path());
    let units: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|kind| kind == "service")).collect();
    assert_eq!(units.len(), 2);
    let mut command = Command::new("systemd-analyze");
    command.args(["--user", "verify"]).env("XDG_RUNTIME_DIR", folder.path());
    for unit in units {
        // The program itself is not installed here.
        let text = fs::read_to_string(&unit).unwrap().replace("/usr/bin/vitrine", "/bin/true");
        let copy = folder.path().join(unit.file_name().unwrap());
        fs::write(&copy, text).unwrap();
        command.arg(copy);
    }
    let Ok(judged) = command.output() else {
        eprintln!("\n!!!! NOT TESTED: systemd-analyze is not here, so nobody has judged the units\n");
        return;
    };
    let said = String::from_utf8_lossy(&judged.stderr);
    let wrong: Vec<&str> = said.lines().filter(|line| !NEWER.iter().any(|newer| line.contains(newer))).collect();
    assert!(judged.status.success() && wrong.is_empty(), "{wrong:#?}");
}
