//! `vitrine-server doctor`, where all is well and where it is not.

use std::{net::TcpListener, path::Path};

use serde_json::{Value, json};
use testkit::{
    postgres::Postgres,
    program::{Ended, Program, free_port},
    server::command,
};

use super::place::{Place, SOON};

fn doctor(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut command = command(data).unwrap();
    command.env("VITRINE_LOG", "off").arg("doctor").args(arguments).envs(variables.iter().copied());
    Program::run(command, SOON).unwrap()
}

/// What it says to programs.
fn report(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Value {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    let ended = doctor(data, &arguments, variables);
    let report: Value = serde_json::from_str(&ended.said).unwrap_or_else(|error| panic!("{error}: {}", ended.said));
    assert_eq!(report["ok"], json!(ended.status.success()), "{report}");
    report
}

/// Level, finding and advice of a check.
#[track_caller]
fn check<'a>(report: &'a Value, name: &str) -> (&'a str, &'a str, &'a str) {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("no {name} in {report}"));
    let text = |member: &str| check[member].as_str().unwrap();
    (text("level"), text("found"), text("advice"))
}

#[track_caller]
fn is(report: &Value, name: &str, level: &str, word: &str) {
    let (found_level, found, advice) = check(report, name);
    assert!(found_level == level && found.contains(word), "{name}: {found_level} {found} -> {advice}");
    assert_eq!(advice.is_empty(), level == "ok", "{name}: {found} -> {advice}");
}

#[test]
fn beside_a_server_that_works_it_finds_nothing_that_fails_and_leaves_nothing_behind() {
    let place = Place::open(&[]);
    let data = place.folder.path().join("data");
    let files = || {
        let mut names: Vec<_> = std::fs::read_dir(&data).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = files();
    let arguments = ["--listen", place.address.as_str()];
    let report = report(&data, &arguments, &[]);
    assert_eq!(report["ok"], json!(true), "{report}");
    for (name, word) in [
        ("config", "read"),
        ("demo", "off"),
        ("data", "private"),
        ("key", "private"),
        ("images", "pictures"),
        ("database", "up to date"),
        ("listen", "a vitrine-server answers"),
        ("bus", "none"),
        ("proxies", "none"),
        ("sign_in", "no provider"),
        ("metrics", "only this machine"),
        ("voice", "no media server"),
    ] {
        is(&report, name, "ok", word);
    }
    is(&report, "public_url", "warn", "only this machine");
    is(&report, "mail", "warn", "no mail server");
    assert_eq!(files(), before);
    let said = doctor(&data, &arguments, &[]);
    assert!(said.status.success());
    assert_eq!(said.said.lines().count(), report["checks"].as_array().unwrap().len(), "one line for each");
    assert!(
        said.said.lines().all(|line| ["ok   ", "warn ", "fail "].iter().any(|level| line.starts_with(level))),
        "{}",
        said.said
    );
}

#[test]
fn what_is_wrong_on_the_machine_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = taken.accept() {
            let _ = std::io::Write::write_all(&mut &stream, b"220 another program\r\n");
        }
    });
    std::fs::write(
        folder.path().join("vitrine.db"),
        "a letter that somebody saved under this name, long enough to have a header",
    )
    .unwrap();
    let key = folder.path().join("server.key");
    std::fs::write(&key, "short").unwrap();
    let report = report(folder.path(), &["--listen", &address], &[]);
    assert_eq!(report["ok"], json!(false));
    is(&report, "database", "fail", "vitrine.db");
    is(&report, "key", "fail", "32 bytes");
    is(&report, "listen", "fail", "another program");
    is(&report, "images", "warn", "not there");
    std::fs::write(&key, [7; 32]).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    is(&self::report(folder.path(), &[], &[]), "key", "fail", "others");
    let absent = self::report(&folder.path().join("absent"), &[], &[]);
    is(&absent, "data", "warn", "not there");
    is(&absent, "database", "ok", "still to be made");
    assert!(!folder.path().join("absent").exists(), "nothing is made");
}

#[test]
fn a_config_that_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("vitrine.toml");
    std::fs::write(&config, "listen = nowhere\n").unwrap();
    let report = report(folder.path(), &["--config", config.to_str().unwrap()], &[]);
    is(&report, "config", "fail", "line 1");
}

#[test]
fn another_key_and_a_newer_database_are_told() {
    let postgres = Postgres::shared();
    let name = postgres.create(None).unwrap();
    let address = postgres.address(&name);
    let variables = [("VITRINE_DATABASE_URL", address.as_str())];
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let empty = report(&one, &[], &variables);
    is(&empty, "database", "ok", "still to be made");
    is(&empty, "clock", "ok", "clock");

    let mut devices = command(&one).unwrap();
    devices.arg("devices").env("VITRINE_DATABASE_URL", &address);
    let opened = Program::run(devices, SOON).unwrap();
    assert!(opened.status.success(), "{}", opened.said);
    is(&report(&one, &[], &variables), "database", "ok", "up to date");
    is(&report(&one, &[], &variables), "nodes", "ok", "key of the nodes");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("server.key"), [7; 32]).unwrap();
    let report_of_other = report(&other, &[], &variables);
    is(&report_of_other, "nodes", "fail", "not the key");
    assert!(check(&report_of_other, "nodes").2.contains("adopt-key"));

    postgres.sql(&name, "INSERT INTO vitrine._sqlx_migrations VALUES (9999, 'of the future', now(), true, '', 1)").unwrap();
    is(&report(&one, &[], &variables), "database", "fail", "newer version");
}

#[test]
fn what_cannot_be_reached_is_told_without_any_secret() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = free_port().unwrap();
    let database = format!("postgres://shop:s3cret@127.0.0.1:{nowhere}/shop");
    let bus = format!("nats://shop:s3cret@127.0.0.1:{nowhere}");
    let config = folder.path().join("vitrine.toml");
    let issuer = format!("http://127.0.0.1:{nowhere}");
    let text = format!(
        "[mail]\nhost = \"127.0.0.1\"\nport = {nowhere}\ntls = \"none\"\nfrom = \"shop@shop.example\"\n\
         [[sign_in]]\nid = \"people\"\nname = \"People\"\nissuer = \"{issuer}\"\nclient_id = \"shop\"\n"
    );
    std::fs::write(&config, text).unwrap();
    let public = format!("http://127.0.0.1:{nowhere}");
    let arguments = ["--config", config.to_str().unwrap(), "--public-url", &public];
    let media = format!("ws://shop:s3cret@127.0.0.1:{nowhere}");
    let variables = [
        ("VITRINE_DATABASE_URL", database.as_str()),
        ("VITRINE_BUS_URL", bus.as_str()),
        ("VITRINE_MEDIA_URL", media.as_str()),
        ("VITRINE_MEDIA_KEY", "APIexample"),
        ("VITRINE_MEDIA_SECRET", "s3cret of the media server"),
    ];
    let report = report(folder.path(), &arguments, &variables);
    is(&report, "database", "fail", "cannot be opened");
    is(&report, "bus", "warn", "cannot be used");
    is(&report, "mail", "fail", "127.0.0.1");
    is(&report, "sign_in", "fail", &issuer);
    is(&report, "reach", "warn", "cannot be reached");
    is(&report, "voice", "fail", "cannot be reached");
    assert!(!report.to_string().contains("s3cret"));
}
