//! How sessions begin, live and end.

use std::time::Duration;

use protocol::routes;
use serde_json::{Value, json};

use super::{DAY, TOKEN, restored};
use crate::testing::TestServer;

/// Headers, and the status, code and sentence they are answered with.
type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str, &'a str);

async fn start(server: &TestServer, body: Value) -> Value {
    server.post(routes::SESSION_START, &[], &body).await.expect(200)
}

#[tokio::test]
async fn a_started_session_has_every_documented_member() {
    let server = TestServer::start().await;
    let body = start(&server, json!({"phone": "(202) 555-0199", "channel": "kiosk", "customer_id": 901})).await;
    let session = &body["session"];
    assert_eq!(body["success"], json!(true));
    let token = body["session_token"].as_str().unwrap();
    assert_eq!(token.len(), 32);
    assert!(token.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)), "{token}");
    assert_eq!(session["session_token"], body["session_token"]);
    assert_eq!(session["phone"], json!("+12025550199"));
    assert_eq!(session["channel"], json!("kiosk"));
    assert_eq!(session["telegram_chat_id"], Value::Null);
    assert_eq!(session["is_active"], json!(true));
    assert_eq!(session["version"], json!(1));
    assert!(session["customer_id"].as_str().unwrap().starts_with("guest-"));
    assert_eq!(session["user_id"], session["customer_id"]);
    assert_eq!(session["guest"], json!(true));
    assert_eq!(session["assurance"], json!("guest"));
    let empty = json!({"cart": [], "recent": [], "chat_context": [], "last_action": null, "channels": ["kiosk"],
        "conversation_summary": "", "last_recommended_skus": []});
    assert_eq!(session["data"], empty);
    let metadata = json!({"channels": ["kiosk"], "chat_context": [], "conversation_summary": "", "last_recommended_skus": []});
    assert_eq!(session["metadata"], metadata);
    assert_eq!(session["created_at"], json!(server.state.now().to_string()));
    assert_eq!(session["expires_at"], json!(server.state.now().plus(7 * DAY).to_string()));
    assert!(session.get("customer_profile").is_none());
}

