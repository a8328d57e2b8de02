//! The desktop's message bus, and the keyring that answers on it.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::{program::Program, wait};

const LIMIT: Duration = Duration::from_secs(20);

/// A session bus of its own.
#[derive(Debug)]
pub struct SessionBus {
    address: String,
    _daemon: Program,
    _folder: TempDir,
}

impl SessionBus {
    /// Starts a bus. Unlike the machine's own, it starts no service by itself: what nobody has started is not there.
    ///
    /// # Errors
    /// The daemon does not start.
    pub fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("vitrine-bus-").tempdir()?;
        let config = folder.path().join("bus.conf");
        fs::write(&config, configuration(&folder.path().join("bus")))?;
        let mut command = Command::new("dbus-daemon");
        command.args(["--nofork", "--nopidfile", "--print-address", "--config-file"]).arg(config).stdin(Stdio::null());
        let mut daemon = Program::start(command)?;
        let address = daemon.line(LIMIT, |line| line.starts_with("unix:").then(|| line.to_owned()))?;
        Ok(Self { address, _daemon: daemon, _folder: folder })
    }

    /// Where programs find it.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Lets `command` find it.
    pub fn furnish(&self, command: &mut Command) {
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
    }

    /// Whether somebody owns `name` on this bus.
    ///
    /// # Errors
    /// The bus does not answer.
    pub fn has(&self, name: &str) -> Result<bool> {
        let mut command = Command::new("dbus-send");
        command.arg(format!("--bus={}", self.address)).args([
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
            "org.freedesktop.DBus.NameHasOwner",
        ]);
        command.arg(format!("string:{name}")).stdin(Stdio::null());
        Ok(Program::run(command, LIMIT)?.said.contains("boolean true"))
    }
}

fn configuration(socket: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    )
}

/// A keyring that answers as the system's secret store.
#[derive(Debug)]
pub struct SecretStore {
    daemon: Program,
    folder: PathBuf,
    // Closed last: the daemon's sockets lie in it.
    _runtime: TempDir,
}

impl SecretStore {
    /// Starts a keyring that is unlocked with `password` and keeps its files below `folder`; the first time it is made new.
    ///
    /// # Errors
    /// The daemon does not start, or nobody answers on the bus.
    pub fn start(bus: &SessionBus, folder: &Path, password: &str) -> Result<Self> {
        let runtime = tempfile::Builder::new().prefix("vitrine-keyring-").tempdir()?;
        let data = folder.join("keyring");
        fs::create_dir_all(&data)?;
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]).stdin(Stdio::piped());
        command.env("HOME", folder).env("XDG_DATA_HOME", &data).env("XDG_RUNTIME_DIR", runtime.path()).env_remove("DISPLAY");
        bus.furnish(&mut command);
        let mut daemon = Program::start(command)?;
        let mut input = daemon.input().context("the keyring takes no password")?;
        input.write_all(password.as_bytes())?;
        drop(input);
        wait::blocking("the secret store answers", LIMIT, || Ok(bus.has("org.freedesktop.secrets")?.then_some(())))?;
        Ok(Self { daemon, folder: data, _runtime: runtime })
    }

    /// Where its files lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets `command` find it: the store answers on the bus, so nothing more is needed than that.
    pub fn furnish(&self, command: &mut Command) {
        command.env_remove("GNOME_KEYRING_CONTROL");
    }

    /// Ends it, as if it had crashed.
    pub fn kill(&mut self) {
        self.daemon.kill();
    }
}
