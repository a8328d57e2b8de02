//! The session server of a run.

use std::{
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, TcpListener, UdpSocket},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use anyhow::{Context as _, bail};

use super::log::Log;
use crate::{places, say, system};

/// The server the kiosk talks to: ours, or one that runs elsewhere.
#[derive(Debug)]
pub struct Place {
    url: String,
    ours: Option<(Child, Log)>,
}

impl Place {
    /// A server that somebody else runs.
    pub fn elsewhere(url: &str) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), ours: None }
    }

    /// Imports the demo shop into `data` and serves it.
    ///
    /// # Errors
    /// The import or the server fails; what it said is told.
    pub fn start(data: &Path, port: u16, lan: bool) -> anyhow::Result<Self> {
        import(data)?;
        let port = free_port(port)?;
        let host = if lan { lan_address()? } else { Ipv4Addr::LOCALHOST };
        let listen = if lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let (log, file) = Log::begin(data, "vitrine-server")?;
        let mut child = server(data)
            .args(["serve", "--listen", &format!("{listen}:{port}"), "--public-url", &format!("http://{host}:{port}")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            // Ctrl-C is for us; we stop everything in its order.
            .process_group(0)
            .spawn()
            .context("vitrine-server cannot be started")?;
        if let Err(error) = wait_until_it_listens(&mut child) {
            end(&mut child);
            return Err(error.context(log.end()).context("vitrine-server did not start"));
        }
        Ok(Self { url: format!("http://{host}:{port}"), ours: Some((child, log)) })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets the kiosk that shows `code` in, as an operator would; false where the server is not ours.
    ///
    /// # Errors
    /// The server refuses.
    pub fn enrol(&self, data: &Path, code: &str) -> anyhow::Result<bool> {
        if self.ours.is_none() {
            return Ok(false);
        }
        system::run_quietly(
            "Enrolling this kiosk",
            server(data).args(["enrol", code, "--store", "S01", "--label", "By the fitting rooms"]),
        )?;
        Ok(true)
    }

    /// Fails where our server has ended by itself.
    ///
    /// # Errors
    /// It has; the end of its log is told.
    pub fn still_serves(&mut self) -> anyhow::Result<()> {
        if let Some((child, log)) = &mut self.ours
            && !matches!(child.try_wait(), Ok(None))
        {
            bail!("vitrine-server ended by itself; {}", log.end());
        }
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.ours {
            end(child);
        }
    }
}

/// Asks a program to end, and ends it if it does not.
pub fn end(child: &mut Child) {
    testkit::desktop::end(child, Duration::from_secs(10));
}

fn server(data: &Path) -> Command {
    let mut command = system::command(places::program("vitrine-server"));
    command.env("VITRINE_DATA", data.join("server"));
    command
}

fn import(data: &Path) -> anyhow::Result<()> {
    let done = data.join("imported");
    if system::newest(&[&done]) >= system::newest(&[&places::demo_shop(), &places::program("vitrine-server")]) {
        return Ok(());
    }
    let shop = places::demo_shop();
    system::run_quietly(
        "Importing the demo shop",
        server(data).arg("import").arg(&shop).arg("--sign-ins").arg(super::people::file(data)),
    )?;
    std::fs::write(&done, "").with_context(|| format!("{} cannot be written", done.display()))
}

fn free_port(wanted: u16) -> anyhow::Result<u16> {
    for port in wanted..=wanted.saturating_add(20) {
        if TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
            if port != wanted {
                say::line(&format!("Port {wanted} is taken, so the server listens on {port}."));
            }
            return Ok(port);
        }
    }
    bail!("the ports from {wanted} on are all taken; name a free one with --port")
}

/// This machine's address on its network; nothing is sent to find it.
fn lan_address() -> anyhow::Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    let found = socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).and_then(|()| socket.local_addr());
    match found.map(|address| address.ip()) {
        Ok(std::net::IpAddr::V4(address)) if !address.is_loopback() => Ok(address),
        _ => bail!("this machine is on no network that a phone could share; run without --lan"),
    }
}

fn wait_until_it_listens(child: &mut Child) -> anyhow::Result<()> {
    let output = child.stdout.take().context("the server's output cannot be read")?;
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.starts_with("listening on ") {
                let _ = send.send(());
            }
        }
    });
    // The sender goes away with the server's output, so a server that dies is noticed at once.
    receive.recv_timeout(Duration::from_secs(30)).context("it did not say that it listens")
}
