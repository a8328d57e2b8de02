//! Display and secret store of a run: those that are there, or virtual ones.

use std::{path::Path, process::Command};

use anyhow::Context as _;
use testkit::desktop::{Display, SecretStore, SessionBus};

use crate::{places, say};

/// What the kiosk's window needs around it.
#[derive(Debug)]
pub struct Machine {
    virtual_parts: Option<Virtual>,
}

#[derive(Debug)]
struct Virtual {
    display: Display,
    // Dropped in this order: the store before the bus it answers on.
    store: SecretStore,
    bus: SessionBus,
}

/// Whether a window can be shown.
pub fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

impl Machine {
    /// Uses the display that is there, or starts a virtual one with a secret store of its own below `data`.
    ///
    /// # Errors
    /// A virtual part does not start.
    pub fn prepare(data: &Path, display: bool) -> anyhow::Result<Self> {
        if display {
            return Ok(Self { virtual_parts: None });
        }
        say::line("There is no display here: starting a virtual one (1080x1920), with a secret store of its own.");
        let home = data.join("home");
        std::fs::create_dir_all(&home).with_context(|| format!("{} cannot be made", home.display()))?;
        let display = Display::start(1080, 1920)?;
        let bus = SessionBus::start()?;
        let store = SecretStore::start(&bus, &home, &password(data)?)?;
        Ok(Self { virtual_parts: Some(Virtual { display, store, bus }) })
    }

    /// Whether the display is a virtual one.
    pub fn is_virtual(&self) -> bool {
        self.virtual_parts.is_some()
    }

    /// Lets `command` find display and secret store.
    pub fn furnish(&self, command: &mut Command) {
        if let Some(parts) = &self.virtual_parts {
            parts.display.furnish(command);
            parts.bus.furnish(command);
            parts.store.furnish(command);
            command.env_remove("WAYLAND_DISPLAY").env("NO_AT_BRIDGE", "1");
        }
    }

    /// Writes what the virtual display shows to target/run/kiosk.png; whoever reads it never sees half a picture.
    ///
    /// # Errors
    /// The picture cannot be taken or written.
    pub fn picture(&self) -> anyhow::Result<()> {
        let Some(parts) = &self.virtual_parts else { return Ok(()) };
        let (fresh, kept) = (places::run().join("kiosk.fresh.png"), places::run().join("kiosk.png"));
        parts.display.screenshot(&fresh)?;
        std::fs::rename(&fresh, &kept).with_context(|| format!("{} cannot be written", kept.display()))
    }
}

/// The virtual store's password: drawn once for this installation, kept beside it, readable by its owner alone.
fn password(data: &Path) -> anyhow::Result<String> {
    use std::io::{Read as _, Write as _};
    let file = data.join("secret-store-password");
    if let Ok(password) = std::fs::read_to_string(&file) {
        return Ok(password);
    }
    let mut random = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .context("the system gives no randomness")?;
    let password = format!("{:032x}", u128::from_ne_bytes(random));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(&file)
        .and_then(|mut file| file.write_all(password.as_bytes()))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(password)
}
