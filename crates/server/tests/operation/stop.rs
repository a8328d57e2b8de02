//! The server is told to stop while everybody is talking to it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Barrier},
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{kiosk::FakeKiosk, program::Program, server::command, wait};

use super::{
    caller::{Answer, Caller},
    place::{Place, SOON},
};

const CALLERS: usize = 12;

/// What became of one message.
struct Sent {
    key: String,
    acknowledged: bool,
}

fn say(caller: &mut Caller, token: &str, key: &str) -> std::io::Result<Answer> {
    let body = json!({"action": "chat_message", "payload": {"sender": "user", "message": key}}).to_string();
    caller.ask("POST", "/session/update", &[("x-session-token", token), ("idempotency-key", key)], &body)
}

/// Says one thing after the other, on one connection until it is told that it closes, until nobody is there any more.
fn talk(address: &str, token: &str, name: usize, begun: &Barrier) -> Vec<Sent> {
    let mut said = Vec::new();
    let mut connection: Option<(Caller, bool)> = None;
    loop {
        let (mut caller, is_used) = match connection.take() {
            Some(open) => open,
            None => match Caller::connect(address) {
                Ok(caller) => (caller, false),
                Err(_) => return said,
            },
        };
        let key = format!("message {name}-{}", said.len());
        match say(&mut caller, token, &key) {
            Ok(answer) => {
                assert_eq!(answer.status, 200, "{:?}", String::from_utf8_lossy(&answer.body));
                said.push(Sent { key, acknowledged: true });
                if said.len() == 5 {
                    begun.wait();
                }
                if !answer.closes() {
                    connection = Some((caller, true));
                }
            }
            // The door closed in the moment of knocking. On a connection that lives, every request is answered.
            Err(error) => {
                assert!(!is_used, "a request on an open connection was not answered: {error}");
                said.push(Sent { key, acknowledged: false });
                return said;
            }
        }
    }
}

#[test]
fn a_stop_under_load_answers_everything_and_loses_nothing() {
    let mut place = Place::open(&[]);
    let mut first = Caller::connect(&place.address).unwrap();
    let started: Vec<String> = (0..CALLERS)
        .map(|_| {
            let answer = first.ask("POST", "/session/start", &[], r#"{"phone":"9820000199"}"#).unwrap();
            answer.json()["session_token"].as_str().unwrap().to_owned()
        })
        .collect();
    drop(first);
    let begun = Arc::new(Barrier::new(CALLERS + 1));
    let talking: Vec<_> = started
        .iter()
        .enumerate()
        .map(|(name, token)| {
            let (address, token, begun) = (place.address.clone(), token.clone(), begun.clone());
            std::thread::spawn(move || talk(&address, &token, name, &begun))
        })
        .collect();
    begun.wait();
    place.terminate();
    let said: Vec<Vec<Sent>> = talking.into_iter().map(|talk| talk.join().unwrap()).collect();
    assert!(place.program.ended(SOON).unwrap().success(), "{}", place.program.said());

    place.reopen();
    let mut caller = Caller::connect(&place.address).unwrap();
    for (token, said) in started.iter().zip(&said) {
        assert!(said.iter().filter(|sent| sent.acknowledged).count() >= 5);
        for sent in said.iter().filter(|sent| !sent.acknowledged) {
            assert_eq!(say(&mut caller, token, &sent.key).unwrap().status, 200);
        }
        let restored = caller.ask("GET", "/session/restore", &[("x-session-token", token)], "").unwrap();
        let session = restored.json();
        let entries = session["session"]["data"]["chat_context"].as_array().unwrap();
        let mut found = BTreeMap::<&str, usize>::new();
        for entry in entries {
            *found.entry(entry["message"].as_str().unwrap()).or_default() += 1;
        }
        // A session shows its last 200.
        for sent in said.iter().rev().take(entries.len().min(190)) {
            assert_eq!(found.get(sent.key.as_str()), Some(&1), "{}", sent.key);
        }
    }
}

#[test]
fn while_it_goes_it_says_so_and_still_answers() {
    let mut place = Place::open(&["--drain-seconds", "5"]);
    let mut waiting = Caller::connect(&place.address).unwrap();
    assert_eq!(waiting.ask("GET", "/ready", &[], "").unwrap().status, 200);
    place.terminate();
    let going: Value = wait::blocking("a newcomer is told that it goes", SOON, || {
        let answer = Caller::connect(&place.address)?.ask("GET", "/ready", &[], "")?;
        Ok((answer.status == 503 && answer.closes()).then(|| answer.json()))
    })
    .unwrap();
    assert_eq!(going["detail"], json!("The server is stopping."));
    let answer = waiting.ask("GET", "/products", &[], "").unwrap();
    assert!(answer.status == 200 && answer.closes() && waiting.is_closed());
    assert!(place.program.ended(SOON).unwrap().success());
}

#[test]
fn a_stream_ends_in_order() {
    let mut place = Place::open(&[]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kiosk = FakeKiosk::new(&place.origin()).unwrap();
    let asked = runtime.block_on(kiosk.ask_enrolment()).unwrap();
    let mut enrol = command(&place.folder.path().join("data")).unwrap();
    enrol.args(["enrol", &asked.code, "--store", "S01", "--label", "By the door"]);
    assert!(Program::run(enrol, SOON).unwrap().status.success());
    let proof = kiosk.key().sign(&kiosk.claims(&Method::GET, "/v1/events", None)).unwrap();
    let mut stream = Caller::connect(&place.address).unwrap();
    stream.write(format!("GET /v1/events HTTP/1.1\r\nhost: shop\r\ndpop: {proof}\r\n\r\n").as_bytes()).unwrap();
    let head = stream.head().unwrap();
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
    assert!(stream.chunk().unwrap().is_some_and(|chunk| chunk.starts_with(b": live")));
    place.terminate();
    let mut last = Vec::new();
    while let Some(chunk) = stream.chunk().unwrap() {
        last = chunk;
    }
    let last = String::from_utf8(last).unwrap();
    assert!(last.contains("stopping") && last.contains("retry: "), "{last}");
    assert!(place.program.ended(SOON).unwrap().success());
}

#[test]
fn asked_twice_it_ends_at_once() {
    let mut place = Place::open(&["--drain-seconds", "120"]);
    let begun = Instant::now();
    place.terminate();
    place.program.line(SOON, |line| (line == "stopping").then_some(())).unwrap();
    place.terminate();
    assert!(!place.program.ended(SOON).unwrap().success());
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
}
