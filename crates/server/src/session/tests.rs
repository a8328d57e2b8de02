//! The session endpoints as their documents describe them.

use std::time::Duration;

use protocol::routes;
use serde_json::{Value, json};

use crate::testing::TestServer;

const DAY: Duration = Duration::from_secs(24 * 3_600);
const TOKEN: &str = "x-session-token";

async fn start(server: &TestServer, body: Value) -> Value {
    server.post(routes::SESSION_START, &[], &body).await.expect(200)
}

async fn restored(server: &TestServer, token: &str) -> Value {
    server.get(routes::SESSION_RESTORE, &[(TOKEN, token)]).await.expect(200)["session"].clone()
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
        (json!({"phone": "2025550101", "channel": "fax"}), 400, "bad_request", "channel must be web, kiosk, whatsapp or telegram"),
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

    let cases: [(&[(&str, &str)], u16, &str, &str); 7] = [
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
async fn the_cart_counts_with_the_catalogue() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let cart = async |action: &str, payload: Value| server.act(&token, action, payload).await.expect(200)["session"]["data"]["cart"].clone();

    let lines = cart("add_to_cart", json!({"item": {"sku": "SKU-1", "price": 0.01, "name": "Cheap"}})).await;
    let line = json!({"sku": "SKU-1", "name": "Example Runner", "quantity": 1, "price": 19.99, "price_minor": 1_999, "currency": "USD",
        "image_url": "/images/SKU-1.svg"});
    assert_eq!(lines, json!([line]));
    let lines = cart("add_to_cart", json!({"item": {"product_id": "SKU-1", "qty": 2}})).await;
    assert_eq!(lines[0]["quantity"], json!(3), "equal lines merge");
    let lines = cart("add_to_cart", json!({"item": {"SKU": "SKU-1", "options": {"size": "M"}}})).await;
    assert_eq!(lines.as_array().unwrap().len(), 2, "another size is another line");
    let lines = cart("set_quantity", json!({"sku": "SKU-1", "quantity": 5})).await;
    assert_eq!((&lines[0]["quantity"], &lines[1]["quantity"]), (&json!(5), &json!(1)));
    let lines = cart("set_quantity", json!({"sku": "SKU-1", "quantity": 0})).await;
    assert_eq!(lines.as_array().unwrap().len(), 1);
    let lines = cart("remove_from_cart", json!({"sku": "SKU-2"})).await;
    assert_eq!(lines.as_array().unwrap().len(), 1, "removing what is not there changes nothing");
    let lines = cart("remove_from_cart", json!({"sku": "SKU-1"})).await;
    assert_eq!(lines, json!([]));
    cart("add_to_cart", json!({"item": {"sku": "SKU-2", "quantity": 98}})).await;
    let lines = cart("add_to_cart", json!({"item": {"sku": "SKU-2", "quantity": 98}})).await;
    assert_eq!(lines[0]["quantity"], json!(99), "a line has at most 99 pieces");
    assert_eq!(cart("clear_cart", json!({})).await, json!([]));
}

#[tokio::test]
async fn a_changed_price_is_marked_on_the_line() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    let mut tx = server.state.write().await.unwrap();
    tx.put_product(&crate::testing::product("SKU-1", "Example Runner", 2_199)).await.unwrap();
    tx.commit().await.unwrap();
    let line = restored(&server, &token).await["data"]["cart"][0].clone();
    assert_eq!((&line["price"], &line["price_changed"]), (&json!(21.99), &json!(true)));
}

