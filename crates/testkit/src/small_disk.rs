//! A small disk of a test's own, which can be full or read-only. It is seen only by programs that are started on it, and vanishes
//! with them.

use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use rustix::process::geteuid;
use tempfile::TempDir;

use crate::program::Program;

const LIMIT: Duration = Duration::from_secs(10);
/// Fills the disk.
const BALLAST: &str = "ballast";

/// The disk: a file system in memory, in a mount namespace that a sleeping program keeps.
#[derive(Debug)]
pub struct SmallDisk {
    holder: Program,
    place: TempDir,
}

impl SmallDisk {
    /// A disk of so many KiB. None, and a loud word, where this machine lets nobody mount one.
    ///
    /// # Errors
    /// There is no room for its place.
    pub fn mount(kibibytes: u32) -> Result<Option<Self>> {
        let place = tempfile::Builder::new().prefix("vitrine-disk-").tempdir()?;
        let mut command = Command::new("unshare");
        if !geteuid().is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        let script = r#"mount -t tmpfs -o size="$1"k tmpfs "$2" && echo mounted && exec sleep infinity"#;
        command.args(["--mount", "sh", "-c", script, "sh", &kibibytes.to_string()]).arg(place.path()).stdin(Stdio::null());
        let mut holder = Program::start(command)?;
        match holder.line(LIMIT, |line| (line == "mounted").then_some(())) {
            Ok(()) => Ok(Some(Self { holder, place })),
            Err(error) => {
                loudly(&format!("no small disk could be mounted, so nothing is shown about one: {error:#}"));
                Ok(None)
            }
        }
    }

    /// Where programs that are started on it find it.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// A program of its own that starts `program` on the disk, with the same arguments.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn program(&self, program: &Path) -> Result<PathBuf> {
        let script = self.place.path().with_extension("on");
        let enter = self.enter().join(" ");
        fs::write(&script, format!("#!/bin/sh\nexec {enter} '{}' \"$@\"\n", program.display()))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        Ok(script)
    }

    fn enter(&self) -> Vec<String> {
        let target = self.holder.id().to_string();
        let mut enter = vec!["nsenter".to_owned(), "--target".to_owned(), target, "--mount".to_owned()];
        if !geteuid().is_root() {
            enter.extend(["--user".to_owned(), "--preserve-credentials".to_owned()]);
        }
        enter.push("--".to_owned());
        enter
    }

    /// The disk as seen from here, such as to read a file on it.
    #[must_use]
    pub fn seen(&self, file: &str) -> PathBuf {
        let below_root = self.place.path().strip_prefix("/").unwrap_or(self.place.path());
        Path::new("/proc").join(self.holder.id().to_string()).join("root").join(below_root).join(file)
    }

    /// Fills it to the last byte.
    ///
    /// # Errors
    /// It cannot be written for another reason.
    pub fn fill(&self) -> Result<()> {
        let mut ballast = fs::OpenOptions::new().create(true).append(true).open(self.seen(BALLAST))?;
        for piece in [64 * 1024, 1024, 1] {
            loop {
                match std::io::Write::write_all(&mut ballast, &vec![7; piece]) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// Gives the room back.
    ///
    /// # Errors
    /// It was not full.
    pub fn free(&self) -> Result<()> {
        fs::remove_file(self.seen(BALLAST)).context("nothing filled the disk")
    }

    /// Makes it read-only, which no file that is open for writing may keep it from, or writable again.
    ///
    /// # Errors
    /// The system refuses.
    pub fn read_only(&self, read_only: bool) -> Result<()> {
        let [name, rest @ ..] = &self.enter()[..] else { anyhow::bail!("there is a program to enter with") };
        let mut command = Command::new(name);
        command.args(rest).args(["mount", "-o", if read_only { "remount,ro" } else { "remount,rw" }]).arg(self.path());
        let ended = Program::run(command, LIMIT)?;
        ensure!(ended.status.success(), "the disk cannot be mounted anew: {}", ended.said);
        Ok(())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.place.path().with_extension("on"));
    }
}

/// Says what this machine keeps a test from showing, where nobody can overlook it.
#[expect(clippy::print_stderr, reason = "a test that shows nothing must not look like one that does")]
pub fn loudly(what: &str) {
    eprintln!("\n!!!! NOT TESTED: {what}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_full_read_only_and_neither_again_for_programs_that_are_started_on_it() {
        let Some(disk) = SmallDisk::mount(256).unwrap() else { return };
        let shell = disk.program(Path::new("/bin/sh")).unwrap();
        let run = |script: &str| {
            let mut command = Command::new(&shell);
            command.args(["-c", script]).current_dir("/").stdin(Stdio::null());
            Program::run(command, LIMIT).unwrap()
        };
        let file = disk.path().join("file").display().to_string();
        assert!(run(&format!("echo one > {file}")).status.success());
        assert!(!Path::new(&file).exists(), "others do not see it");
        assert_eq!(fs::read_to_string(disk.seen("file")).unwrap(), "one\n");
        disk.fill().unwrap();
        assert!(!run(&format!("echo two > {file}.two")).status.success());
        disk.free().unwrap();
        assert!(run(&format!("echo two > {file}.two")).status.success());
        disk.read_only(true).unwrap();
        assert!(run(&format!("echo three > {file}")).said.contains("Read-only"));
        disk.read_only(false).unwrap();
        assert!(run(&format!("echo three > {file}")).status.success());
    }
}
