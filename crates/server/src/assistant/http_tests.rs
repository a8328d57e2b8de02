//! The assistant over HTTP.

use protocol::routes;
use serde_json::{Value, json};
use server_store::records::Scope;

use crate::testing::TestServer;

const KEY: &str = "x-channel-key";
const TOKEN: &str = "x-session-token";

async fn entries(server: &TestServer, token: &str) -> Vec<Value> {
    let body = server.get(routes::SESSION_RESTORE, &[(TOKEN, token)]).await.expect(200);
    body["session"]["data"]["chat_context"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_message_is_answered_and_both_are_kept() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    server.act(&token, "chat_message", json!({"message": "Do you have a derby?"})).await.expect(200);
    let body = json!({"message": "Do you have a derby?", "session_token": token, "metadata": {"user_id": "+12025550150"}});
    let answer = server.post(routes::MESSAGE, &[], &body).await.expect(200);
    assert_eq!((&answer["session_token"], &answer["metadata"]["processed"]), (&json!(token), &json!(true)));
    assert_eq!(answer["metadata"]["original_metadata"], json!({"user_id": "+12025550150"}));
    assert!(answer["metadata"].get("session").is_none());
    assert_eq!(
        (&answer["intent_info"]["method"], &answer["timestamp"]),
        (&json!("rules"), &json!(server.state.now().to_string()))
    );
    assert_eq!(answer["cards"][0]["sku"], json!("SKU-2"));
    let cards = json!({"sender": "agent", "message": answer["reply"], "metadata": {"cards": answer["cards"]}});
    server.act(&token, "chat_message", cards).await.expect(200);
    let entries = entries(&server, &token).await;
    assert_eq!(entries.len(), 2, "what the client saves once more is the same: {entries:?}");
    assert_eq!(entries[0]["metadata"]["intent"], answer["intent_info"]["intent"]);
    assert_eq!((&entries[1]["sender"], &entries[1]["metadata"]["confidence"]), (&json!("agent"), &json!(0.9)));
    assert_eq!(entries[1]["metadata"]["cards"][0]["sku"], json!("SKU-2"));
}

#[tokio::test]
async fn who_has_no_live_session_gets_a_guests() {
    let server = TestServer::start().await;
    let new = server.post(routes::MESSAGE, &[], &json!({"message": "Hello"})).await.expect(200);
    assert_eq!(new["metadata"]["session"], json!("new"));
    assert_eq!(entries(&server, new["session_token"].as_str().unwrap()).await.len(), 2);
    let dead = json!({"message": "Hello", "session_token": "0f3c9a6be1d24c7f8a905b61c2d7e8f4"});
    let replaced = server.post(routes::MESSAGE, &[], &dead).await.expect(200);
    assert_eq!(replaced["metadata"]["session"], json!("replaced"));
    assert_ne!(replaced["session_token"], dead["session_token"]);
}

#[tokio::test]
async fn a_repeated_message_is_answered_once() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let body = json!({"message": "Add the market tote", "session_token": token});
    let headers = [("idempotency-key", "k")];
    let first = server.post(routes::MESSAGE, &headers, &body).await.expect(200);
    server.pass(std::time::Duration::from_secs(5));
    assert_eq!(server.post(routes::MESSAGE, &headers, &body).await.expect(200), first);
    assert_eq!(entries(&server, &token).await.len(), 2);
}

#[tokio::test]
async fn a_message_that_is_none_is_refused_with_the_sentence_in_error() {
    let server = TestServer::start().await;
    for body in [json!({}), json!({"message": ""}), json!({"message": 7}), json!({"message": "x".repeat(4_001)})] {
        let refused = server.post(routes::MESSAGE, &[], &body).await.expect(422);
        assert_eq!((&refused["error"], &refused["code"]), (&refused["detail"], &json!("validation_error")), "{body}");
    }
}

#[tokio::test]
async fn only_who_may_know_a_customer_is_told_whom_it_is_for() {
    let server = TestServer::start().await;
    let mut tx = server.state.write().await.unwrap();
    let mut customer = tx.customer(&"901".into()).await.unwrap().unwrap();
    customer.purchase_history = vec![
        serde_json::from_value(json!({"order_id": "O1", "sku": "SKU-3", "qty": 1, "amount": 24.5, "date": "2025-12-05"}))
            .unwrap(),
    ];
    tx.put_customer(&customer).await.unwrap();
    tx.commit().await.unwrap();
    let ask = async |headers: &[(&str, &str)], id: &str| {
        server.post(routes::RECOMMEND, headers, &json!({"customer_id": id, "limit": 2})).await
    };
    let (known, unknown) = (ask(&[], "901").await.expect(200), ask(&[], "999").await.expect(200));
    for field in ["recommended_products", "personalized_reasoning", "upsell", "cross_sell"] {
        assert_eq!(known[field], unknown[field], "{field}");
    }
    assert_eq!(known["metadata"]["past_purchases_count"], json!(0));
    assert!(!known.to_string().contains("Asha"));
    let token = server.signed_up("2025550150").await;
    let other = ask(&[(TOKEN, &token)], "901").await.expect(200);
    assert_eq!(other["personalized_reasoning"], known["personalized_reasoning"]);
    let own = ask(&[(TOKEN, &token)], "902").await.expect(200);
    assert!(own["personalized_reasoning"].as_str().unwrap().starts_with("Hi Ravi!"));

    let agent = server.key(None, &[Scope::Agent]).await;
    let agent = [(KEY, agent.as_str())];
    for id in ["901", "(202) 555-0101"] {
        let told = ask(&agent, id).await.expect(200);
        assert!(told["personalized_reasoning"].as_str().unwrap().starts_with("Hi Asha! As a Silver member"), "{told}");
        assert_eq!((&told["metadata"]["customer_id"], &told["metadata"]["past_purchases_count"]), (&json!("901"), &json!(1)));
        assert_eq!(told["recommended_products"].as_array().unwrap().len(), 2);
    }
    ask(&agent, "999").await.refused(404, "customer_not_found", "Customer 999 not found");
}

#[tokio::test]
async fn what_is_out_of_stock_or_in_the_cart_is_left_out() {
    let server = TestServer::start().await;
    let stock = server.key(None, &[Scope::Stock]).await;
    for (quantity, location) in [(8, "online"), (4, "store:S01")] {
        let sale = json!({"sku": "SKU-1", "quantity": quantity, "location": location});
        server.post(routes::SIMULATE_SALE, &[(KEY, &stock)], &sale).await.expect(200);
    }
    let body = json!({"customer_id": "901", "current_cart_skus": ["SKU-2"], "mode": "gifting_genius", "recipient_relation": "sister",
        "intent": {"category": "footwear", "budget_max": 100}});
    let answer = server.post(routes::RECOMMEND, &[], &body).await.expect(200);
    let skus: Vec<&Value> = answer["recommended_products"].as_array().unwrap().iter().map(|one| &one["sku"]).collect();
    assert_eq!(skus, [&json!("SKU-3")]);
    assert_eq!(answer["recommended_products"][0]["gift_message"], json!("For my sister, with best wishes"));
    assert_eq!(answer["metadata"]["mode"], json!("gifting_genius"));
    for limit in [json!(0), json!(21), json!("5")] {
        server.post(routes::RECOMMEND, &[], &json!({"customer_id": "901", "limit": limit})).await.expect(422);
    }
    server.post(routes::RECOMMEND, &[], &json!({})).await.expect(422);
}