#[tokio::test]
async fn every_bad_action_has_its_sentence() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let cases = [
        ("add_to_cart", json!({}), 400, "bad_request", "'item' is required for add_to_cart action"),
        ("add_to_cart", json!({"item": {"sku": "SKU-404"}}), 404, "product_not_found", "Product SKU-404 not found"),
        ("add_to_cart", json!({"item": {"sku": "SKU-1", "quantity": 0}}), 400, "bad_request", "'quantity' must be from 1 to 99"),
        ("set_quantity", json!({"sku": "SKU-1", "quantity": 100}), 400, "bad_request", "'quantity' must be a whole number from 0 to 99"),
        ("view_product", json!({}), 400, "bad_request", "'product' or 'product_id' is required for view_product action"),
        ("view_product", json!({"product": "SKU-404"}), 404, "product_not_found", "Product SKU-404 not found"),
        ("chat_message", json!({}), 400, "bad_request", "'message' is required for chat_message action"),
        ("chat_message", json!({"message": "x".repeat(4_001)}), 400, "bad_request", "'message' may have at most 4000 characters"),
        ("set_user", json!({}), 400, "bad_request", "'user_id' is required for set_user action"),
        ("set_user", json!({"user_id": 901}), 403, "forbidden", "A session can only be given its own customer."),
        ("dance", json!({}), 400, "bad_request", "Unsupported action: dance"),
    ];
    for (action, payload, status, code, detail) in cases {
        server.act(&token, action, payload).await.refused(status, code, detail);
    }
    let update = json!({"action": "clear_cart", "payload": {}});
    server.post(routes::SESSION_UPDATE, &[], &update).await.refused(400, "bad_request", "Missing X-Session-Token header");
    server.post(routes::SESSION_UPDATE, &[(TOKEN, "nobody")], &update).await.refused(404, "session_not_found", "Session not found");
    for payload in [json!(null), json!([])] {
        let body = json!({"action": "clear_cart", "payload": payload});
        server.post(routes::SESSION_UPDATE, &[], &body).await.refused(422, "validation_error", "payload has the wrong type or value");
    }
    assert_eq!(restored(&server, &token).await["version"], json!(1), "a refusal changes nothing");
}

#[tokio::test]
async fn viewed_products_stand_newest_first() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    for place in 0..52 {
        let sku = if place % 2 == 0 { "SKU-1" } else { "SKU-2" };
        server.act(&token, "view_product", json!({"product_id": sku})).await.expect(200);
    }
    let data = restored(&server, &token).await["data"].clone();
    assert_eq!(data["recent"].as_array().unwrap().len(), 50);
    assert_eq!(data["recent"][0], json!({"product": "SKU-2", "viewed_at": server.state.now().to_string()}));
    assert_eq!(data["last_action"], json!({"type": "view_product", "product": "SKU-2", "timestamp": server.state.now().to_string()}));
}

#[tokio::test]
async fn a_conversation_keeps_real_repetitions_and_merges_double_saves() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let say = async |payload: Value| server.act(&token, "chat_message", payload).await.expect(200)["session"]["data"]["chat_context"].clone();
    say(json!({"message": "yes", "metadata": {"intent": "recommendation"}})).await;
    let entries = say(json!({"message": "yes", "metadata": {"mood": "good"}})).await;
    assert_eq!(entries.as_array().unwrap().len(), 1);
    assert_eq!(entries[0]["metadata"], json!({"intent": "recommendation", "mood": "good"}));
    server.pass(Duration::from_millis(2_001));
    let entries = say(json!({"message": "yes"})).await;
    assert_eq!(entries.as_array().unwrap().len(), 2);
    let entries = say(json!({"message": "yes", "sender": "agent"})).await;
    assert_eq!(entries.as_array().unwrap().len(), 3);
    let entries = say(json!({"message": ""})).await;
    assert_eq!(entries[3]["message"], json!(""));
    assert_eq!(entries[0]["channel"], json!("web"));
}

#[tokio::test]
async fn shown_cards_become_the_last_recommended_products() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let cards = json!([{"sku": "SKU-1"}, {"SKU": "SKU-2"}, {"product_id": "SKU-3"}, {"sku": "SKU-1"}]);
    server.act(&token, "chat_message", json!({"message": "Two ideas", "sender": "agent", "metadata": {"cards": cards}})).await.expect(200);
    let session = restored(&server, &token).await;
    assert_eq!(session["data"]["last_recommended_skus"], json!(["SKU-2", "SKU-3", "SKU-1"]));
    assert_eq!(session["metadata"]["last_recommended_skus"], session["data"]["last_recommended_skus"]);
    server.act(&token, "chat_message", json!({"message": "mine", "metadata": {"cards": [{"sku": "SKU-9"}]}})).await.expect(200);
    let session = restored(&server, &token).await;
    assert_eq!(session["data"]["last_recommended_skus"], json!(["SKU-2", "SKU-3", "SKU-1"]), "only an agent recommends");
}

