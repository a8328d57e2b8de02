//! All parts of a desktop together.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::{
    desktop::{Display, Home, SecretStore, SessionBus, Size, Sound},
    proof::DeviceKey,
};

/// Everything a kiosk's window needs of its machine. Parts that are missing are missing for the kiosk too.
#[derive(Debug)]
pub struct Desktop {
    /// The screen.
    pub display: Display,
    /// The keyring, if there is one.
    pub secrets: Option<SecretStore>,
    /// The sound, if there is any.
    pub sound: Option<Sound>,
    /// The message bus.
    pub bus: SessionBus,
    /// Where the programs write.
    pub home: Home,
    vault: TempDir,
}

impl Desktop {
    /// A whole desktop.
    ///
    /// # Errors
    /// A part does not start.
    pub fn start(size: Size) -> Result<Self> {
        let mut desktop = Self::bare(size)?;
        desktop.start_secrets()?;
        desktop.sound = Some(Sound::start()?);
        Ok(desktop)
    }

    /// A desktop without keyring and sound.
    ///
    /// # Errors
    /// A part does not start.
    pub fn bare((width, height): Size) -> Result<Self> {
        Ok(Self {
            display: Display::start(width, height)?,
            secrets: None,
            sound: None,
            bus: SessionBus::start()?,
            home: Home::new()?,
            vault: tempfile::tempdir()?,
        })
    }

    /// Starts the keyring; one that was there before finds its secrets again.
    ///
    /// # Errors
    /// It does not start.
    pub fn start_secrets(&mut self) -> Result<()> {
        self.secrets = Some(SecretStore::start(&self.bus, self.vault.path(), "only for this test")?);
        Ok(())
    }

    /// The kiosk's device key, taken from the keyring by somebody who holds the machine.
    ///
    /// # Errors
    /// There is none.
    pub fn stolen_device_key(&self) -> Result<DeviceKey> {
        let mut command = Command::new("secret-tool");
        command.args(["lookup", "service", "vitrine", "username", "device-key"]).stdin(Stdio::null());
        self.furnish(&mut command);
        let found = command.output().context("secret-tool belongs to libsecret-tools")?;
        anyhow::ensure!(!found.stdout.is_empty(), "the keyring holds no device key");
        DeviceKey::from_pkcs8(&found.stdout)
    }

    /// Gives `command` this desktop for its whole environment.
    pub fn furnish(&self, command: &mut Command) {
        command.env_clear().envs(self.home.environment());
        self.display.furnish(command);
        self.bus.furnish(command);
        // Without these, toolkits look for an accessibility bus and for hardware that is not there.
        command.env("NO_AT_BRIDGE", "1").env("GDK_BACKEND", "x11").env("LIBGL_ALWAYS_SOFTWARE", "1").env("NO_COLOR", "1");
        match &self.sound {
            Some(sound) => sound.furnish(command),
            // A sound server that is named but not there is what a machine without sound looks like.
            None => drop(command.env("PULSE_SERVER", "unix:/nonexistent")),
        }
    }
}
