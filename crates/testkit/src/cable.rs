//! A network cable to a machine of its own (a network namespace), which can be pulled: what is sent then is lost without a word, as
//! on a real network, and not even the system at the other end says that it has it. No program in between can do that.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Result, ensure};

use crate::{program::Program, small_disk::loudly};

const LIMIT: Duration = Duration::from_secs(10);

/// The cable. Dropping it takes the machine at its end away.
#[derive(Debug)]
pub struct Cable {
    machine: Program,
    /// The name of this end.
    name: String,
    /// The first three numbers of both addresses.
    network: String,
}

impl Cable {
    /// Lays it. None, and a loud word, where this machine lets nobody do that.
    ///
    /// # Errors
    /// There is no such program as `unshare`.
    pub fn lay() -> Result<Option<Self>> {
        let mut command = Command::new("unshare");
        command.args(["--net", "sh", "-c", "ip link set lo up && echo there && exec sleep infinity"]).stdin(Stdio::null());
        let mut machine = Program::start(command)?;
        let id = machine.id();
        let cable = Self {
            name: format!("vt{id}"),
            network: format!("10.{}.{}", 128 + id % 127, id / 127 % 256),
            machine: {
                if let Err(error) = machine.line(LIMIT, |line| (line == "there").then_some(())) {
                    loudly(&format!("no network of its own could be made, so nothing is shown about one: {error:#}"));
                    return Ok(None);
                }
                machine
            },
        };
        if let Err(error) = cable.connect() {
            loudly(&format!("no cable could be laid, so nothing is shown about one: {error:#}"));
            return Ok(None);
        }
        Ok(Some(cable))
    }

    fn connect(&self) -> Result<()> {
        let (near, far, id) = (&self.name, format!("{}f", self.name), self.machine.id().to_string());
        ip(&["link", "add", near, "type", "veth", "peer", "name", &far, "netns", &id])?;
        ip(&["address", "add", &format!("{}.1/30", self.network), "dev", near])?;
        ip(&["link", "set", near, "up"])?;
        let there = |arguments: &[&str]| run(&[self.enter(), vec!["ip".to_owned()]].concat(), arguments);
        there(&["address", "add", &format!("{}.2/30", self.network), "dev", &far])?;
        there(&["link", "set", &far, "up"])
    }

    /// This machine's address on it.
    #[must_use]
    pub fn here(&self) -> String {
        format!("{}.1", self.network)
    }

    /// What starts a program at the other end.
    #[must_use]
    pub fn enter(&self) -> Vec<String> {
        ["nsenter", "--target", &self.machine.id().to_string(), "--net", "--"].map(str::to_owned).to_vec()
    }

    /// Pulls it.
    ///
    /// # Errors
    /// The system refuses.
    pub fn pull(&self) -> Result<()> {
        ip(&["link", "set", &self.name, "down"])
    }

    /// Plugs it in again.
    ///
    /// # Errors
    /// The system refuses.
    pub fn plug(&self) -> Result<()> {
        ip(&["link", "set", &self.name, "up"])
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        // It goes with the machine at its end, too, but not at once.
        let _ = ip(&["link", "delete", &self.name]);
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    run(&["ip".to_owned()], arguments)
}

fn run(words: &[String], arguments: &[&str]) -> Result<()> {
    let Some((name, rest)) = words.split_first() else { return Ok(()) };
    let mut command = Command::new(name);
    command.args(rest).args(arguments).stdin(Stdio::null());
    let ended = Program::run(command, LIMIT)?;
    ensure!(ended.status.success(), "ip {}: {}", arguments.join(" "), ended.said);
    Ok(())
}
