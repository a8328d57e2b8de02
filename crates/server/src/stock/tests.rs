//! Stock as its documents describe it.

use std::time::Duration;

use protocol::routes;
use serde_json::{Value, json};
use server_store::records::Scope;

use crate::testing::TestServer;

const KEY: &str = "x-channel-key";
const TOKEN: &str = "x-session-token";

async fn levels(server: &TestServer) -> Value {
    server.get("/inventory/SKU-1", &[]).await.expect(200)
}

#[tokio::test]
async fn stock_is_told_by_place_and_an_unknown_product_has_none() {
    let server = TestServer::start().await;
    let known = json!({"sku": "SKU-1", "online_stock": 8, "store_stock": {"S01": 4, "S02": 0}, "total_stock": 12});
    assert_eq!(levels(&server).await, known);
    let unknown = server.get("/inventory/SKU-404", &[]).await.expect(200);
    assert_eq!((&unknown["online_stock"], &unknown["total_stock"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn a_hold_takes_pieces_for_a_while_and_gives_them_back() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let ask = async |body: Value| server.post(routes::HOLD, &[(TOKEN, &token)], &body).await;
    let held = ask(json!({"sku": "SKU-1", "quantity": 3})).await.expect(200);
    let id = held["hold_id"].as_str().unwrap().to_owned();
    assert!(id.strip_prefix("hold-").is_some_and(|id| id.parse::<uuid::Uuid>().is_ok()), "{id}");
    let expires_at = server.state.lifetimes.now().plus(Duration::from_mins(5)).to_string();
    let expected = json!({"hold_id": id, "sku": "SKU-1", "quantity": 3, "location": "online", "remaining_stock": 5,
        "expires_at": expires_at, "status": "active"});
    assert_eq!(held, expected);
    assert_eq!(levels(&server).await["online_stock"], json!(5));
    let none = ask(json!({"sku": "SKU-1", "quantity": 6})).await;
    none.refused(409, "insufficient_stock", "Insufficient stock for SKU-1 at online");
    ask(json!({"sku": "SKU-1", "quantity": 5, "location": "store:S01"})).await.expect(409);
    ask(json!({"sku": "SKU-404", "quantity": 1})).await.expect(409);
    ask(json!({"sku": "SKU-1", "quantity": 1, "location": "store:S09"})).await.expect(409);

    let release = json!({"hold_id": id});
    let body = server.post(routes::RELEASE, &[(TOKEN, &token)], &release).await.expect(200);
    assert_eq!(body, json!({"hold_id": id, "status": "released", "restored_stock": 8}));
    let again = server.post(routes::RELEASE, &[(TOKEN, &token)], &release).await;
    again.refused(404, "not_found", &format!("Hold {id} not found or already expired"));

    let short = ask(json!({"sku": "SKU-1", "quantity": 8, "ttl": 60})).await.expect(200);
    server.pass(Duration::from_mins(1));
    assert_eq!(levels(&server).await["online_stock"], json!(8), "a hold whose time is over");
    crate::handoff::expiry::sweep(&server.state).await.unwrap();
    assert_eq!(server.get("/products/SKU-1", &[]).await.expect(200)["stock"], json!(12));
    server.post(routes::RELEASE, &[(TOKEN, &token)], &json!({"hold_id": short["hold_id"]})).await.expect(404);
}

#[tokio::test]
async fn only_the_owner_releases() {
    let server = TestServer::start().await;
    let (token, other) = (server.guest().await, server.guest().await);
    let stock = server.key(None, &[Scope::Stock]).await;
    let kiosk = server.kiosk("S01").await;
    let body = json!({"sku": "SKU-1", "quantity": 1});
    let held = server.post(routes::HOLD, &[(TOKEN, &token)], &body).await.expect(200);
    let release = json!({"hold_id": held["hold_id"]});
    for headers in [[(TOKEN, other.as_str())], [(KEY, stock.as_str())]] {
        server.post(routes::RELEASE, &headers, &release).await.expect(404);
    }
    server.post_from(&kiosk, routes::RELEASE, None, &release).await.expect(404);
    server.post(routes::RELEASE, &[], &release).await.refused(401, "authentication_required", "Please sign in first.");
    server.post(routes::RELEASE, &[(TOKEN, &token)], &release).await.expect(200);

    let held = server.post_from(&kiosk, routes::HOLD, None, &body).await.expect(200);
    server.post_from(&kiosk, routes::RELEASE, None, &json!({"hold_id": held["hold_id"]})).await.expect(200);
    let held = server.post(routes::HOLD, &[(KEY, &stock)], &body).await.expect(200);
    server.post(routes::RELEASE, &[(KEY, &stock)], &json!({"hold_id": held["hold_id"]})).await.expect(200);
}

#[tokio::test]
async fn who_proves_nothing_moves_nothing() {
    let server = TestServer::start().await;
    let agent = server.key(None, &[Scope::Agent]).await;
    let token = server.guest().await;
    let body = json!({"sku": "SKU-1", "quantity": 1});
    server.post(routes::HOLD, &[], &body).await.expect(401);
    server.post(routes::HOLD, &[(TOKEN, "made up")], &body).await.expect(404);
    server.post(routes::HOLD, &[(KEY, &agent)], &body).await.expect(403);
    server.post(routes::SIMULATE_SALE, &[(TOKEN, &token)], &body).await.expect(401);
    server.post(routes::SIMULATE_SALE, &[(KEY, &agent)], &body).await.expect(403);
    server.get(routes::INVENTORY, &[]).await.expect(401);
    server.get(routes::INVENTORY, &[(KEY, &agent)]).await.expect(403);
    assert_eq!(levels(&server).await["total_stock"], json!(12));
}

#[tokio::test]
async fn impossible_quantities_places_and_times_are_refused() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    for (field, value) in [
        ("quantity", json!(0)),
        ("quantity", json!(-3)),
        ("quantity", json!(100)),
        ("quantity", json!(1e30)),
        ("quantity", json!(1.5)),
        ("quantity", json!("2")),
        ("location", json!("shelf")),
        ("location", json!("store:")),
        ("ttl", json!(0)),
        ("ttl", json!(-1)),
        ("ttl", json!(901)),
        ("sku", json!(" ")),
    ] {
        let mut body = json!({"sku": "SKU-1", "quantity": 1});
        body[field] = value;
        let refused = server.post(routes::HOLD, &[(TOKEN, &token)], &body).await.expect(422);
        assert_eq!((&refused["code"], &refused["errors"][0]["field"]), (&json!("validation_error"), &json!(field)), "{body}");
    }
    let body = json!({"sku": "SKU-1", "quantity": 1, "ttl": 900, "location": null});
    server.post(routes::HOLD, &[(TOKEN, &token)], &body).await.expect(200);
}

#[tokio::test]
async fn the_last_piece_goes_to_one_of_two() {
    let server = TestServer::start().await;
    let (one, other) = (server.guest().await, server.guest().await);
    let body = json!({"sku": "SKU-1", "quantity": 8});
    let hold = async |token: &str| server.post(routes::HOLD, &[(TOKEN, token)], &body).await.status.as_u16();
    let (first, second) = tokio::join!(hold(&one), hold(&other));
    assert_eq!((first.min(second), first.max(second)), (200, 409));
}

#[tokio::test]
async fn a_repeated_hold_is_one_hold() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let body = json!({"sku": "SKU-1", "quantity": 2});
    let headers = [(TOKEN, token.as_str()), ("x-idempotency-key", "order 7")];
    let (first, second) = tokio::join!(server.post(routes::HOLD, &headers, &body), server.post(routes::HOLD, &headers, &body));
    assert_eq!(first.expect(200), second.expect(200));
    assert_eq!(levels(&server).await["online_stock"], json!(6));
    let other = server.guest().await;
    let headers = [(TOKEN, other.as_str()), ("x-idempotency-key", "order 7")];
    server.post(routes::HOLD, &headers, &body).await.expect(200);
    assert_eq!(levels(&server).await["online_stock"], json!(4), "another caller's key is another key");
}

#[tokio::test]
async fn a_sale_takes_free_pieces_for_good() {
    let server = TestServer::start().await;
    let stock = server.key(None, &[Scope::Stock]).await;
    let token = server.guest().await;
    server.post(routes::HOLD, &[(TOKEN, &token)], &json!({"sku": "SKU-1", "quantity": 7})).await.expect(200);
    let sell = async |quantity: u32| {
        server.post(routes::SIMULATE_SALE, &[(KEY, &stock)], &json!({"sku": "SKU-1", "quantity": quantity})).await
    };
    sell(2).await.refused(409, "insufficient_stock", "Insufficient stock for SKU-1 at online");
    let sold = json!({"sku": "SKU-1", "quantity_sold": 1, "location": "online", "remaining_stock": 0, "status": "sold"});
    assert_eq!(sell(1).await.expect(200), sold);
    server.pass(Duration::from_hours(1));
    assert_eq!(levels(&server).await["online_stock"], json!(7));
}

#[tokio::test]
async fn the_whole_list_is_for_kiosks_and_services() {
    let server = TestServer::start().await;
    let stock = server.key(None, &[Scope::Stock]).await;
    let kiosk = server.kiosk("S01").await;
    let list = server.get("/inventory?limit=2&offset=1", &[(KEY, &stock)]).await.expect(200);
    assert_eq!((&list["total"], &list["limit"], &list["offset"]), (&json!(3), &json!(2), &json!(1)));
    let skus: Vec<&Value> = list["inventory"].as_array().unwrap().iter().map(|row| &row["sku"]).collect();
    assert_eq!(skus, [&json!("SKU-2"), &json!("SKU-3")]);
    assert_eq!(server.get_from(&kiosk, routes::INVENTORY, None).await.expect(200)["inventory"].as_array().unwrap().len(), 3);
    for query in ["?limit=0", "?limit=x", "?offset=-1", "?limit=10001"] {
        server.get(&format!("/inventory{query}"), &[(KEY, &stock)]).await.expect(422);
    }
}

#[tokio::test]
async fn one_session_cannot_hold_the_whole_shop() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let mut tx = server.state.write().await.unwrap();
    let many = server_store::records::InventoryRecord { sku: "SKU-1".into(), location: "online".into(), quantity: 1_000 };
    tx.put_inventory(&many).await.unwrap();
    tx.commit().await.unwrap();
    let body = json!({"sku": "SKU-1", "quantity": 1});
    for _ in 0..100 {
        server.post(routes::HOLD, &[(TOKEN, &token)], &body).await.expect(200);
    }
    assert_eq!(server.post(routes::HOLD, &[(TOKEN, &token)], &body).await.expect(429)["code"], json!("rate_limited"));
}
