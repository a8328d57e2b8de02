//! A real Postgres of a test's own: a server in a temporary folder, on a socket and a loopback port that nobody else uses.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use crate::{
    program::{Program, free_port},
    reaper,
};

/// Where Debian keeps the programs, one folder per version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Postgres refuses to run as root; this user comes with its package.
const UNPRIVILEGED: &str = "postgres";
/// The name and password of the one who may do everything there.
const OWNER: &str = "shop";
const PASSWORD: &str = "only-for-tests";
const LIMIT: Duration = Duration::from_mins(1);

/// What is not needed when everything may be lost, and what a small machine has.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=32MB",
    "max_connections=300",
    // In the data folder, so that nothing stays behind in /dev/shm.
    "dynamic_shared_memory_type=mmap",
];

/// A running Postgres.
#[derive(Debug)]
pub struct Postgres {
    program: Option<Program>,
    programs: PathBuf,
    port: u16,
    databases: AtomicU32,
    folder: TempDir,
}

impl Postgres {
    /// Starts one.
    ///
    /// # Errors
    /// The package `postgresql` is not installed, or the server does not start; the error shows what it said.
    pub fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("vitrine-postgres-").tempdir()?;
        let mut postgres =
            Self { program: None, programs: programs()?, port: free_port()?, databases: AtomicU32::new(0), folder };
        postgres.make()?;
        postgres.go_up()?;
        Ok(postgres)
    }

    /// The one server of this test program, which ends with it.
    ///
    /// # Panics
    /// It cannot be started; see [`Postgres::start`].
    #[must_use]
    #[expect(clippy::expect_used, reason = "no test of the program can be told without it")]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| {
            let postgres = Self::start().expect("a Postgres for the tests");
            // Nobody drops what is static.
            reaper::remove_at_the_end(postgres.folder.path());
            postgres
        })
    }

    fn make(&self) -> Result<()> {
        let secret = self.folder.path().join("password");
        std::fs::write(&secret, PASSWORD)?;
        if let Some((user, group)) = unprivileged()? {
            for path in [self.folder.path(), &secret] {
                std::os::unix::fs::chown(path, Some(user), Some(group))?;
            }
        }
        let mut command = self.command("initdb");
        command.args(["--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        command.args(["--username", OWNER]).arg("--pwfile").arg(&secret).arg("--pgdata").arg(self.data());
        let made = Program::run(command, LIMIT)?;
        ensure!(made.status.success(), "initdb failed:\n{}", made.said);
        Ok(())
    }

    /// Starts it again after [`Postgres::go_down`], at the same address.
    ///
    /// # Errors
    /// It does not start; the error shows what it said.
    pub fn go_up(&mut self) -> Result<()> {
        for _ in 0..3 {
            let mut command = self.command("postgres");
            command.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path());
            command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
            for setting in SETTINGS {
                command.args(["-c", setting]);
            }
            let mut program = Program::start(command)?;
            reaper::ask_first(program.id());
            let ready = program.line(LIMIT, |line| line.contains("ready to accept connections").then_some(()));
            match ready {
                Ok(()) => {
                    self.program = Some(program);
                    return Ok(());
                }
                // Somebody else took the port in between.
                Err(_) if program.said().contains("Address already in use") && self.databases.load(Ordering::Relaxed) == 0 => {
                    self.port = free_port()?;
                }
                Err(error) => return Err(error),
            }
        }
        bail!("no free port was found for Postgres")
    }

    /// Ends it at once; what was committed is there when it comes up again.
    pub fn go_down(&mut self) {
        if let Some(mut program) = self.program.take() {
            program.quit();
        }
    }

    /// Makes an empty database, or a copy of `template`; answers its name.
    ///
    /// # Errors
    /// The server refuses.
    pub fn create(&self, template: Option<&str>) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let template = template.unwrap_or("template0");
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
        Ok(name)
    }

    /// The address of a database over the network, with a password in it.
    #[must_use]
    pub fn address(&self, database: &str) -> String {
        format!("postgres://{OWNER}:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// The address of a database over the socket, where no password is asked for.
    #[must_use]
    pub fn socket_address(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&port={}&user={OWNER}", self.folder.path().display(), self.port)
    }

    /// The password in [`Postgres::address`], which nobody should ever see.
    #[must_use]
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// What the program `psql`, which is none of ours, answers: rows by lines, columns by `|`.
    ///
    /// # Errors
    /// The server refuses; the error shows what it said.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", sql]);
        command.arg("--host").arg(self.folder.path()).args(["--port", &self.port.to_string(), "--username", OWNER, database]);
        let asked = Program::run(command, LIMIT)?;
        ensure!(asked.status.success(), "{sql}\n{}", asked.said);
        Ok(asked.said)
    }

    /// Everything a database holds, as SQL.
    ///
    /// # Errors
    /// The server refuses; the error shows what it said.
    pub fn dump(&self, database: &str) -> Result<String> {
        let mut command = Command::new(self.programs.join("pg_dump"));
        command.arg("--host").arg(self.folder.path()).args(["--port", &self.port.to_string(), "--username", OWNER, database]);
        let dumped = Program::run(command, LIMIT)?;
        ensure!(dumped.status.success(), "{}", dumped.said);
        Ok(dumped.said)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program of Postgres, for a user that it takes.
    fn command(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            let user = |option: &str| OsString::from(format!("--{option}={UNPRIVILEGED}"));
            command.args([user("reuid"), user("regid"), OsString::from("--init-groups")]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.stdin(Stdio::null()).current_dir(self.folder.path()).env("LC_ALL", "C").env_remove("PGDATA");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.go_down();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The ids of the user and group that Postgres runs as; none where we are not root.
fn unprivileged() -> Result<Option<(u32, u32)>> {
    if !is_root() {
        return Ok(None);
    }
    let id = |option: &str| -> Result<u32> {
        let answer = Command::new("id").args([option, UNPRIVILEGED]).output()?;
        let text = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        text.parse().with_context(|| format!("there is no user {UNPRIVILEGED}; install the package postgresql"))
    };
    Ok(Some((id("-u")?, id("-g")?)))
}

/// The programs of the newest version that is installed.
fn programs() -> Result<PathBuf> {
    let versions = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let installed = versions.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let programs = entry.path().join("bin");
        programs.join("postgres").is_file().then_some((version, programs))
    });
    let newest = installed.max_by_key(|(version, _)| *version).map(|(_, programs)| programs);
    newest.with_context(|| format!("there is no Postgres in {}; install the package postgresql", Path::new(VERSIONS).display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_up_again_with_what_it_had_and_leaves_nothing_behind() {
        let mut postgres = Postgres::start().unwrap();
        let name = postgres.create(None).unwrap();
        postgres.sql(&name, "CREATE TABLE kept (number integer); INSERT INTO kept VALUES (7)").unwrap();
        postgres.go_down();
        assert!(postgres.sql(&name, "SELECT 1").is_err());
        postgres.go_up().unwrap();
        assert_eq!(postgres.sql(&name, "SELECT number FROM kept").unwrap(), "7");
        let folder = postgres.folder.path().to_owned();
        drop(postgres);
        assert!(!folder.exists());
    }
}
