//! `vitrine-server` as an operator meets it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a story that cannot be told has failed")]

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

struct Program {
    child: Child,
    address: String,
}

impl Program {
    /// Serves on a free port, and waits until it says where.
    fn serve(data: &Path) -> Self {
        let mut child = command(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("it said {line}")).to_owned();
        Self { child, address }
    }

    fn get(&self, path: &str) -> String {
        use std::io::Write as _;
        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[cfg(unix)]
    fn terminate(mut self) -> std::process::ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(data: &Path) -> Command {
    testkit::server::command(data).unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[track_caller]
fn refused(output: &Output, parts: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn it_serves_and_goes_on_after_a_restart() {
    let folder = folder();
    let data = folder.path().join("deep/data");
    for _ in 0..2 {
        let program = Program::serve(&data);
        let answer = program.get("/health");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""status":"healthy""#), "{answer}");
        #[cfg(unix)]
        assert!(program.terminate().success(), "a stop on request is no failure");
    }
}

#[test]
fn a_taken_port_is_told_with_its_number() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let folder = folder();
    let output = command(folder.path()).args(["serve", "--listen", &address.to_string()]).output().unwrap();
    refused(&output, &[&format!("port {} is taken", address.port()), "--listen"]);
}

#[test]
fn a_data_folder_that_cannot_be_is_told_with_its_path() {
    let folder = folder();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let data = file.join("data");
    let output = command(&data).args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    refused(&output, &[&data.display().to_string(), "--data"]);
}

#[test]
fn a_damaged_config_file_is_told_with_its_line() {
    let folder = folder();
    let config = folder.path().join("vitrine.toml");
    std::fs::write(&config, "country = \"IN\"\nlisten = nowhere\n").unwrap();
    let output = command(folder.path()).arg("--config").arg(&config).arg("serve").output().unwrap();
    refused(&output, &["vitrine.toml", "line 2"]);
    let output = command(folder.path()).args(["--config", "/absent.toml", "serve"]).output().unwrap();
    refused(&output, &["/absent.toml"]);
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let folder = folder();
    std::fs::write(
        folder.path().join("vitrine.db"),
        "a letter that somebody saved under this name, long enough to have a header",
    )
    .unwrap();
    let output = command(folder.path()).args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    refused(&output, &["vitrine.db", "damaged", "backup"]);
}

#[test]
fn a_key_that_is_cut_short_is_told_and_kept() {
    let folder = folder();
    let key = folder.path().join("server.key");
    std::fs::write(&key, "short").unwrap();
    let output = command(folder.path()).args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    refused(&output, &["server.key", "32 bytes"]);
    assert_eq!(std::fs::read(&key).unwrap(), b"short");
}

#[test]
fn an_import_of_nothing_is_a_failure() {
    let (folder, empty) = (folder(), folder());
    let output = command(folder.path()).arg("import").arg(empty.path()).output().unwrap();
    refused(&output, &[&empty.path().display().to_string()]);
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_channels_key_is_shown_once_listed_without_it_and_revoked() {
    let folder = folder();
    let run = |arguments: &[&str]| command(folder.path()).arg("channel").args(arguments).output().unwrap();
    let key = said(&run(&["add", "whatsapp"]));
    assert!(key.starts_with("vck_") && key.lines().count() == 1, "{key}");
    said(&run(&["add", "stock desk", "--scope", "stock", "--scope", "payments"]));
    let list = said(&run(&["list"]));
    assert!(list.contains("\"whatsapp\" for channel whatsapp opens resume, agent"), "{list}");
    assert!(list.contains("\"stock desk\" for a service opens stock, payments"), "{list}");
    assert!(!list.contains(&key));
    refused(&run(&["add", "whatsapp"]), &["whatsapp", "another name"]);
    refused(&run(&["add", "desk"]), &["--scope", "loyalty"]);
    refused(&run(&["add", "desk", "--scope", "everything"]), &["resume, agent, internal, stock, loyalty, payments"]);
    refused(&run(&["add", "desk", "--scope", "resume"]), &["--for"]);
    said(&run(&["add", "second bot", "--for", "whatsapp"]));
    said(&run(&["revoke", "whatsapp"]));
    refused(&run(&["revoke", "whatsapp"]), &["whatsapp", "channel list"]);
}

#[test]
fn a_demonstration_that_others_could_reach_is_refused() {
    let folder = folder();
    let serve = |arguments: &[&str]| command(folder.path()).args(["serve", "--demo"]).args(arguments).output().unwrap();
    refused(&serve(&["--listen", "0.0.0.0:0"]), &["demo", "127.0.0.1"]);
    refused(&serve(&["--listen", "127.0.0.1:0", "--public-url", "https://shop.example"]), &["demo", "this machine alone"]);
}

#[test]
fn a_stop_ends_open_connections() {
    let folder = folder();
    let program = Program::serve(&folder.path().join("data"));
    // A caller that sends half a request and then nothing.
    let mut idle = std::net::TcpStream::connect(&program.address).unwrap();
    std::io::Write::write_all(&mut idle, b"GET /health HTTP/1.1\r\n").unwrap();
    let begun = std::time::Instant::now();
    #[cfg(unix)]
    assert!(program.terminate().success());
    assert!(begun.elapsed() < std::time::Duration::from_secs(30), "it waited {:?}", begun.elapsed());
}

#[test]
fn a_database_that_does_not_let_us_in_is_told_without_its_password() {
    let folder = folder();
    let postgres = testkit::postgres::Postgres::shared();
    let absent = postgres.address("absent");
    let output =
        command(folder.path()).env("VITRINE_DATABASE_URL", &absent).args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    refused(&output, &["absent", "cannot be opened", "check its address"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains(postgres.password()));
    let wrong = "mysql://shop:s3cret@db/shop";
    let output =
        command(folder.path()).env("VITRINE_DATABASE_URL", wrong).args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    refused(&output, &["postgres://user:password@host:5432/name"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("s3cret"));
}
