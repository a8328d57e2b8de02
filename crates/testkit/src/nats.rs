//! A real NATS server of a test's own, on a loopback port that nobody else uses.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Result, bail};

use crate::program::{Program, free_port};

const LIMIT: Duration = Duration::from_secs(30);

/// A NATS server. Dropping it ends it.
#[derive(Debug)]
pub struct Nats {
    program: Option<Program>,
    port: u16,
}

impl Nats {
    /// Starts one.
    ///
    /// # Errors
    /// The package `nats-server` is not installed, or the server does not start; the error shows what it said.
    pub fn start() -> Result<Self> {
        for _ in 0..3 {
            let mut nats = Self { program: None, port: free_port()? };
            match nats.go_up() {
                Ok(()) => return Ok(nats),
                // Somebody else took the port in between.
                Err(error) if error.to_string().contains("address already in use") => {}
                Err(error) => return Err(error),
            }
        }
        bail!("no free port was found for NATS")
    }

    /// Starts it again after [`Nats::go_down`], at the same address.
    ///
    /// # Errors
    /// It does not start; the error shows what it said.
    pub fn go_up(&mut self) -> Result<()> {
        let mut command = Command::new("nats-server");
        command.args(["-a", "127.0.0.1", "-p", &self.port.to_string()]).stdin(Stdio::null());
        let mut program = Program::start(command)?;
        program.line(LIMIT, |line| line.contains("Server is ready").then_some(()))?;
        self.program = Some(program);
        Ok(())
    }

    /// Ends it at once, as a power cut would.
    pub fn go_down(&mut self) {
        self.program = None;
    }

    /// Where it is, such as `nats://127.0.0.1:4222`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}
