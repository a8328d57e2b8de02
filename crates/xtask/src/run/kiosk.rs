//! The kiosk's window of a run.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError},
    time::{Duration, Instant},
};

use anyhow::Context as _;

use super::{log::Log, machine::Machine, server, server::Place, stop::Stop};
use crate::{places, say, system};

/// Between two looks at the programs.
const LOOK: Duration = Duration::from_millis(250);
/// Between two screenshots of a virtual display.
const PICTURE: Duration = Duration::from_secs(5);

/// The running kiosk.
#[derive(Debug)]
pub struct Kiosk {
    child: Child,
    log: Log,
    news: Receiver<News>,
}

/// What the kiosk says about its enrolment.
#[derive(Debug, PartialEq, Eq)]
enum News {
    Code(String),
    Enrolled,
}

fn news(line: &str) -> Option<News> {
    if let Some(code) = line.strip_prefix("enrolment code: ") {
        return Some(News::Code(code.trim().to_owned()));
    }
    line.starts_with("enrolled: ").then_some(News::Enrolled)
}

impl Kiosk {
    /// Opens the window.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(machine: &Machine, data: &Path, server: &str) -> anyhow::Result<Self> {
        let mut command = system::command(places::program("vitrine"));
        command.args(["--role", "kiosk", "--server", server, "--print-enrolment-code", "--data"]).arg(data.join("kiosk"));
        machine.furnish(&mut command);
        let (log, file) = Log::begin(data, "vitrine")?;
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file).process_group(0).spawn();
        let mut child = child.context("the kiosk cannot be started")?;
        let output = child.stdout.take().context("the kiosk's output cannot be read")?;
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(news) = news(&line) {
                    let _ = send.send(news);
                }
            }
        });
        Ok(Self { child, log, news: receive })
    }

    /// Enrols the kiosk when it asks to be, and returns when it is.
    ///
    /// # Errors
    /// The kiosk ends, or the server refuses it.
    pub fn wait_until_enrolled(&mut self, server: &Place, data: &Path, stop: &Stop) -> anyhow::Result<()> {
        let bar = say::step("Waiting for the kiosk");
        let outcome = loop {
            if stop.is_due() {
                break Ok(());
            }
            match self.news.recv_timeout(LOOK) {
                Ok(News::Enrolled) => break Ok(()),
                Ok(News::Code(code)) => match server.enrol(data, &code) {
                    Ok(true) => {}
                    Ok(false) => say::line(&format!(
                        "The kiosk shows the code {code}. On the server, type:\n  vitrine-server enrol {code} --store STORE --label LABEL"
                    )),
                    Err(error) => break Err(error),
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break Err(self.ended()),
            }
        };
        bar.finish_and_clear();
        outcome
    }

    /// Keeps the screenshot fresh until it is time to stop.
    ///
    /// # Errors
    /// A program ends by itself.
    pub fn attend(&mut self, machine: &Machine, server: &mut Place, stop: &Stop) -> anyhow::Result<()> {
        let mut next_picture = Instant::now();
        while !stop.is_due() {
            match self.news.try_recv() {
                Err(TryRecvError::Disconnected) => return Err(self.ended()),
                Ok(_) | Err(TryRecvError::Empty) => {}
            }
            server.still_serves()?;
            if Instant::now() >= next_picture {
                machine.picture()?;
                next_picture = Instant::now() + PICTURE;
            }
            std::thread::sleep(LOOK);
        }
        machine.picture()
    }

    fn ended(&mut self) -> anyhow::Error {
        match self.child.wait() {
            Ok(status) if status.success() => anyhow::anyhow!("the kiosk's window was closed"),
            Ok(status) => anyhow::anyhow!("the kiosk ended by itself ({status}); {}", self.log.end()),
            Err(error) => error.into(),
        }
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        server::end(&mut self.child);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kiosk_says_is_understood() {
        assert_eq!(news("enrolment code: BCDF-GHJK"), Some(News::Code("BCDF-GHJK".into())));
        assert_eq!(news("enrolled: By the fitting rooms"), Some(News::Enrolled));
        assert_eq!(news("anything else"), None);
    }
}
