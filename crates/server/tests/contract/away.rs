//! A database that goes away and comes back: nothing that was acknowledged is lost, and nothing is there twice.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use testkit::postgres::Postgres;
use tokio::{sync::Semaphore, task::JoinSet};

use super::place::{ARRIVAL, Answer, Place};

const WRITERS: usize = 8;
const MESSAGES: usize = 25;
/// So many are acknowledged before the database goes away.
const BEFORE: usize = 60;
/// So many are refused before it comes back.
const REFUSED: usize = WRITERS;

async fn say(place: &Place, token: &str, text: &str) -> Answer {
    let body = json!({"action": "chat_message", "payload": {"message": text}}).to_string();
    let request = Request::post("/session/update")
        .header("x-session-token", token)
        .header("idempotency-key", text)
        .header(header::CONTENT_TYPE, "application/json");
    place.ask(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_a_database_that_comes_back_has_every_write_once() {
    let mut postgres = Postgres::start().unwrap();
    let name = postgres.create(None).unwrap();
    let mut place = Place::at(postgres.socket_address(&name)).await;
    place.send(&ARRIVAL).await;
    let token = place.known("customer");
    let place = Arc::new(place);
    let (acknowledged, refused) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let tries = Arc::new(AtomicUsize::new(0));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (place, token, tries) = (place.clone(), token.clone(), tries.clone());
        let (acknowledged, refused) = (acknowledged.clone(), refused.clone());
        writers.spawn(async move {
            for number in 0..MESSAGES {
                let text = format!("message {number} of {writer}");
                loop {
                    tries.fetch_add(1, Ordering::Relaxed);
                    let answer = say(&place, &token, &text).await;
                    if answer.status == 200 {
                        acknowledged.add_permits(1);
                        break;
                    }
                    let code = answer.body.as_ref().map(|body| body["code"].clone());
                    assert_eq!((answer.status, code), (503, Some(json!("service_unavailable"))), "{:?}", answer.body);
                    assert!(answer.headers.contains_key(header::RETRY_AFTER));
                    refused.add_permits(1);
                    // As a client does that is told to come again.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        });
    }
    acknowledged.acquire_many(u32::try_from(BEFORE).unwrap()).await.unwrap().forget();
    postgres.go_down();
    refused.acquire_many(u32::try_from(REFUSED).unwrap()).await.unwrap().forget();
    postgres.go_up().unwrap();
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    assert!(tries.load(Ordering::Relaxed) > WRITERS * MESSAGES, "some were sent more than once");

    let restore = Request::get("/session/restore").header("x-session-token", &token).body(Body::empty()).unwrap();
    let session = place.ask(restore).await.body.unwrap()["session"].clone();
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for entry in session["data"]["chat_context"].as_array().unwrap() {
        let text = entry["message"].as_str().unwrap();
        *said.entry(text.to_owned()).or_default() += 1;
        let (number, writer) = text.trim_start_matches("message ").split_once(" of ").unwrap();
        let number: usize = number.parse().unwrap();
        let next = last.insert(writer.to_owned(), number).map_or(0, |last| last + 1);
        assert_eq!(number, next, "each writer's messages stay in order");
    }
    assert_eq!(said.len(), WRITERS * MESSAGES, "none is lost");
    assert!(said.values().all(|times| *times == 1), "none is there twice: {said:?}");
    assert_eq!(session["version"], Value::from(1 + WRITERS * MESSAGES));
}
