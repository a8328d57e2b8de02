//! The server under measurement, and what is in it.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use protocol::{ids::SessionId, routes};
use serde_json::json;
use tempfile::TempDir;
use testkit::{
    bench::resident_mb,
    program::{Program, built},
    server::{command, demo_shop, run},
};

use crate::{
    Options,
    client::{Connection, request},
    streams,
};

const LIMIT: Duration = Duration::from_mins(1);
/// Accounts that sign in.
const ACCOUNTS: usize = 24;
/// The password of all of them.
pub const PASSWORD: &str = "walking by the river";
/// Sessions are begun over so many connections.
const CONNECTIONS: usize = 32;

/// A shop with customers, and its server.
pub struct Shop {
    folder: TempDir,
    running: Option<Running>,
    sessions: Vec<OpenSession>,
    accounts: Vec<String>,
    kiosks: Vec<testkit::proof::DeviceKey>,
    log: PathBuf,
}

struct Running {
    program: Program,
    port: u16,
}

/// A customer's live session.
#[derive(Clone, Debug)]
pub struct OpenSession {
    pub token: String,
    pub id: SessionId,
}

impl Shop {
    /// The demo shop with as many customers, each with a live session, as are asked for.
    pub async fn open(bench: &Path, options: &Options) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("server-").tempdir_in(bench)?;
        let log = folder.path().join("log");
        let mut shop = Self { folder, running: None, sessions: Vec::new(), accounts: Vec::new(), kiosks: Vec::new(), log };
        let imported = run(&shop.data(), ["import".as_ref(), demo_shop().as_os_str()])?;
        ensure!(imported.status.success(), "the import failed:\n{}", imported.said);
        let added = run(&shop.data(), ["channel", "add", "web"])?;
        ensure!(added.status.success(), "the channel was not added:\n{}", added.said);
        let key = added.said.lines().find(|line| line.starts_with("vck_")).context("the channel has a key")?.to_owned();
        shop.restart()?;
        shop.begin_sessions(&key, options.sessions).await?;
        shop.sign_up().await?;
        if options.wants("streams") {
            shop.stop()?;
            let held = shop.sessions.first().context("there is a session")?.id;
            shop.kiosks = streams::enrol(&shop.data().join("vitrine.db"), held, options.streams).await?;
        }
        Ok(shop)
    }

    async fn begin_sessions(&mut self, key: &str, count: usize) -> Result<()> {
        let port = self.port()?;
        let chunks = (0..count).collect::<Vec<_>>();
        let begun = stream::iter(chunks.chunks(count.div_ceil(CONNECTIONS)).map(|numbers| async move {
            let mut connection = Connection::open(port).await?;
            let mut sessions = Vec::new();
            for number in numbers {
                let body = json!({"phone_number": format!("+9198{number:08}"), "name": format!("Customer Number {number}"), "city": "Mumbai"});
                let login = request("POST", routes::SESSION_LOGIN, *number, &[(routes::HEADER_CHANNEL_KEY, key)], Some(&body));
                let answer = connection.json(&login).await?;
                let token = answer["session_token"].as_str().context("a session has a token")?.to_owned();
                sessions.push(OpenSession { token, id: serde_json::from_value(answer["session"]["session_id"].clone())? });
            }
            anyhow::Ok(sessions)
        }));
        let begun: Vec<Vec<OpenSession>> = begun.buffered(CONNECTIONS).try_collect().await?;
        self.sessions = begun.concat();
        Ok(())
    }

    async fn sign_up(&mut self) -> Result<()> {
        let mut connection = Connection::open(self.port()?).await?;
        for number in 0..ACCOUNTS {
            let phone = format!("+9197{number:08}");
            let body = json!({"name": format!("Account {number}"), "phone_number": phone, "password": PASSWORD});
            connection.json(&request("POST", routes::AUTH_SIGNUP, number, &[], Some(&body))).await?;
            self.accounts.push(phone);
        }
        Ok(())
    }

    /// Starts the server anew; answers with how long it took until it said that it listens.
    pub fn restart(&mut self) -> Result<Duration> {
        self.stop()?;
        let mut command = command(&self.data())?;
        command.args(["serve", "--listen", "127.0.0.1:0", "--proxies", "127.0.0.1"]);
        let began = Instant::now();
        let mut program = Program::start_logging(command, File::create(&self.log)?)?;
        let listens = |line: &str| line.strip_prefix("listening on http://127.0.0.1:")?.parse().ok();
        let port = program
            .line(LIMIT, listens)
            .with_context(|| format!("the log says\n{}", std::fs::read_to_string(&self.log).unwrap_or_default()))?;
        let took = began.elapsed();
        self.running = Some(Running { program, port });
        Ok(took)
    }

    fn stop(&mut self) -> Result<()> {
        if let Some(mut running) = self.running.take() {
            let status = running.program.stop()?;
            ensure!(status.success(), "the server ended with {status}");
        }
        Ok(())
    }

    /// Where it listens.
    pub fn port(&self) -> Result<u16> {
        Ok(self.running.as_ref().context("the server runs")?.port)
    }

    /// Its resident memory.
    pub fn memory_mb(&self) -> Result<f64> {
        resident_mb(self.running.as_ref().context("the server runs")?.program.id())
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn sessions(&self) -> &[OpenSession] {
        &self.sessions
    }

    /// Phone numbers of those who sign in.
    pub fn accounts(&self) -> &[String] {
        &self.accounts
    }

    pub fn kiosks(&self) -> &[testkit::proof::DeviceKey] {
        &self.kiosks
    }
}

/// Size of the program in MB.
pub fn program_mb() -> Result<f64> {
    let bytes = built("vitrine-server")?.metadata()?.len();
    Ok(f64::from(u32::try_from(bytes / 1_024)?) / 1_024.0)
}
