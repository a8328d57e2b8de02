//! The desktop program's shell: window, keys, sound and settings of the machine around the kiosk's core.
//!
//! It holds no rule of the business. What the page shows comes from the core, what is touched goes to it.

mod announce;
mod bridge;
mod closing;
mod commands;
mod desktop;
mod display;
mod doctor;
mod freed;
mod health;
mod keystore;
mod leaving;
mod lockdown;
mod options;
mod pictures;
mod processes;
mod program;
mod settings;
mod speaker;
mod watchdog;
mod window;

use std::{env, io::IsTerminal as _, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::Parser as _;
use tracing_subscriber::EnvFilter;
use url::Url;

use options::{Options, Role};

/// Runs the program as its command line says.
///
/// # Errors
/// Something is in the way that no window can show; the text says what to do.
pub fn run() -> anyhow::Result<ExitCode> {
    let program = program::Program::current().context("the system does not tell this program's path; is /proc mounted?")?;
    let options = Options::parse();
    log_to_stderr();
    let folder = folder(options.data.clone())?;
    if !options.doctor {
        processes::keep_crashes_off_the_disk().context("core dumps cannot be switched off; start it with a core limit of 0")?;
        // Before the settings are read: it may start the program again, which would not find a damaged file any more.
        prepare(&program)?;
    }
    let found = settings::read(&folder);
    let settings_damaged = options.server.is_none() && matches!(found, settings::Found::Damaged { .. });
    let settings = found.settings();
    if options.role.unwrap_or(settings.role) == Role::Staff {
        bail!("this version has the kiosk role alone; start it with --role kiosk");
    }
    let server = match options.server {
        Some(server) => server,
        None => Url::parse(&settings.server)
            .context("the server's address in settings.json makes no sense; correct it, or give --server")?,
    };
    if options.doctor {
        doctor::report(&mut std::io::stdout(), &server, &folder)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (windowed, print_enrolment_code) = (options.windowed, options.print_enrolment_code);
    let setup = desktop::Setup { program, server, folder, settings, settings_damaged, windowed, print_enrolment_code };
    let status = desktop::run(setup)?;
    Ok(u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Makes sure that there is a display. What the libraries must be told before they start is told by starting the program again,
/// with the variables set.
fn prepare(program: &program::Program) -> anyhow::Result<()> {
    if !display::is_there() {
        bail!("there is no display; start it inside a graphical session, or set DISPLAY or WAYLAND_DISPLAY");
    }
    let missing: Vec<_> = freed::missing().into_iter().chain(display::missing()).collect();
    if !missing.is_empty() {
        let cause = program.again_with(missing.clone());
        tracing::warn!(%cause, ?missing, "the program cannot start itself again with these variables; set them by hand");
    }
    Ok(())
}

fn log_to_stderr() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,vitrine_lib=info,kiosk_core=info,voice=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

/// The folder of this kiosk's own files (XDG Base Directory Specification).
fn folder(chosen: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let from = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let default = || Some(from("XDG_DATA_HOME").or_else(|| from("HOME").map(|home| home.join(".local/share")))?.join("vitrine"));
    let folder = chosen.or_else(default).context("there is no home folder; choose a folder with --data")?;
    std::path::absolute(&folder)
        .with_context(|| format!("{} is no possible folder; choose another with --data", folder.display()))
}
