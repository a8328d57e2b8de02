//! A program of the machine that runs beside a test.

use std::{
    ffi::OsString,
    fs::File,
    io::{BufRead as _, BufReader, Read},
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::{reaper, wait};

/// Environment variable that every process started here carries, with a value of its program's own.
const MARK: &str = "VITRINE_TESTKIT_MARK";

static STARTED: AtomicU64 = AtomicU64::new(0);

/// Environment variable that names a folder with other builds of the programs, such as those of a release.
const PROGRAMS: &str = "VITRINE_PROGRAMS";

/// How long a program that was asked to end may take.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// A running program, in a process group of its own. Dropping it kills the group and whatever else descends from it.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    mark: String,
    said: Arc<Mutex<Vec<String>>>,
    listeners: Vec<JoinHandle<()>>,
}

/// A process of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub id: u32,
    /// Its file's name.
    pub name: String,
}

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// Everything it said, standard output and standard error as they came.
    pub said: String,
}

impl Program {
    /// Starts `command`; both its outputs are kept, its input is as the command says.
    ///
    /// # Errors
    /// There is no such program.
    pub fn start(command: Command) -> Result<Self> {
        Self::start_raw(command).map(Self::hearing)
    }

    /// The same, but standard output is left to the caller.
    ///
    /// # Errors
    /// There is no such program.
    pub fn start_raw(command: Command) -> Result<Self> {
        Self::spawn(command, Stdio::piped())
    }

    /// As [`Program::start`], but standard error goes to a file, as a program that runs for long would have it.
    ///
    /// # Errors
    /// There is no such program.
    pub fn start_logging(command: Command, log: File) -> Result<Self> {
        Self::spawn(command, log.into()).map(Self::hearing)
    }

    fn hearing(mut self) -> Self {
        if let Some(stdout) = self.child.stdout.take() {
            self.listeners.push(listen(stdout, &self.said));
        }
        self
    }

    fn spawn(mut command: Command, errors: Stdio) -> Result<Self> {
        let name = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mark = format!("{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let mut child = command
            .env(MARK, &mark)
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {}; is it installed?", command.get_program().display()))?;
        reaper::watch(child.id());
        let said = Arc::default();
        let listeners = child.stderr.take().map(|stderr| listen(stderr, &said)).into_iter().collect();
        Ok(Self { name, child, mark, said, listeners })
    }

    /// Runs `command` to its end.
    ///
    /// # Errors
    /// There is no such program, or it takes longer than `limit`.
    pub fn run(command: Command, limit: Duration) -> Result<Ended> {
        let mut program = Self::start(command)?;
        let status = program.ended(limit)?;
        program.heard_out();
        Ok(Ended { status, said: program.said() })
    }

    /// Its process id, which is its group's as well.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// It and what it started, as they are now.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        marked(&self.mark).into_iter().filter_map(process).collect()
    }

    /// Everything it has said so far.
    #[must_use]
    pub fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// Its standard input, if its command piped it; once.
    pub fn input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Its standard output as it comes, instead of among the lines it said; only for [`Program::start_raw`].
    pub fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for a line that `read` understands.
    ///
    /// # Errors
    /// It ended first, or `limit` is over; the error shows what it said.
    pub fn line<T>(&mut self, limit: Duration, mut read: impl FnMut(&str) -> Option<T>) -> Result<T> {
        let began = Instant::now();
        let mut seen = 0;
        loop {
            let running = self.is_running();
            if !running {
                self.heard_out();
            }
            {
                let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(found) = said[seen..].iter().find_map(|line| read(line)) {
                    return Ok(found);
                }
                seen = said.len();
            }
            if !running {
                bail!("{} ended before it said what was awaited. It said:\n{}", self.name, self.said());
            }
            if began.elapsed() > limit {
                bail!("{} did not say what was awaited within {limit:?}. It said:\n{}", self.name, self.said());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// `limit` is over.
    pub fn ended(&mut self, limit: Duration) -> Result<ExitStatus> {
        let name = self.name.clone();
        let ended = wait::blocking(&format!("{name} ends"), limit, || Ok(self.child.try_wait()?));
        ended.with_context(|| format!("{name} said:\n{}", self.said()))
    }

    /// Asks it to end (SIGTERM), as a system that shuts down would, and waits until it has.
    ///
    /// # Errors
    /// It does not end.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        self.ask_to_end();
        self.ended(LAST_WORDS)
    }

    /// Asks it to end (SIGTERM), and waits for nothing.
    pub fn ask_to_end(&self) {
        if let Some(group) = self.group() {
            let _ = kill_process_group(group, Signal::TERM);
        }
    }

    /// Asks it to end at once (SIGQUIT) and to put away what it holds of the system, then ends it.
    pub fn quit(&mut self) {
        if let Some(leader) = self.group() {
            let _ = kill_process(leader, Signal::QUIT);
        }
        let _ = self.ended(LAST_WORDS);
        self.kill();
    }

    /// Ends it at once (SIGKILL), as a power cut would.
    pub fn kill(&mut self) {
        if let Some(group) = self.group() {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let status = self.child.wait();
        debug_assert!(status.is_ok_and(|status| status.signal().is_some() || status.code().is_some()));
        sweep(&self.mark);
    }

    /// After its end: waits until its last words are kept. A child that it left behind may hold its outputs open; nobody waits
    /// for that.
    fn heard_out(&self) {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(1) && !self.listeners.iter().all(JoinHandle::is_finished) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn group(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()).ok()?)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
        reaper::forget(self.child.id());
    }
}

fn listen(from: impl Read + Send + 'static, said: &Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
            said.lock().unwrap_or_else(PoisonError::into_inner).push(String::from_utf8_lossy(&line).into_owned());
        }
    })
}