#[tokio::test]
async fn a_phone_alone_opens_nobodys_session() {
    let server = TestServer::start().await;
    let own = server.signed_up("2025550150").await;
    server.act(&own, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    let known = start(&server, json!({"phone": "2025550150"})).await;
    let imported = start(&server, json!({"phone": "2025550101"})).await;
    let unknown = start(&server, json!({"phone": "2025550151"})).await;
    for body in [&known, &imported, &unknown] {
        assert_eq!(body["session"]["guest"], json!(true));
        assert_eq!(body["session"]["data"]["cart"], json!([]));
        assert_eq!(body["session"]["channel"], json!("whatsapp"));
        assert!(body["session"].get("customer_profile").is_none());
        assert_ne!(body["session_token"], json!(own));
    }
    let again = start(&server, json!({"phone": "2025550150"})).await;
    assert_ne!(again["session"]["session_id"], known["session"]["session_id"], "two guests are two sessions");
}

#[tokio::test]
async fn who_holds_the_token_goes_on_on_another_channel() {
    let server = TestServer::start().await;
    let own = server.signed_up("2025550150").await;
    let body = json!({"phone": "+1 202 555 0150", "channel": "telegram"});
    let body = server.post(routes::SESSION_START, &[(TOKEN, &own)], &body).await.expect(200);
    assert_eq!(body["session_token"], json!(own));
    assert_eq!(body["session"]["data"]["channels"], json!(["web", "telegram"]));
    assert_eq!(body["session"]["metadata"]["channels"], json!(["web", "telegram"]));
    let other = server.post(routes::SESSION_START, &[(TOKEN, &own)], &json!({"phone": "2025550101"})).await.expect(200);
    assert_ne!(other["session_token"], json!(own), "the token proves nothing about another phone");
}

#[tokio::test]
async fn a_bad_start_is_refused_with_the_documented_sentence() {
    let server = TestServer::start().await;
    let cases = [
        (json!({}), 400, "bad_request", "Either phone or telegram_chat_id is required"),
        (json!({"phone": "  "}), 400, "bad_request", "Either phone or telegram_chat_id is required"),
        (json!({"phone": null, "telegram_chat_id": null}), 400, "bad_request", "Either phone or telegram_chat_id is required"),
        (
            json!({"phone": "2025550101", "channel": "fax"}),
            400,
            "bad_request",
            "channel must be web, kiosk, whatsapp or telegram",
        ),
        (json!({"phone": 2_025_550_101_u64}), 422, "validation_error", "phone has the wrong type or value"),
    ];
    for (body, status, code, detail) in cases {
        let reply = server.post(routes::SESSION_START, &[], &body).await;
        reply.refused(status, code, detail);
        assert_eq!(reply.json()["error"], json!(detail), "{body}");
    }
    for phone in ["guest", "5550101", "+1"] {
        let body = server.post(routes::SESSION_START, &[], &json!({"phone": phone})).await.expect(400);
        assert_eq!(body["code"], json!("invalid_phone"), "{phone}");
    }
}

#[tokio::test]
async fn restore_answers_by_token_alone() {
    let server = TestServer::start().await;
    let own = server.signed_up("2025550150").await;
    let body = server.get(routes::SESSION_RESTORE, &[(TOKEN, &own), ("x-phone", "2025550101")]).await.expect(200);
    assert_eq!((&body["session_token"], &body["session"]["phone"]), (&json!(own), &json!("+12025550150")));
    assert_eq!(body["session"]["customer_profile"]["name"], json!("Ravi Sample"));
    assert_eq!(body["session"]["data"]["customer_profile"]["name"], json!("Ravi Sample"));

    let cases: [Case<'_>; 7] = [
        (&[], 400, "bad_request", "Missing X-Session-Token or X-Phone header"),
        (&[(TOKEN, " ")], 400, "bad_request", "Missing X-Session-Token or X-Phone header"),
        (&[(TOKEN, "0f3c9a6be1d24c7f8a905b61c2d7e8f4")], 404, "session_not_found", "Session not found"),
        (&[("x-phone", "2025550150")], 404, "session_not_found", "Session not found for this phone number"),
        (&[("x-phone", "2025550152")], 404, "session_not_found", "Session not found for this phone number"),
        (&[("x-telegram-chat-id", "7")], 404, "session_not_found", "Session not found for Telegram chat ID"),
        (&[("x-customer-id", "901")], 404, "session_not_found", "Session not found for Customer ID"),
    ];
    for (headers, status, code, detail) in cases {
        server.get(routes::SESSION_RESTORE, headers).await.refused(status, code, detail);
    }
}

#[tokio::test]
async fn seven_days_unused_end_a_session_and_every_use_moves_that_day() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    server.pass(6 * DAY);
    let session = restored(&server, &token).await;
    assert_eq!(session["expires_at"], json!(server.state.now().plus(7 * DAY).to_string()));
    server.pass(6 * DAY);
    server.act(&token, "view_product", json!({"product": "SKU-1"})).await.expect(200);
    server.pass(7 * DAY);
    server.get(routes::SESSION_RESTORE, &[(TOKEN, &token)]).await.refused(404, "session_expired", "Session not found");
    server.act(&token, "clear_cart", json!({})).await.refused(404, "session_expired", "Session not found");
}

#[tokio::test]
async fn an_expired_customer_session_is_followed_by_a_new_one() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    server.pass(8 * DAY);
    let login = json!({"phone_number": "2025550150", "password": "walking by the river"});
    let body = server.post(routes::AUTH_LOGIN, &[], &login).await.expect(200);
    assert_ne!(body["session_token"], json!(token));
    assert_eq!(body["session"]["data"]["cart"], json!([]));
    server.get(routes::SESSION_RESTORE, &[(TOKEN, &token)]).await.refused(404, "session_expired", "Session not found");
}

