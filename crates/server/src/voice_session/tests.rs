//! What is reported, kept and shown of spoken conversations.

use std::time::Duration;

use protocol::{routes, staff::Role};
use serde_json::{Value, json};

use crate::{
    account::tests::{Browser, registered},
    key,
    secret::Secret,
    testing::{Reply, TestServer},
};

const TOKEN: &str = "an ingest token";
const ONE: &str = "9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d20";
const TWO: &str = "9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d21";

async fn shop() -> TestServer {
    TestServer::start_with(|config| config.ingest_token = Some(Secret::new(TOKEN))).await
}

async fn ingest(server: &TestServer, body: &Value) -> Reply {
    server.post("/api/ingest/", &[("x-ingest-token", TOKEN)], body).await
}

async fn say(server: &TestServer, session: &str, user: Option<&str>, events: Value) -> Value {
    let body =
        json!({"session": {"id": session, "room": "quickstart", "user_id": user, "system_prompt": "Be kind."}, "events": events});
    ingest(server, &body).await.expect(200)["created"].clone()
}

fn entry(session: &str) -> String {
    routes::with_id(routes::ACCOUNT_HISTORY_ENTRY, session)
}

#[tokio::test]
async fn only_the_configured_token_reports() {
    let body = json!({"session": {"id": ONE}, "events": []});
    let closed = TestServer::start().await;
    for token in ["", TOKEN] {
        assert_eq!(
            closed.post(routes::INGEST, &[("x-ingest-token", token)], &body).await.expect(401)["code"],
            json!("invalid_token")
        );
    }
    let server = shop().await;
    server.post(routes::INGEST, &[], &body).await.expect(401);
    server.post(routes::INGEST, &[("x-ingest-token", "an ingest tokem")], &body).await.expect(401);
    ingest(&server, &body).await.expect(200);
    ingest(&server, &json!({})).await.refused(400, "bad_request", "Missing session");
    ingest(&server, &json!({"session": {}})).await.refused(400, "bad_request", "Missing session id");
    for wrong in [
        json!({"session": {"id": "seven"}}),
        json!({"session": {"id": ONE}, "events": [{"role": "ghost"}]}),
        json!({"session": {"id": ONE}, "events": [{"role": "user", "text": "x".repeat(4_001)}]}),
        json!({"session": {"id": ONE}, "events": [{"role": "user", "text": "x", "seq": -1}]}),
        json!({"session": {"id": ONE, "room": "x".repeat(129)}}),
    ] {
        assert_eq!(ingest(&server, &wrong).await.expect(422)["code"], json!("validation_error"), "{wrong}");
    }
}

