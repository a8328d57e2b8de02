//! The installable package, and a try of it on this machine.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::Args;
use testkit::desktop::{Display, SecretStore, SessionBus};

use crate::{packages, places, say, system, ui};

/// The package's name in the system's list.
const PACKAGE: &str = "vitrine";
/// How long the installed program may take to show its code.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug, Args)]
pub struct Options {
    /// After building, install the package here, start it, and remove it again (needs root).
    #[arg(long = "try")]
    attempt: bool,
}

/// Builds the package, and tries it if that is wanted.
///
/// # Errors
/// A step fails, or the try leaves something behind.
pub fn run(options: &Options) -> anyhow::Result<()> {
    packages::ensure(if options.attempt { packages::Purpose::RunWithoutDisplay } else { packages::Purpose::Run })?;
    ui::install()?;
    say::line("Building the package (the first time takes about ten minutes)");
    let tauri = places::root().join("ui/node_modules/.bin/tauri");
    system::run(system::command(tauri).args(["build", "--bundles", "deb"]))?;
    let package = package()?;
    let size = package.metadata()?.len();
    say::line(&format!("{} ({:.1} MiB)", package.display(), megabytes(size)));
    if options.attempt {
        attempt(&package)?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a size for people, rounded anyway")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

fn package() -> anyhow::Result<PathBuf> {
    let folder = places::target().join("release/bundle/deb");
    std::fs::read_dir(&folder)
        .with_context(|| format!("{} is missing", folder.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .max_by_key(|path| path.metadata().and_then(|meta| meta.modified()).ok())
        .context("no package was built")
}

fn attempt(package: &Path) -> anyhow::Result<()> {
    if system::ask("dpkg-query", &["-W", "-f", "${db:Status-Status}", PACKAGE]).as_deref() == Some("installed") {
        bail!("a package named {PACKAGE} is installed here already; remove it before trying the new one");
    }
    system::run_quietly(
        "Installing the package",
        Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "--yes", "--no-install-recommends"])
            .arg(package),
    )?;
    let files = system::ask("dpkg-query", &["-L", PACKAGE]).unwrap_or_default();
    let shown = start();
    system::run_quietly(
        "Removing the package",
        Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(["purge", "--yes", PACKAGE]),
    )?;
    let code = shown?;
    say::line(&format!(
        "The installed program started, showed an enrolment code of {} characters, and was enrolled.",
        code.len()
    ));
    let left: Vec<&str> = files.lines().filter(|file| Path::new(file).is_file()).collect();
    if !left.is_empty() {
        bail!("these files were left behind: {}", left.join(" "));
    }
    say::line("It was removed without residue.");
    Ok(())
}

/// Starts the installed program beside a server of its own, on a virtual display, enrols it, and returns the code it showed.
fn start() -> anyhow::Result<String> {
    let home = std::env::temp_dir().join(format!("vitrine-dist-{}", std::process::id()));
    std::fs::create_dir_all(&home)?;
    let outcome = start_in(&home);
    let _ = std::fs::remove_dir_all(&home);
    outcome
}

fn start_in(home: &Path) -> anyhow::Result<String> {
    crate::cargo::build_programs()?;
    let display = Display::start(1080, 1920)?;
    let bus = SessionBus::start()?;
    let store = SecretStore::start(&bus, home, "for this try only")?;
    let mut server = crate::run::Place::start(home, 7090, false)?;
    let mut command = Command::new("/usr/bin/vitrine");
    command.args(["--role", "kiosk", "--server", server.url(), "--print-enrolment-code", "--data"]).arg(home.join("kiosk"));
    display.furnish(&mut command);
    bus.furnish(&mut command);
    store.furnish(&mut command);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("the installed program cannot be started")?;
    let output = child.stdout.take().context("the installed program's output cannot be read")?;
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    let enrolled = enrol(&receive, &server, home);
    crate::run::end(&mut child);
    server.still_serves()?;
    enrolled
}

/// Lets the kiosk in by the code that it shows; the code.
fn enrol(said: &mpsc::Receiver<String>, server: &crate::run::Place, home: &Path) -> anyhow::Result<String> {
    let next = |start: &str| {
        loop {
            let line = said.recv_timeout(PATIENCE).with_context(|| format!("it did not say \"{start}\" within a minute"))?;
            if let Some(rest) = line.strip_prefix(start) {
                return anyhow::Ok(rest.trim().to_owned());
            }
        }
    };
    let code = next("enrolment code: ").context("the installed program showed no enrolment code")?;
    server.enrol(home, &code)?;
    next("enrolled: ").context("the installed program was not enrolled")?;
    Ok(code)
}
