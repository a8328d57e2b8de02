//! `vitrine-server` as an operator meets it.
#![expect(clippy::unwrap_used, reason = "a story that cannot be told has failed")]

use std::{net::TcpListener, path::Path, process::Command, time::Duration};

use tempfile::TempDir;
use testkit::{
    answer::{Answer, client},
    postgres::Postgres,
    program::{Ended, Program},
    server::{command, listening},
};

const SOON: Duration = Duration::from_mins(1);

/// Serves on a free port; answers with where.
fn serve(data: &Path) -> (Program, String) {
    let mut command = command(data).unwrap();
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    listening(command).unwrap()
}

fn run(data: &Path, arguments: &[&str]) -> Ended {
    let mut command = command(data).unwrap();
    command.args(arguments);
    ended(command)
}

fn ended(command: Command) -> Ended {
    Program::run(command, SOON).unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[track_caller]
fn refused(ended: &Ended, parts: &[&str]) {
    let said = &ended.said;
    assert!(!ended.status.success(), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test]
async fn it_serves_and_goes_on_after_a_restart() {
    let folder = folder();
    let data = folder.path().join("deep/data");
    for _ in 0..2 {
        let (mut program, origin) = serve(&data);
        let answer = Answer::of(client().unwrap().get(format!("{origin}/health"))).await.unwrap();
        assert!(answer.status == 200 && answer.body.contains(r#""status":"healthy""#), "{}", answer.body);
        assert!(program.stop().unwrap().success(), "a stop on request is no failure");
    }
}

#[test]
fn a_taken_port_is_told_with_its_number() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let folder = folder();
    refused(
        &run(folder.path(), &["serve", "--listen", &address.to_string()]),
        &[&format!("port {} is taken", address.port()), "--listen"],
    );
}

#[test]
fn a_data_folder_that_cannot_be_is_told_with_its_path() {
    let folder = folder();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let data = file.join("data");
    refused(&run(&data, &["serve", "--listen", "127.0.0.1:0"]), &[&data.display().to_string(), "--data"]);
}

#[test]
fn a_damaged_config_file_is_told_with_its_line() {
    let folder = folder();
    let config = folder.path().join("vitrine.toml");
    std::fs::write(&config, "country = \"IN\"\nlisten = nowhere\n").unwrap();
    refused(&run(folder.path(), &["--config", config.to_str().unwrap(), "serve"]), &["vitrine.toml", "line 2"]);
    refused(&run(folder.path(), &["--config", "/absent.toml", "serve"]), &["/absent.toml"]);
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let folder = folder();
    std::fs::write(
        folder.path().join("vitrine.db"),
        "a letter that somebody saved under this name, long enough to have a header",
    )
    .unwrap();
    refused(&run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]), &["vitrine.db", "damaged", "backup"]);
}

#[test]
fn a_key_that_is_cut_short_is_told_and_kept() {
    let folder = folder();
    let key = folder.path().join("server.key");
    std::fs::write(&key, "short").unwrap();
    refused(&run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]), &["server.key", "32 bytes"]);
    assert_eq!(std::fs::read(&key).unwrap(), b"short");
}

#[test]
fn an_import_of_nothing_is_a_failure() {
    let (folder, empty) = (folder(), folder());
    let empty = empty.path().to_str().unwrap();
    refused(&run(folder.path(), &["import", empty]), &[empty]);
}

/// What a script that reads standard output gets.
fn printed(data: &Path, arguments: &[&str]) -> String {
    let output = command(data).unwrap().args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_channels_key_is_shown_once_listed_without_it_and_revoked() {
    let folder = folder();
    let run = |arguments: &[&str]| run(folder.path(), &[&["channel"], arguments].concat());
    let said = |arguments: &[&str]| printed(folder.path(), &[&["channel"], arguments].concat());
    let key = said(&["add", "whatsapp"]);
    assert!(key.starts_with("vck_") && key.lines().count() == 1, "{key}");
    said(&["add", "stock desk", "--scope", "stock", "--scope", "payments"]);
    let list = said(&["list"]);
    assert!(list.contains("\"whatsapp\" for channel whatsapp opens resume, agent"), "{list}");
    assert!(list.contains("\"stock desk\" for a service opens stock, payments"), "{list}");
    assert!(!list.contains(&key));
    refused(&run(&["add", "whatsapp"]), &["whatsapp", "another name"]);
    refused(&run(&["add", "desk"]), &["--scope", "loyalty"]);
    refused(&run(&["add", "desk", "--scope", "everything"]), &["resume, agent, internal, stock, loyalty, payments"]);
    refused(&run(&["add", "desk", "--scope", "resume"]), &["--for"]);
    said(&["add", "second bot", "--for", "whatsapp"]);
    said(&["revoke", "whatsapp"]);
    refused(&run(&["revoke", "whatsapp"]), &["whatsapp", "channel list"]);
}

#[test]
fn a_demonstration_that_others_could_reach_is_refused() {
    let folder = folder();
    let serve = |arguments: &[&str]| run(folder.path(), &[&["serve", "--demo"], arguments].concat());
    refused(&serve(&["--listen", "0.0.0.0:0"]), &["demo", "127.0.0.1"]);
    refused(&serve(&["--listen", "127.0.0.1:0", "--public-url", "https://shop.example"]), &["demo", "this machine alone"]);
}

#[test]
fn a_stop_ends_open_connections() {
    let folder = folder();
    let (mut program, origin) = serve(&folder.path().join("data"));
    // A caller that sends half a request and then nothing.
    let mut idle = std::net::TcpStream::connect(origin.strip_prefix("http://").unwrap()).unwrap();
    std::io::Write::write_all(&mut idle, b"GET /health HTTP/1.1\r\n").unwrap();
    program.ask_to_end();
    // No longer than a request that is half there may take to come.
    assert!(program.ended(Duration::from_secs(30)).unwrap().success());
}

#[test]
fn a_database_that_does_not_let_us_in_is_told_without_its_password() {
    let folder = folder();
    let postgres = Postgres::shared();
    let serve = |database: &str| {
        let mut command = command(folder.path()).unwrap();
        command.env("VITRINE_DATABASE_URL", database).args(["serve", "--listen", "127.0.0.1:0"]);
        ended(command)
    };
    let absent = serve(&postgres.address("absent"));
    refused(&absent, &["absent", "cannot be opened", "check its address"]);
    assert!(!absent.said.contains(postgres.password()));
    let wrong = serve("mysql://shop:s3cret@db/shop");
    refused(&wrong, &["postgres://user:password@host:5432/name"]);
    assert!(!wrong.said.contains("s3cret"));
}
