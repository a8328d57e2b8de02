//! What a device's stream carries.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use protocol::{event::EventBody, kiosk_session::EndReason, routes, session::Assurance};
use serde_json::{Value, json};
use server_store::records::Topic;

use crate::{
    event, kiosk_session,
    testing::{TestKiosk, TestServer, request},
};

/// A stream that a test reads.
struct Listening {
    frames: BodyDataStream,
    text: String,
    /// Where it began, if that was not said.
    opened: i64,
}

impl Listening {
    async fn to(server: &TestServer, kiosk: &TestKiosk, after: Option<i64>) -> Self {
        let path = after.map_or(routes::EVENTS.to_owned(), |after| format!("{}?after={after}", routes::EVENTS));
        let proof = server.proof(kiosk, "GET", routes::EVENTS, None);
        let response = server.open(request("GET", &path, &[("dpop", &proof)]).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self { frames: response.into_body().into_data_stream(), text: String::new(), opened: -1 };
        assert_eq!(stream.block().await.as_deref(), Some(": live"), "the stream says at once that it lives");
        if after.is_none() {
            stream.opened = stream.event().await.0;
        }
        stream
    }

    /// The next block of lines; none at the end of the stream.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let frame = tokio::time::timeout(Duration::from_mins(1), self.frames.next()).await.expect("the stream is silent")?;
            self.text.push_str(std::str::from_utf8(&frame.unwrap()).unwrap());
        }
    }

    /// The next event, with the cursor of its `id:` line.
    async fn event(&mut self) -> (i64, Value) {
        let block = self.block().await.expect("the stream ended");
        let line = |name: &str| {
            block
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap_or_else(|| panic!("no {name} in {block}"))
                .trim()
                .to_owned()
        };
        let event: Value = serde_json::from_str(&line("data:")).unwrap();
        let cursor = line("id:").parse().unwrap();
        assert_eq!(event["cursor"], json!(cursor));
        (cursor, event["body"].clone())
    }
}

async fn say(server: &TestServer, token: &str, message: &str) {
    server.act(token, "chat_message", json!({"message": message})).await.expect(200);
}

#[tokio::test]
async fn what_is_written_on_another_channel_reaches_the_kiosk_that_holds_the_session() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let kiosk = server.kiosk("S01").await;
    let mut stream = Listening::to(&server, &kiosk, None).await;
    say(&server, &token, "before the hold").await;
    server.hold(&kiosk, server.session_id(&token).await, Assurance::Qr).await;
    say(&server, &token, "from the web").await;
    let mut messages = Vec::new();
    while messages.last().is_none_or(|message| message != "from the web") {
        let (_, body) = stream.event().await;
        assert_eq!(body["kind"], json!("chat_appended"));
        messages.push(body["entry"]["message"].as_str().unwrap().to_owned());
    }
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    let (_, body) = stream.event().await;
    assert_eq!(
        (&body["kind"], &body["cart"][0]["sku"], &body["cart"][0]["quantity"]),
        (&json!("cart_changed"), &json!("SKU-1"), &json!(1))
    );
}

#[tokio::test]
async fn an_import_that_changes_the_catalogue_is_told_once_to_every_kiosk() {
    let server = TestServer::start().await;
    let (one, other) = (server.kiosk("S01").await, server.kiosk("S02").await);
    let mut streams = [Listening::to(&server, &one, None).await, Listening::to(&server, &other, None).await];
    let folder = tempfile::tempdir().unwrap();
    let import = async |products: &str| {
        std::fs::write(folder.path().join("products.csv"), products).unwrap();
        crate::import::import(&server.state, folder.path(), None, &indicatif::ProgressBar::hidden()).await.unwrap();
    };
    import("sku,name,price\nSKU-1,Example Walker,24.99\nSKU-9,Example Sandal,9.99\n").await;
    import("sku,name,price\nSKU-1,Example Walker,24.99\nSKU-9,Example Sandal,9.99\n").await;
    let mut tx = server.state.write().await.unwrap();
    event::append(&mut tx, Topic::Shop, &EventBody::Unknown).await.unwrap();
    tx.commit().await.unwrap();
    for stream in &mut streams {
        let told = [stream.event().await, stream.event().await];
        assert_eq!(told[0].1["kind"], json!("catalogue_changed"));
        assert_ne!(told[1].1["kind"], json!("catalogue_changed"), "an import that changes nothing is not told");
    }
    // A kiosk that was away hears of it when it comes back.
    let mut resumed = Listening::to(&server, &one, Some(streams[0].opened)).await;
    assert_eq!(resumed.event().await.1["kind"], json!("catalogue_changed"));
}

