//! This program's own command line, to run it again in its own place.

use std::{env, ffi::OsString, io, os::unix::process::CommandExt as _, path::PathBuf, process::Command};

/// An environment variable and its value.
pub(crate) type Variable = (&'static str, String);

/// How the program was started. Taken at the start: after an upgrade the running file has no path any more.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    file: PathBuf,
    arguments: Vec<OsString>,
}

impl Program {
    /// This program.
    ///
    /// # Errors
    /// The system does not tell its path.
    pub(crate) fn current() -> io::Result<Self> {
        Ok(Self { file: env::current_exe()?, arguments: env::args_os().skip(1).collect() })
    }

    /// Runs the program anew in this process, with these variables set; whoever watches the process sees no change.
    /// Returns only when that fails.
    pub(crate) fn again_with(&self, variables: impl IntoIterator<Item = Variable>) -> io::Error {
        Command::new(&self.file).args(&self.arguments).envs(variables).exec()
    }
}