/// Asks a program to end (SIGTERM), and ends it (SIGKILL) if it has not after `limit`.
pub fn end(child: &mut Child, limit: Duration) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw).filter(|_| matches!(child.try_wait(), Ok(None))) {
        let _ = kill_process(pid, Signal::TERM);
    }
    if wait::blocking("the program ends", limit, || Ok(child.try_wait()?)).is_err() {
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Kills what still carries `mark`, such as a browser that left its starter's group.
fn sweep(mark: &str) {
    for process in marked(mark) {
        let _ = kill_process(process, Signal::KILL);
    }
}

/// The processes that carry `mark`.
fn marked(mark: &str) -> Vec<Pid> {
    let wanted = format!("{MARK}={mark}");
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
        let environment = environment(&entry.path())?;
        let marked = environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes());
        marked.then(|| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw))?
    });
    processes.collect()
}

/// What a process was started with. It is empty for a moment in one that is just becoming another program.
fn environment(process: &Path) -> Option<Vec<u8>> {
    for _ in 0..10 {
        let environment = std::fs::read(process.join("environ")).ok()?;
        // The system's own threads have neither a program nor an environment.
        if !environment.is_empty() || process.join("exe").read_link().is_err() {
            return Some(environment);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    None
}

fn process(pid: Pid) -> Option<Process> {
    let id = pid.as_raw_nonzero().get().unsigned_abs();
    // One that has ended but was not waited for has no file any more.
    let file = std::fs::read_link(format!("/proc/{id}/exe")).ok()?;
    Some(Process { id, name: file.file_name()?.to_string_lossy().into_owned() })
}

/// The built program `name` of this workspace: in the folder that `VITRINE_PROGRAMS` names, else beside the running test.
///
/// # Errors
/// It has not been built.
pub fn built(name: &str) -> Result<PathBuf> {
    let folder = match std::env::var_os(PROGRAMS) {
        Some(folder) => PathBuf::from(folder),
        None => beside_this_one()?,
    };
    let path = folder.join(name);
    if !path.is_file() {
        bail!("{} is not there; build it first: cargo build --workspace --bins", path.display());
    }
    Ok(path)
}

fn beside_this_one() -> Result<PathBuf> {
    let mut folder = std::env::current_exe()?;
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    Ok(folder)
}

/// A port of the loopback interface that nobody uses.
///
/// # Errors
/// There is none.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Environment variables for a program.
pub type Environment = Vec<(OsString, OsString)>;

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null());
        command
    }

    #[test]
    fn a_line_is_read_as_it_comes() {
        let mut program = Program::start(shell("echo one; echo two >&2; exec sleep 60")).unwrap();
        let two = program.line(Duration::from_secs(5), |line| (line == "two").then_some(2)).unwrap();
        assert_eq!(two, 2);
        assert!(program.is_running());
    }

    #[test]
    fn what_left_the_group_ends_as_well() {
        let mut program = Program::start(shell("setsid sleep 60 & echo $!; wait")).unwrap();
        let pid: i32 = program.line(Duration::from_secs(5), |line| line.parse().ok()).unwrap();
        let alive = || std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
        assert!(alive());
        drop(program);
        wait::blocking("the child is gone", Duration::from_secs(5), || Ok((!alive()).then_some(()))).unwrap();
    }

    #[test]
    fn a_program_that_ends_too_early_is_told_with_its_words() {
        let mut program = Program::start(shell("echo no display; exit 3")).unwrap();
        let error = program.line(Duration::from_secs(5), |_| None::<()>).unwrap_err();
        assert!(error.to_string().contains("no display"), "{error}");
    }
}
