//! A clock on the wall that is wrong, for one program alone (libfaketime). How long things take is not touched.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::program::Environment;

/// The clock; it is right until it is set.
#[derive(Debug)]
pub struct WrongClock {
    folder: TempDir,
    library: PathBuf,
}

impl WrongClock {
    /// A clock that is right.
    ///
    /// # Errors
    /// The package `faketime` is not installed.
    pub fn new() -> Result<Self> {
        let places = fs::read_dir("/usr/lib")?.flatten().map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
        let library = places.into_iter().find(|path| path.is_file()).context("libfaketime belongs to the package faketime")?;
        let clock = Self { folder: tempfile::Builder::new().prefix("vitrine-clock-").tempdir()?, library };
        clock.set("+0")?;
        Ok(clock)
    }

    /// Moves it away from the right time, such as by `-1d`; programs that run see it at once.
    ///
    /// # Errors
    /// There is no room to note it.
    pub fn set(&self, by: &str) -> Result<()> {
        // Whole or not at all, as programs read it at any moment.
        let fresh = self.folder.path().join("fresh");
        fs::write(&fresh, format!("{by}\n"))?;
        Ok(fs::rename(fresh, self.file())?)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("offset")
    }

    /// The variables that give a program this clock.
    #[must_use]
    pub fn environment(&self) -> Environment {
        vec![
            ("LD_PRELOAD".into(), self.library.clone().into()),
            ("FAKETIME_TIMESTAMP_FILE".into(), self.file().into()),
            ("FAKETIME_NO_CACHE".into(), "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC".into(), "1".into()),
        ]
    }

    /// A program of its own that starts `program` under this clock, with the same arguments.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn program(&self, program: &Path) -> Result<PathBuf> {
        let script = self.folder.path().join(program.file_name().context("a program has a name")?);
        let variables = self.environment().into_iter().map(|(name, value)| format!("{}='{}' ", name.display(), value.display()));
        let variables: String = variables.collect();
        fs::write(&script, format!("#!/bin/sh\nexec env {variables}'{}' \"$@\"\n", program.display()))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        Ok(script)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        process::{Command, Stdio},
        time::Duration,
    };

    use super::*;
    use crate::program::Program;

    #[test]
    fn it_is_wrong_for_the_program_alone() {
        let year = |program: &Path| -> i32 {
            let mut command = Command::new(program);
            command.arg("+%Y").stdin(Stdio::null());
            Program::run(command, Duration::from_secs(10)).unwrap().said.trim().parse().unwrap()
        };
        let date = Path::new("/bin/date");
        let clock = WrongClock::new().unwrap();
        let wrong = clock.program(date).unwrap();
        assert_eq!(year(&wrong), year(date));
        clock.set("-800d").unwrap();
        assert!(year(&wrong) < year(date));
    }
}
