//! A real Socket.IO client (the npm package `socket.io-client`) in a test's hands.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::OnceLock,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// A machine that does other things meanwhile may take so long.
const SOON: Duration = Duration::from_secs(30);

/// A client with one socket.
pub struct Socket {
    _client: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// What was heard and not asked for yet.
    before: Vec<(String, Value)>,
}

/// The client's folder, with its packages installed.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/socket/client");
        if !folder.join("node_modules/socket.io-client").exists() {
            let mut npm = std::process::Command::new("npm");
            let status = npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).stdout(Stdio::null()).status();
            assert!(status.unwrap().success(), "npm ci in {} failed", folder.display());
        }
        folder
    })
}

impl Socket {
    async fn open(url: &str, options: Value) -> Self {
        let mut command = Command::new("node");
        command.arg("talk.mjs").current_dir(folder()).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut client = command.spawn().unwrap();
        let (orders, output) = (client.stdin.take().unwrap(), client.stdout.take().unwrap());
        let mut socket = Self { _client: client, orders, lines: BufReader::new(output).lines(), before: Vec::new() };
        socket.order(json!({"connect": {"url": url, "options": options}})).await;
        socket
    }

    async fn order(&mut self, order: Value) {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.unwrap();
    }

    async fn next(&mut self) -> (String, Value) {
        let line = tokio::time::timeout(SOON, self.lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("nothing was heard; before that: {:?}", self.before)).unwrap();
        let mut line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        (line["event"].as_str().unwrap().to_owned(), line["data"].take())
    }

    /// Sends an event, and waits for its acknowledgement.
    pub async fn ask(&mut self, event: &str, data: Value) -> Value {
        self.order(json!({"emit": event, "data": data})).await;
        self.heard("ack").await
    }

    /// The next event of that name; those heard meanwhile are kept.
    pub async fn heard(&mut self, event: &str) -> Value {
        if let Some(place) = self.before.iter().position(|(name, _)| name == event) {
            return self.before.remove(place).1;
        }
        loop {
            let (name, data) = self.next().await;
            if name == event {
                return data;
            }
            self.before.push((name, data));
        }
    }

    /// Every event of that name that was heard and not asked for yet.
    pub fn all(&mut self, event: &str) -> Vec<Value> {
        self.before.extract_if(.., |(name, _)| name == event).map(|(_, data)| data).collect()
    }
}

/// A client that got in.
pub async fn connected(url: &str, options: Value) -> Socket {
    let mut socket = Socket::open(url, options).await;
    let (event, data) = socket.next().await;
    assert_eq!(event, "connect", "{data}");
    socket
}

/// Why a client did not get in.
pub async fn refused(url: &str, options: Value) -> String {
    let mut socket = Socket::open(url, options).await;
    let (event, data) = socket.next().await;
    assert_eq!(event, "connect_error", "{data}");
    data.as_str().unwrap().to_owned()
}