#[tokio::test]
async fn a_shipping_address_is_cleaned_and_copied_to_the_customer() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let address = json!({"city": " Springfield ", "landmark": "Near Park", "building_name": "Block B", "building": "Block A", "street": "x"});
    server.act(&token, "chat_message", json!({"message": "ship it", "metadata": {"shipping_address": address}})).await.expect(200);
    let session = restored(&server, &token).await;
    assert_eq!(session["data"]["shipping_address"], json!({"city": "Springfield", "landmark": "Near Park", "building": "Block A"}));
    let profile = &session["customer_profile"];
    assert_eq!((&profile["city"], &profile["building_name"], &profile["address_landmark"]), (&json!("Springfield"), &json!("Block A"), &json!("Near Park")));
}

#[tokio::test]
async fn a_summary_is_written_after_six_entries() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    for place in 0..6 {
        server.act(&token, "chat_message", json!({"message": format!("number {place}")})).await.expect(200);
    }
    let session = restored(&server, &token).await;
    assert_eq!(session["data"]["conversation_summary"], json!("Customer is browsing. 6 interactions so far."));
    assert_eq!(session["metadata"]["conversation_summary"], session["data"]["conversation_summary"]);
}

#[tokio::test]
async fn a_session_shows_its_last_two_hundred_entries() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    for place in 0..203 {
        server.act(&token, "chat_message", json!({"message": format!("number {place}")})).await.expect(200);
    }
    let entries = restored(&server, &token).await["data"]["chat_context"].clone();
    assert_eq!(entries.as_array().unwrap().len(), 200);
    assert_eq!((&entries[0]["message"], &entries[199]["message"]), (&json!("number 3"), &json!("number 202")));
}

#[tokio::test]
async fn a_version_that_is_not_the_sessions_is_refused_with_the_session() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let update = |version: i64| json!({"action": "add_to_cart", "payload": {"item": {"sku": "SKU-1"}}, "if_version": version});
    let body = server.post(routes::SESSION_UPDATE, &[(TOKEN, &token)], &update(1)).await.expect(200);
    assert_eq!(body["session"]["version"], json!(2));
    let body = server.post(routes::SESSION_UPDATE, &[(TOKEN, &token)], &update(1)).await.expect(409);
    assert_eq!((&body["code"], &body["session"]["version"]), (&json!("version_conflict"), &json!(2)));
    assert_eq!(body["session"]["data"]["cart"][0]["quantity"], json!(1));
}

#[tokio::test]
async fn an_ended_session_is_dead_on_every_channel() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    let session = restored(&server, &token).await;
    let request = crate::testing::request("POST", routes::SESSION_END, &[(TOKEN, &token)]).body(axum::body::Body::empty()).unwrap();
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
    let mut found = false;
    for file in std::fs::read_dir(&server.state.config.data).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(path).unwrap();
            found |= bytes.windows(22).any(|window| window == b"a sentence to be found");
            assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()));
        }
    }
    assert!(found, "the search finds what is there");
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
    let (first, second) = tokio::join!(server.post(routes::SESSION_START, &headers, &body), server.post(routes::SESSION_START, &headers, &body));
    assert_eq!(first.expect(200), second.expect(200));
}

#[tokio::test]
async fn another_server_key_opens_no_session() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let other = crate::key::ServerKey::new([7; 32]);
    let mut tx = server.state.read().await.unwrap();
    let refused = super::operations::live_session(&mut *tx, &other, &token, server.state.now()).await;
    assert!(matches!(refused, Err(super::SessionError::Expired)), "a hash in the database alone is not enough");
}