#[tokio::test]
async fn an_ended_session_is_dead_on_every_channel() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    let session = restored(&server, &token).await;
    let request =
        crate::testing::request("POST", routes::SESSION_END, &[(TOKEN, &token)]).body(axum::body::Body::empty()).unwrap();
    let body = server.send(request).await.expect(200);
    let expected = json!({"message": "Session ended successfully", "session_id": session["session_id"], "phone": "+12025550150"});
    assert_eq!(body, expected);
    server.get(routes::SESSION_RESTORE, &[(TOKEN, &token)]).await.refused(404, "session_expired", "Session not found");
    server.post(routes::SESSION_END, &[(TOKEN, &token)], &json!({})).await.refused(404, "session_expired", "Session not found");
    server.post(routes::SESSION_END, &[], &json!({})).await.refused(400, "bad_request", "Missing X-Session-Token header");
    let login = json!({"phone_number": "2025550150", "password": "walking by the river"});
    let body = server.post(routes::AUTH_LOGIN, &[], &login).await.expect(200);
    assert_ne!(body["session"]["session_id"], session["session_id"]);
    assert_eq!(body["session"]["data"]["cart"], json!([]));
    assert_eq!(body["session"]["data"]["chat_context"], json!([]));
}

#[tokio::test]
async fn ending_one_channel_leaves_the_session_to_the_others() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    server.post(routes::SESSION_END, &[(TOKEN, &token)], &json!({"scope": "channel"})).await.expect(200);
    assert_eq!(restored(&server, &token).await["is_active"], json!(true));
}

#[tokio::test]
async fn the_database_holds_no_token() {
    let server = TestServer::start().await;
    let key = [("idempotency-key", "k-1")];
    let body = server.post(routes::SESSION_START, &key, &json!({"phone": "2025550199"})).await.expect(200);
    let token = body["session_token"].as_str().unwrap();
    server.act(token, "chat_message", json!({"message": "a sentence to be found"})).await.expect(200);
    let stored = server.stored();
    let holds = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("a sentence to be found"), "the search finds what is there");
    assert!(!holds(token));
}

#[tokio::test]
async fn a_repeated_request_has_one_effect_and_one_answer() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let update = json!({"action": "add_to_cart", "payload": {"item": {"sku": "SKU-1"}}});
    let headers = [(TOKEN, token.as_str()), ("idempotency-key", "k-1")];
    let first = server.post(routes::SESSION_UPDATE, &headers, &update).await.expect(200);
    server.pass(Duration::from_secs(5));
    let second = server.post(routes::SESSION_UPDATE, &headers, &update).await.expect(200);
    assert_eq!(first, second);
    let alias = [(TOKEN, token.as_str()), ("x-idempotency-key", "k-1")];
    server.post(routes::SESSION_UPDATE, &alias, &update).await.expect(200);
    assert_eq!(restored(&server, &token).await["data"]["cart"][0]["quantity"], json!(1));
    let other = json!({"action": "clear_cart"});
    let body = server.post(routes::SESSION_UPDATE, &headers, &other).await.expect(422);
    assert_eq!(body["code"], json!("idempotency_mismatch"));
    server.pass(DAY);
    crate::event::sweep(&server.state).await.unwrap();
    server.post(routes::SESSION_UPDATE, &headers, &other).await.expect(200);
}

#[tokio::test]
async fn a_repeated_start_makes_one_guest() {
    let server = TestServer::start().await;
    let headers = [("idempotency-key", "k-1")];
    let body = json!({"phone": "2025550199"});
    let (first, second) =
        tokio::join!(server.post(routes::SESSION_START, &headers, &body), server.post(routes::SESSION_START, &headers, &body));
    assert_eq!(first.expect(200), second.expect(200));
}

#[tokio::test]
async fn guests_of_one_address_are_counted() {
    let server = TestServer::start().await;
    let body = json!({"phone": "2025550199"});
    for _ in 0..120 {
        server.post(routes::SESSION_START, &[], &body).await.expect(200);
    }
    let reply = server.post(routes::SESSION_START, &[], &body).await;
    assert_eq!(reply.expect(429)["code"], json!("rate_limited"));
    assert!(reply.headers.contains_key("retry-after"));
    server.pass(Duration::from_secs(61));
    server.post(routes::SESSION_START, &[], &body).await.expect(200);
}

#[tokio::test]
async fn another_server_key_opens_no_session() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let other = crate::key::ServerKey::new([7; 32]);
    let mut tx = server.state.read().await.unwrap();
    let refused = crate::session::operations::live_session(&mut *tx, &other, &token, server.state.now()).await;
    assert!(matches!(refused, Err(crate::session::SessionError::Expired)), "a hash in the database alone is not enough");
}