#[tokio::test]
async fn a_history_shows_what_was_said_word_for_word() {
    let server = shop().await;
    let (asha, ravi) = (registered(&server, "asha@example.com").await, registered(&server, "ravi@example.com").await);
    let events = json!([
        {"role": "user", "text": "Hel", "is_final": false, "id": "u-1"},
        {"role": "agent", "event": "speech_started", "is_final": true},
        {"role": "agent", "text": "Hello! How can I help?", "is_final": true, "id": "a-1", "seq": 1},
        {"role": "user", "text": "A white shirt, please.", "final": true, "id": "u-1", "seq": 2},
        {"role": "event", "event": "session_ended"},
    ]);
    assert_eq!(say(&server, ONE, Some(&asha.id), events.clone()).await, json!(2));
    assert_eq!(say(&server, ONE, Some(&asha.id), events).await, json!(0), "a report that comes twice is one");
    server.pass(Duration::from_mins(15));
    say(&server, ONE, Some(&ravi.id), json!([{"role": "user", "text": "Thank you."}])).await;
    say(&server, TWO, Some(&asha.id), json!([])).await;
    let list = asha.get(&server, routes::ACCOUNT_HISTORY).await.expect(200);
    assert_eq!(
        (&list["count"], &list["next"], &list["previous"]),
        (&json!(1), &json!(null), &json!(null)),
        "nothing was said in the second"
    );
    let item = &list["results"][0];
    assert_eq!((&item["id"], &item["utterance_count"], &item["ended_at"]), (&json!(ONE), &json!(3), &json!(null)));
    assert_eq!((&item["room"], &item["system_prompt"]), (&json!("quickstart"), &json!("Be kind.")));
    let saved = asha
        .send(
            &server,
            "POST",
            routes::ACCOUNT_SAVE_SESSION,
            &json!({"session_id": ONE, "messages": [{"role": "user", "text": "invented"}]}),
        )
        .await;
    assert_eq!(saved.expect(200)["utterance_count"], json!(3));
    let whole = asha.get(&server, &entry(ONE)).await.expect(200);
    assert_eq!((&whole["duration_ms"], &whole["metadata"]), (&json!(900_000), &json!({})));
    let said: Vec<_> = whole["utterances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["role"].clone(), one["text"].clone(), one["seq"].clone()))
        .collect();
    assert_eq!(
        said,
        [
            (json!("agent"), json!("Hello! How can I help?"), json!(3)),
            (json!("user"), json!("A white shirt, please."), json!(4)),
            (json!("user"), json!("Thank you."), json!(6)),
        ]
    );
    assert_eq!(
        (&whole["utterances"][0]["is_final"], &whole["utterances"][0]["event"], &whole["utterances"][0]["session"]),
        (&json!(true), &json!(null), &json!(ONE))
    );
    for path in [entry(ONE), entry(TWO.replace('1', "2").as_str()), entry("seven")] {
        ravi.get(&server, &path).await.refused(404, "session_not_found", "Session not found");
    }
    assert_eq!(ravi.get(&server, routes::ACCOUNT_HISTORY).await.expect(200)["count"], json!(0), "it did not change hands");
}

#[tokio::test]
async fn a_history_comes_in_pages() {
    let server = shop().await;
    let asha = registered(&server, "asha@example.com").await;
    for number in 0..5 {
        server.pass(Duration::from_mins(1));
        let id = format!("9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c700{number}");
        say(&server, &id, Some(&asha.id), json!([{"role": "user", "text": "hello"}])).await;
    }
    let page = asha.get(&server, "/api/users/history?limit=2&offset=2").await.expect(200);
    assert_eq!((&page["count"], page["results"].as_array().unwrap().len()), (&json!(5), 2));
    assert_eq!(page["results"][0]["id"], json!("9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7002"), "newest first");
    assert_eq!(
        (&page["next"], &page["previous"]),
        (&json!("/api/users/history?limit=2&offset=4"), &json!("/api/users/history?limit=2&offset=0"))
    );
    let wrong = asha.get(&server, "/api/users/history?limit=two").await;
    wrong.refused(400, "validation_error", "Invalid pagination parameters");
    assert_eq!(server.get(routes::ACCOUNT_HISTORY, &[]).await.expect(401)["code"], json!("authentication_required"));
}

#[tokio::test]
async fn an_anonymous_conversation_is_saved_only_by_who_began_it_and_while_it_lives() {
    let server = shop().await;
    let asha = registered(&server, "asha@example.com").await;
    let save = async |session: &str, ticket: &str, cookie: &str| {
        let browser =
            Browser { cookie: format!("{}; voice_session={cookie}", asha.cookie), csrf: asha.csrf.clone(), id: String::new() };
        browser
            .send(
                &server,
                "POST",
                routes::ACCOUNT_SAVE_SESSION,
                &json!({"session_id": session, "ticket": ticket, "messages": []}),
            )
            .await
    };
    for session in [ONE, TWO] {
        say(&server, session, None, json!([{"role": "user", "text": "hello"}])).await;
        let mut tx = server.state.write().await.unwrap();
        let mut begun = tx.voice_session(session.parse().unwrap()).await.unwrap().unwrap().session;
        begun.starter_hash = Some(key::sha256(b"the-ticket").to_vec());
        tx.put_voice_session(&begun).await.unwrap();
        tx.commit().await.unwrap();
        save(session, "another", "another").await.refused(404, "session_not_found", "Session not found");
    }
    assert_eq!(save(ONE, "the-ticket", "").await.expect(200)["id"], json!(ONE));
    assert_eq!(save(TWO, "another", "the-ticket").await.expect(200)["id"], json!(TWO));
    assert_eq!(asha.get(&server, routes::ACCOUNT_HISTORY).await.expect(200)["count"], json!(2));
}

#[tokio::test]
async fn an_anonymous_transcript_ends_with_its_conversation() {
    let server = shop().await;
    assert_eq!(say(&server, ONE, None, json!([{"role": "user", "text": "hello"}])).await, json!(1));
    let end = json!({"session": {"id": ONE, "ended_at": "2026-02-12T10:00:00Z"}, "events": [{"role": "user", "text": "bye"}]});
    assert_eq!(ingest(&server, &end).await.expect(200)["created"], json!(0));
    let mut tx = server.state.read().await.unwrap();
    let left = tx.voice_session(ONE.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((left.utterances, left.session.system_prompt.as_str()), (0, ""), "nothing that was said or meant is left");
    drop(tx);
    let late = json!({"session": {"id": ONE}, "events": [{"role": "user", "text": "one more thing"}]});
    assert_eq!(
        ingest(&server, &late).await.expect(200),
        json!({"created": 0, "ended": true}),
        "what is over does not begin anew"
    );
    say(&server, TWO, Some("b2b7b8f6-4a49-4b46-a2fd-5a1a2f8f0001"), json!([{"role": "user", "text": "hello"}])).await;
    server.pass(Duration::from_hours(25));
    crate::event::sweep(&server.state).await.unwrap();
    let left = server.state.read().await.unwrap().voice_session(TWO.parse().unwrap()).await.unwrap();
    assert!(left.is_none(), "an account that is none owns nothing");
}

#[tokio::test]
async fn the_raw_lists_are_for_managers() {
    let server = shop().await;
    let asha = registered(&server, "asha@example.com").await;
    say(&server, ONE, Some(&asha.id), json!([{"role": "user", "text": "hello"}])).await;
    for path in ["/api/sessions/", "/api/utterances/"] {
        server.get(path, &[]).await.expect(401);
        let sentence = "Resource requires 'manager' role. Your role: 'customer'";
        asha.get(&server, path).await.refused(403, "role_required", sentence);
    }
    let mut tx = server.state.write().await.unwrap();
    let now = tx.now();
    tx.grant_role(asha.id.parse().unwrap(), Role::Manager, None, now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(asha.get(&server, "/api/sessions/").await.expect(200)[0]["id"], json!(ONE));
    assert_eq!(asha.get(&server, "/api/utterances/?limit=1").await.expect(200)[0]["text"], json!("hello"));
}