#[tokio::test]
async fn another_kiosk_hears_nothing_of_it() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let (holds, other) = (server.kiosk("S01").await, server.kiosk("S01").await);
    let hold = server.hold(&holds, server.session_id(&token).await, Assurance::Qr).await;
    let guest = server.guest().await;
    let others = server.hold(&other, server.session_id(&guest).await, Assurance::Guest).await;
    let mut stream = Listening::to(&server, &other, None).await;
    say(&server, &token, "a secret").await;
    let mut tx = server.state.write().await.unwrap();
    kiosk_session::operations::end(&mut tx, hold.id, EndReason::Done).await.unwrap();
    kiosk_session::operations::end(&mut tx, others.id, EndReason::Idle).await.unwrap();
    tx.commit().await.unwrap();
    let (_, body) = stream.event().await;
    assert_eq!(
        (&body["kind"], &body["kiosk_session_id"]),
        (&json!("kiosk_session_ended"), &json!(others.id)),
        "its own end is the first thing it hears"
    );
}

#[tokio::test]
async fn after_its_end_a_hold_hears_no_more_of_the_session() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let kiosk = server.kiosk("S01").await;
    let session = server.session_id(&token).await;
    let hold = server.hold(&kiosk, session, Assurance::Qr).await;
    let mut stream = Listening::to(&server, &kiosk, None).await;
    let mut tx = server.state.write().await.unwrap();
    kiosk_session::operations::end(&mut tx, hold.id, EndReason::Done).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stream.event().await.1["reason"], json!("done"));
    say(&server, &token, "later, at home").await;
    let guest = server.guest().await;
    let next = server.hold(&kiosk, server.session_id(&guest).await, Assurance::Guest).await;
    say(&server, &guest, "the next customer").await;
    let (_, body) = stream.event().await;
    assert_eq!(body["entry"]["message"], json!("the next customer"), "{next:?}");
}

#[tokio::test]
async fn a_stream_that_breaks_before_its_first_event_misses_nothing() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let kiosk = server.kiosk("S01").await;
    server.hold(&kiosk, server.session_id(&token).await, Assurance::Qr).await;
    let stream = Listening::to(&server, &kiosk, None).await;
    let opened = stream.opened;
    drop(stream);
    say(&server, &token, "while nobody listened").await;
    let mut stream = Listening::to(&server, &kiosk, Some(opened)).await;
    assert_eq!(stream.event().await.1["entry"]["message"], json!("while nobody listened"));
}

#[tokio::test]
async fn a_stream_resumes_after_its_last_event() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let kiosk = server.kiosk("S01").await;
    server.hold(&kiosk, server.session_id(&token).await, Assurance::Qr).await;
    let mut stream = Listening::to(&server, &kiosk, None).await;
    say(&server, &token, "one").await;
    let (cursor, _) = stream.event().await;
    drop(stream);
    say(&server, &token, "two").await;
    say(&server, &token, "three").await;
    let mut stream = Listening::to(&server, &kiosk, Some(cursor)).await;
    assert_eq!(stream.event().await.1["entry"]["message"], json!("two"));
    assert_eq!(stream.event().await.1["entry"]["message"], json!("three"));
}

#[tokio::test]
async fn a_cursor_that_the_log_no_longer_covers_is_refused() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let kiosk = server.kiosk("S01").await;
    say(&server, &token, "one").await;
    say(&server, &token, "two").await;
    server.pass(Duration::from_hours(8 * 24));
    event::sweep(&server.state).await.unwrap();
    let newest = server.state.read().await.unwrap().newest_cursor().await.unwrap().0;
    let open = async |after: &str| {
        let proof = server.proof(&kiosk, "GET", routes::EVENTS, None);
        let path = format!("{}?after={after}", routes::EVENTS);
        server.open(request("GET", &path, &[("dpop", &proof)]).body(Body::empty()).unwrap()).await.status().as_u16()
    };
    assert_eq!(open(&(newest - 1).to_string()).await, 410, "an event after it was forgotten");
    assert_eq!(open(&newest.to_string()).await, 200, "nothing after it was missed");
    assert_eq!(open(&(newest + 9).to_string()).await, 410, "no such event was ever appended");
    assert_eq!(open("x").await, 422);
}

#[tokio::test]
async fn a_stream_needs_an_enrolled_device() {
    let server = TestServer::start().await;
    let reply = server.get(routes::EVENTS, &[]).await;
    assert_eq!(reply.expect(401)["code"], json!("invalid_proof"));
    let stranger =
        TestKiosk { id: protocol::ids::DeviceId(server.state.new_id()), key: testkit::proof::DeviceKey::new().unwrap() };
    let proof = server.proof(&stranger, "GET", routes::EVENTS, None);
    let reply = server.get(routes::EVENTS, &[("dpop", &proof)]).await;
    assert_eq!(reply.expect(403)["code"], json!("kiosk_not_enrolled"));
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    let mut stream = Listening::to(&server, &kiosk, None).await;
    server.state.shutdown.cancel();
    let last = stream.block().await.unwrap();
    assert!(last.starts_with("retry: "), "it says when to come back: {last}");
    assert_eq!(stream.block().await, None);
}

#[tokio::test]
async fn an_event_of_another_program_on_the_same_database_wakes_the_stream() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    let mut stream = Listening::to(&server, &kiosk, None).await;
    // What is written past this server's transactions announces itself to nobody.
    let mut tx = server.state.store.write().await.unwrap();
    tx.append_event(Topic::Device(kiosk.id), &EventBody::DeviceChanged, server.state.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stream.event().await.1["kind"], json!("device_changed"));
}
