//! The real session server, on a port and in a data folder of its own.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tempfile::TempDir;

use crate::{
    program::{Ended, Environment, Program, built, free_port},
    tap::Tap,
};

const LIMIT: Duration = Duration::from_mins(1);

/// Opens the kiosks' own screen for staff.
pub const STAFF_PIN: &str = "2580";

/// Somebody who can sign in.
#[derive(Clone, Deserialize)]
pub struct SignIn {
    /// Full name.
    pub name: String,
    /// E.164.
    pub phone: String,
    /// Drawn by the import.
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

/// A running `vitrine-server` with the demo shop in it.
#[derive(Debug)]
pub struct TestServer {
    program: Option<Program>,
    port: u16,
    /// Everybody else reaches the server through here.
    wire: Tap,
    /// … unless the test has put something of its own in its place.
    front: Option<u16>,
    environment: Environment,
    data: PathBuf,
    sign_ins: Vec<SignIn>,
    _folder: TempDir,
}

impl TestServer {
    /// Imports the demo shop and serves it.
    ///
    /// # Errors
    /// The program is not built, or fails; the error shows what it said.
    pub fn start() -> Result<Self> {
        let mut server = Self::prepare()?;
        server.serve()?;
        Ok(server)
    }

    /// Imports the demo shop, and leaves the server down.
    ///
    /// # Errors
    /// The program is not built, or fails; the error shows what it said.
    pub fn prepare() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("vitrine-server-").tempdir()?;
        let data = folder.path().join("data");
        let list = folder.path().join("sign-ins.json");
        let imported = run(&data, [OsStr::new("import"), demo_shop().as_os_str(), "--sign-ins".as_ref(), list.as_os_str()])?;
        ensure!(imported.status.success(), "the import failed:\n{}", imported.said);
        let sign_ins = std::fs::read(&list).with_context(|| format!("the import wrote no sign-ins:\n{}", imported.said))?;
        let port = free_port()?;
        Ok(Self {
            program: None,
            port,
            wire: Tap::to(port)?,
            front: None,
            environment: Environment::new(),
            data,
            sign_ins: serde_json::from_slice(&sign_ins)?,
            _folder: folder,
        })
    }

    /// Starts serving, at the same address each time.
    ///
    /// # Errors
    /// It does not start; the error shows what it said.
    pub fn serve(&mut self) -> Result<()> {
        let mut command = command(&self.data)?;
        command.env("VITRINE_STAFF_PIN", STAFF_PIN).envs(self.environment.iter().cloned());
        command.args(["serve", "--listen", &format!("127.0.0.1:{}", self.port), "--public-url", &self.origin()]);
        self.program = Some(listening(command)?.0);
        Ok(())
    }

    /// Ends the server at once, as a power cut would.
    pub fn kill(&mut self) {
        self.program = None;
    }

    /// Asks the server to end, and waits until it has.
    ///
    /// # Errors
    /// It does not end, or not well.
    pub fn stop(&mut self) -> Result<()> {
        let Some(mut program) = self.program.take() else {
            return Ok(());
        };
        let status = program.stop()?;
        ensure!(status.success(), "the server ended with {status}:\n{}", program.said());
        Ok(())
    }

    /// Where kiosks and phones reach it, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.front.unwrap_or_else(|| self.wire.port()))
    }

    /// From the next [`Self::serve`] on everybody else reaches it through `port`, which leads to [`Self::port`] as the test likes.
    pub fn stand_behind(&mut self, port: u16) {
        self.front = Some(port);
    }

    /// From the next [`Self::serve`] on it has these variables besides.
    pub fn give(&mut self, environment: Environment) {
        self.environment = environment;
    }

    /// Its address past whatever stands before it.
    #[must_use]
    pub fn directly(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The wire between the server and everybody else.
    #[must_use]
    pub fn wire(&self) -> &Tap {
        &self.wire
    }

    /// The port it listens on behind that wire.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The demo customers.
    #[must_use]
    pub fn sign_ins(&self) -> &[SignIn] {
        &self.sign_ins
    }

    /// Lets the device that shows `code` in, as an operator does.
    ///
    /// # Errors
    /// The program refuses; the error shows what it said.
    pub fn enrol(&self, code: &str, store: &str, label: &str) -> Result<()> {
        let ended = self.run(["enrol", code, "--store", store, "--label", label])?;
        ensure!(ended.status.success(), "{}", ended.said);
        Ok(())
    }

    /// Runs the program with other arguments on the same data folder, to its end.
    ///
    /// # Errors
    /// It does not end.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Result<Ended> {
        run(&self.data, arguments)
    }

    /// Everything the running server has said.
    #[must_use]
    pub fn said(&self) -> String {
        self.program.as_ref().map(Program::said).unwrap_or_default()
    }
}

/// Runs `vitrine-server` on a data folder, to its end.
///
/// # Errors
/// It is not built, or does not end.
pub fn run<A: AsRef<OsStr>>(data: &Path, arguments: impl IntoIterator<Item = A>) -> Result<Ended> {
    let mut command = command(data)?;
    command.args(arguments);
    Program::run(command, LIMIT)
}

/// The demo shop's files.
#[must_use]
pub fn demo_shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo-shop/shop")
}

/// `vitrine-server` on a data folder, with no setting of whoever runs the test.
///
/// # Errors
/// It is not built.
pub fn command(data: &Path) -> Result<Command> {
    let mut command = Command::new(built("vitrine-server")?);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VITRINE_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null()).env("VITRINE_DATA", data).env("NO_COLOR", "1");
    Ok(command)
}

/// Starts a command that serves; answers with the address once it listens, such as `http://127.0.0.1:8080`.
///
/// # Errors
/// It does not start; the error shows what it said.
pub fn listening(command: Command) -> Result<(Program, String)> {
    let mut program = Program::start(command)?;
    let origin = program.line(LIMIT, |line| line.strip_prefix("listening on ").map(str::to_owned))?;
    Ok((program, origin))
}
