//! What the documented actions do.

use std::time::Duration;

use protocol::routes;
use serde_json::{Value, json};

use super::{TOKEN, restored};
use crate::testing::TestServer;

#[tokio::test]
async fn the_cart_counts_with_the_catalogue() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let cart = async |action: &str, payload: Value| {
        server.act(&token, action, payload).await.expect(200)["session"]["data"]["cart"].clone()
    };

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
        (
            "set_quantity",
            json!({"sku": "SKU-1", "quantity": 100}),
            400,
            "bad_request",
            "'quantity' must be a whole number from 0 to 99",
        ),
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
    server.post(routes::SESSION_UPDATE, &[(TOKEN, "nobody")], &update).await.refused(
        404,
        "session_not_found",
        "Session not found",
    );
    for payload in [json!(null), json!([])] {
        let body = json!({"action": "clear_cart", "payload": payload});
        server.post(routes::SESSION_UPDATE, &[], &body).await.refused(
            422,
            "validation_error",
            "payload has the wrong type or value",
        );
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
    assert_eq!(
        data["last_action"],
        json!({"type": "view_product", "product": "SKU-2", "timestamp": server.state.now().to_string()})
    );
}

#[tokio::test]
async fn a_conversation_keeps_real_repetitions_and_merges_double_saves() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let say = async |payload: Value| {
        server.act(&token, "chat_message", payload).await.expect(200)["session"]["data"]["chat_context"].clone()
    };
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
    server
        .act(&token, "chat_message", json!({"message": "Two ideas", "sender": "agent", "metadata": {"cards": cards}}))
        .await
        .expect(200);
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
    server
        .act(&token, "chat_message", json!({"message": "ship it", "metadata": {"shipping_address": address}}))
        .await
        .expect(200);
    let session = restored(&server, &token).await;
    assert_eq!(
        session["data"]["shipping_address"],
        json!({"city": "Springfield", "landmark": "Near Park", "building": "Block A"})
    );
    let profile = &session["customer_profile"];
    assert_eq!(
        (&profile["city"], &profile["building_name"], &profile["address_landmark"]),
        (&json!("Springfield"), &json!("Block A"), &json!("Near Park"))
    );
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
