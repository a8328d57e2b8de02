//! Sessions answered from memory show what the database holds.

use std::time::Duration;

use protocol::{event::EventBody, ids::Cursor, routes};
use serde_json::{Value, json};
use server_store::records::{SessionStatus, Topic};

use crate::testing::{Reply, TestServer, product};

async fn restore(server: &TestServer, token: &str) -> Reply {
    server.get(routes::SESSION_RESTORE, &[("x-session-token", token)]).await
}

/// The session, and whether memory answered.
async fn restored(server: &TestServer, token: &str) -> (Value, bool) {
    let (before, _) = server.state.live.hits_and_misses();
    let session = restore(server, token).await.expect(200)["session"].clone();
    (session, server.state.live.hits_and_misses().0 > before)
}

/// Waits until restoring answers this status, as it must within a second of its cause.
async fn until(server: &TestServer, token: &str, done: impl Fn(&Reply) -> bool) {
    let late = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        let reply = restore(server, token).await;
        if done(&reply) {
            return;
        }
        assert!(std::time::Instant::now() < late, "it still answers {} {:?}", reply.status, reply.json());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_second_look_needs_no_database_and_shows_the_same() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let (first, _) = restored(&server, &token).await;
    let (second, from_memory) = restored(&server, &token).await;
    assert!(from_memory);
    assert_eq!(first, second);
}

#[tokio::test]
async fn what_was_written_is_in_memory_as_the_database_has_it() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let changes = [
        ("add_to_cart", json!({"item": {"sku": "SKU-1"}})),
        ("chat_message", json!({"message": "hello", "metadata": {"shipping_address": {"city": "Springfield"}}})),
        ("chat_message", json!({"message": "hello"})),
        ("view_product", json!({"product": "SKU-2"})),
    ];
    for (action, payload) in changes {
        let updated = server.act(&token, action, payload).await.expect(200)["session"].clone();
        let (remembered, from_memory) = restored(&server, &token).await;
        assert!(from_memory, "{action}");
        assert_eq!(remembered, updated);
        let newest = server.state.read().await.unwrap().newest_cursor().await.unwrap();
        server.state.live.forget_all(Cursor(newest.0 + 1));
        let (read, from_memory) = restored(&server, &token).await;
        assert_eq!((&read, from_memory), (&remembered, false), "{action}");
    }
}

#[tokio::test]
async fn messages_worked_out_from_memory_are_as_the_database_has_them() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    let metadata = json!({"cards": [{"sku": "SKU-2", "price": 0.1}]});
    let mut updated = Value::Null;
    // As many as it takes for a summary to be written.
    for number in 0..7 {
        let payload = json!({"message": format!("message {number}"), "sender": "agent", "metadata": metadata});
        updated = server.act(&token, "chat_message", payload).await.expect(200)["session"].clone();
        let (remembered, from_memory) = restored(&server, &token).await;
        assert_eq!((&remembered, from_memory), (&updated, true));
    }
    assert_ne!(updated["data"]["conversation_summary"], json!(""));
    assert_eq!(updated["data"]["chat_context"].as_array().unwrap().len(), 7);
    let newest = server.state.read().await.unwrap().newest_cursor().await.unwrap();
    server.state.live.forget_all(Cursor(newest.0 + 1));
    assert_eq!(restored(&server, &token).await, (updated, false));
}

#[tokio::test]
async fn every_change_shows_at_once() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let look = async || {
        restored(&server, &token).await;
        let (session, from_memory) = restored(&server, &token).await;
        assert!(from_memory, "it was in memory before the next change");
        session
    };
    look().await;
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    assert_eq!(look().await["data"]["cart"][0]["price_minor"], json!(1_999));
    server.act(&token, "chat_message", json!({"message": "hello"})).await.expect(200);
    assert_eq!(look().await["data"]["chat_context"][0]["message"], json!("hello"));
    server.act(&token, "view_product", json!({"product": "SKU-2"})).await.expect(200);
    assert_eq!(look().await["data"]["recent"][0]["product"], json!("SKU-2"));

    let mut tx = server.state.write().await.unwrap();
    tx.put_product(&product("SKU-1", "Example Runner", 2_199)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look().await["data"]["cart"][0]["price_minor"], json!(2_199), "the catalogue");

    let id = look().await["customer_id"].as_str().unwrap().into();
    let mut tx = server.state.write().await.unwrap();
    let mut customer = tx.customer(&id).await.unwrap().unwrap();
    customer.loyalty_points = 77;
    tx.put_customer(&customer).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look().await["customer_profile"]["loyalty_points"], json!(77), "the customer");
}

#[tokio::test]
async fn an_ended_session_is_refused_by_the_very_next_call() {
    let server = TestServer::start().await;
    for path in [routes::SESSION_END, routes::AUTH_LOGOUT] {
        let token = server.guest().await;
        restored(&server, &token).await;
        assert!(restored(&server, &token).await.1);
        server.post(path, &[("x-session-token", &token)], &json!({})).await.expect(200);
        restore(&server, &token).await.refused(404, "session_expired", "Session not found");
    }
}

#[tokio::test]
async fn memory_forgets_what_another_program_has_changed() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    let id = server.session_id(&token).await;
    assert!(restored(&server, &token).await.1);
    // Past this server's own transactions, as another node writes.
    let mut tx = server.state.store.write().await.unwrap();
    tx.put_product(&product("SKU-1", "Example Runner", 2_299)).await.unwrap();
    tx.append_event(Topic::Shop, &EventBody::Touched, server.state.now()).await.unwrap();
    tx.commit().await.unwrap();
    until(&server, &token, |reply| reply.json()["session"]["data"]["cart"][0]["price_minor"] == json!(2_299)).await;
    assert!(restored(&server, &token).await.1);
    let mut tx = server.state.store.write().await.unwrap();
    let mut session = tx.session(id).await.unwrap().unwrap();
    session.status = SessionStatus::LoggedOut;
    session.generation += 1;
    tx.update_session(&session).await.unwrap();
    tx.append_event(Topic::Session(id), &EventBody::Touched, server.state.now()).await.unwrap();
    tx.commit().await.unwrap();
    until(&server, &token, |reply| reply.status == 404).await;
}

#[tokio::test]
async fn expiry_is_judged_in_memory_too() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    restored(&server, &token).await;
    server.pass(Duration::from_hours(7 * 24));
    restore(&server, &token).await.refused(404, "session_expired", "Session not found");
}
