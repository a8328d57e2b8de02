//! The kiosk's program as it runs in a shop: nobody drives its page.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Result;

use crate::{
    desktop::Desktop,
    program::{Process, Program},
};

/// The program. Dropping it ends it as a power cut would.
#[derive(Debug)]
pub struct Unattended {
    /// The program itself.
    pub program: Program,
    log: PathBuf,
}

impl Unattended {
    /// Starts `program` on `desktop`; its log goes to a file in the desktop's home.
    ///
    /// # Errors
    /// There is no such program.
    pub fn start(desktop: &Desktop, program: &Path, arguments: &[String]) -> Result<Self> {
        let log = desktop.home.path().join("state/kiosk.log");
        let mut command = Command::new(program);
        desktop.furnish(&mut command);
        command.args(arguments).stdin(Stdio::null());
        let program = Program::start_logging(command, File::options().create(true).append(true).open(&log)?)?;
        Ok(Self { program, log })
    }

    /// Everything it has written to its log.
    #[must_use]
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The program and what it started, as they are now.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        self.program.processes()
    }

    /// The processes of its page: there is one, except for a moment when it is replaced.
    #[must_use]
    pub fn pages(&self) -> Vec<Process> {
        self.processes().into_iter().filter(|process| process.name == "WebKitWebProcess").collect()
    }
}
