//! A disk that is full, read-only or damaged, and a clock that is set back: one sentence says what to do, and nothing that was
//! acknowledged is lost.

use std::{fs, path::Path};

use serde_json::json;
use testkit::{
    program::Program,
    server::{command, demo_shop, listening},
    small_disk::SmallDisk,
    wrong_clock::WrongClock,
};

use super::{
    caller::{Answer, Caller},
    place::SOON,
};

/// The server's program on a disk.
fn on(disk: &SmallDisk, arguments: &[&str]) -> std::process::Command {
    let plain = command(&disk.path().join("data")).unwrap();
    let mut command = std::process::Command::new(disk.program(Path::new(plain.get_program())).unwrap());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.args(arguments).stdin(std::process::Stdio::null());
    command
}

const SERVE: &[&str] = &["serve", "--listen", "127.0.0.1:0"];

fn import(disk: &SmallDisk) {
    let shop = demo_shop();
    let ended = Program::run(on(disk, &["import", &shop.to_string_lossy()]), SOON).unwrap();
    assert!(ended.status.success(), "{}", ended.said);
}

fn serve(disk: &SmallDisk) -> (Program, Caller) {
    let (program, origin) = listening(on(disk, SERVE)).unwrap();
    (program, Caller::connect(origin.strip_prefix("http://").unwrap()).unwrap())
}

fn begin(caller: &mut Caller) -> String {
    let begun = caller.ask("POST", "/session/start", &[], r#"{"phone":"9820000199"}"#).unwrap();
    begun.json()["session_token"].as_str().unwrap().to_owned()
}

fn say(caller: &mut Caller, token: &str, text: &str) -> Answer {
    let body = json!({"action": "chat_message", "payload": {"message": text}}).to_string();
    let key = text.chars().take(40).collect::<String>();
    caller.ask("POST", "/session/update", &[("x-session-token", token), ("idempotency-key", &key)], &body).unwrap()
}

fn said(caller: &mut Caller, token: &str) -> Vec<String> {
    let restored = caller.ask("GET", "/session/restore", &[("x-session-token", token)], "").unwrap().json();
    let entries = restored["session"]["data"]["chat_context"].as_array().unwrap().iter();
    entries.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
}

/// The one line that a program has for whoever started it, which failed.
fn only_line(command: std::process::Command) -> String {
    let ended = Program::run(command, SOON).unwrap();
    assert!(!ended.status.success(), "it did not fail: {}", ended.said);
    let lines: Vec<&str> = ended.said.lines().filter(|line| line.starts_with("vitrine-server: ")).collect();
    let [line] = lines[..] else { panic!("not one sentence: {}", ended.said) };
    line.to_owned()
}

#[test]
fn a_full_disk_refuses_for_now_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount(24 * 1024).unwrap() else { return };
    import(&disk);
    let (mut program, mut caller) = serve(&disk);
    let token = begin(&mut caller);
    assert_eq!(say(&mut caller, &token, "before").status, 200);
    disk.fill().unwrap();
    let mut kept = vec!["before".to_owned()];
    // What the log of the database has room for is still taken.
    let refused = (0..100_000).map(|number| format!("{number} {}", "word ".repeat(500))).find_map(|text| {
        let answer = say(&mut caller, &token, &text);
        if answer.status == 200 {
            kept.push(text);
            return None;
        }
        Some((text, answer))
    });
    let (text, answer) = refused.unwrap();
    assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("service_unavailable")));
    assert!(answer.header("retry-after").is_some());
    program.line(SOON, |line| line.contains("free some space there").then_some(())).unwrap();
    assert_eq!(said(&mut caller, &token), kept, "it still reads");

    disk.free().unwrap();
    assert_eq!(say(&mut caller, &token, &text).status, 200, "it goes on by itself");
    kept.push(text);
    program.kill();
    let (_program, mut caller) = serve(&disk);
    assert_eq!(said(&mut caller, &token), kept);
}

#[test]
fn a_server_on_a_full_or_read_only_disk_says_so_in_one_sentence() {
    let Some(disk) = SmallDisk::mount(24 * 1024).unwrap() else { return };
    import(&disk);
    disk.read_only(true).unwrap();
    let line = only_line(on(&disk, SERVE));
    assert!(line.contains("cannot be written"), "{line}");
    disk.read_only(false).unwrap();

    fs::remove_dir_all(disk.seen("data")).unwrap();
    disk.fill().unwrap();
    let line = only_line(on(&disk, SERVE));
    assert!(line.contains("cannot be written") && line.contains("free space"), "{line}");
}

#[test]
fn damaged_pages_are_found_at_the_start_and_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let server = |arguments: &[&str]| {
        let mut command = command(&folder.path().join("data")).unwrap();
        command.args(arguments);
        command
    };
    let shop = demo_shop();
    assert!(Program::run(server(&["import", &shop.to_string_lossy()]), SOON).unwrap().status.success());
    let file = folder.path().join("data/vitrine.db");
    let whole = fs::read(&file).unwrap();
    let page = 4_096;
    for place in [0, page * (whole.len() / page / 2)] {
        let mut damaged = whole.clone();
        damaged[place..place + page].fill(0x5a);
        fs::write(&file, damaged).unwrap();
        let line = only_line(server(SERVE));
        assert!(line.contains("is damaged") && line.contains("restore a backup"), "page at {place}: {line}");
        let doctor = Program::run(server(&["doctor"]), SOON).unwrap();
        assert!(doctor.said.contains("Restore a backup."), "page at {place}: {}", doctor.said);
    }
    fs::write(&file, whole).unwrap();
    listening(server(SERVE)).unwrap();
}

#[test]
fn a_clock_that_is_set_back_a_day_loses_nobody_their_session() {
    let folder = tempfile::tempdir().unwrap();
    let clock = WrongClock::new().unwrap();
    let server = |arguments: &[&str]| {
        let mut command = command(&folder.path().join("data")).unwrap();
        command.args(arguments).envs(clock.environment());
        command
    };
    let shop = demo_shop();
    assert!(Program::run(server(&["import", &shop.to_string_lossy()]), SOON).unwrap().status.success());
    let serve = || {
        let (program, origin) = listening(server(SERVE)).unwrap();
        (program, Caller::connect(origin.strip_prefix("http://").unwrap()).unwrap())
    };
    let (mut program, mut caller) = serve();
    let token = begin(&mut caller);
    assert_eq!(say(&mut caller, &token, "today").status, 200);
    clock.set("-1d").unwrap();
    assert_eq!(say(&mut caller, &token, "yesterday").status, 200);
    let other = begin(&mut caller);
    assert_eq!(say(&mut caller, &other, "somebody else").status, 200);
    program.kill();
    let (_program, mut caller) = serve();
    assert_eq!(say(&mut caller, &token, "still yesterday").status, 200);
    assert_eq!(said(&mut caller, &token), ["today", "yesterday", "still yesterday"], "in the order in which they came");
    clock.set("+0").unwrap();
    assert_eq!(say(&mut caller, &token, "today again").status, 200);
}
