//! Checkout and what becomes of its payment.

use std::time::Duration;

use protocol::{
    event::{EventBody, StreamEvent},
    routes,
};
use serde_json::{Value, json};
use server_store::records::{Scope, Topic};

use crate::{
    device,
    testing::{Reply, TestServer},
};

const KEY: &str = "x-channel-key";
const TOKEN: &str = "x-session-token";

/// A shop, a customer of it, and the payments service.
struct Shop {
    server: TestServer,
    token: String,
    payments: String,
}

impl Shop {
    async fn open() -> Self {
        let server = TestServer::start().await;
        let token = server.signed_up("2025550150").await;
        let payments = server.key(None, &[Scope::Payments]).await;
        Self { server, token, payments }
    }

    async fn checkout(&self, token: &str, items: Value) -> Reply {
        let body = json!({"items": items, "payment_method": {"type": "card"}});
        self.server.post(routes::CHECKOUT, &[(TOKEN, token)], &body).await
    }

    /// An order of two runners.
    async fn order(&self) -> Value {
        let body = self.checkout(&self.token, json!([{"sku": "SKU-1", "quantity": 2}])).await.expect(200);
        assert_eq!(body["status"], json!("completed"));
        body
    }

    async fn tell(&self, body: &Value) -> Reply {
        self.server.post(routes::POST_PAYMENT, &[(KEY, &self.payments)], body).await
    }

    async fn free(&self, sku: &str) -> Value {
        self.server.get(&format!("/inventory/{sku}"), &[]).await.expect(200)["online_stock"].clone()
    }

    async fn orders(&self) -> Vec<Value> {
        let page = self.server.get(routes::ORDERS, &[(TOKEN, &self.token)]).await.expect(200);
        page["orders"].as_array().unwrap().clone()
    }

    async fn session(&self) -> Value {
        self.server.get(routes::SESSION_RESTORE, &[(TOKEN, &self.token)]).await.expect(200)["session"].clone()
    }
}

fn paid(order: &Value) -> Value {
    json!({"order_id": order["order_id"], "payment_id": order["steps"]["payment"]["payment_id"], "customer_id": "902",
        "amount_paid": order["total_amount"], "transaction_id": "tx_77", "session_token": "x"})
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

#[tokio::test]
async fn an_order_is_placed_at_the_prices_of_the_catalogue() {
    let shop = Shop::open().await;
    shop.server.act(&shop.token, "add_to_cart", json!({"item": {"sku": "SKU-1", "quantity": 3}})).await.expect(200);
    shop.server.act(&shop.token, "add_to_cart", json!({"item": {"sku": "SKU-3"}})).await.expect(200);
    let before = shop.session().await["version"].as_i64().unwrap();
    let newest = shop.server.state.read().await.unwrap().newest_cursor().await.unwrap();
    let body = json!({
        "customer_id": 901, "session_token": shop.token, "payment_method": {"method": "Credit Card", "number": "4242"},
        "shipping_address": {"city": "Springfield", "landmark": " ", "building_name": "Block A"},
        "items": [{"sku": "SKU-1", "quantity": 1, "price": 0.01}, {"sku": "SKU-3", "price": 1}, {"sku": "SKU-1"}],
    });
    let placed = shop.server.post(routes::CHECKOUT, &[], &body).await.expect(200);
    let now = shop.server.state.now().to_string();
    let second: String = now.chars().filter(char::is_ascii_digit).take(14).collect();
    assert_eq!(placed["order_id"], json!(format!("ORD-{second}-902")), "whose it is, the session says");
    assert_eq!(
        (&placed["status"], &placed["message"], &placed["total_amount"], &placed["total_amount_minor"]),
        (&json!("completed"), &json!("Order placed successfully"), &json!(64.48), &json!(6_448))
    );
    let steps = &placed["steps"];
    let stand = ["verify_inventory", "holds", "payment", "orders_csv", "fulfillment"].map(|name| steps[name]["status"].clone());
    assert_eq!(json!(stand), json!(["completed", "completed", "pending", "completed", "pending"]));
    assert_eq!((&shop.free("SKU-1").await, &shop.free("SKU-3").await), (&json!(6), &json!(7)));

    let order = &shop.orders().await[0];
    assert_eq!((&order["order_id"], &order["status"]), (&placed["order_id"], &json!("placed")));
    assert_eq!((&order["items"][0]["qty"], &order["items"][0]["unit_price"]), (&json!(2), &json!(19.99)));
    assert_eq!(order["shipping_address"], json!({"city": "Springfield", "building": "Block A"}));
    let session = shop.session().await;
    let left: Vec<_> = session["data"]["cart"].as_array().unwrap().iter().map(|line| (&line["sku"], &line["quantity"])).collect();
    assert_eq!(left, [(&json!("SKU-1"), &json!(1))], "what was bought left the cart, and no more");
    assert_eq!(session["data"]["last_action"]["order_id"], placed["order_id"]);
    assert!(session["version"].as_i64().unwrap() > before);
    let topic = [Topic::Session(serde_json::from_value(session["session_id"].clone()).unwrap())];
    let told = shop.server.state.read().await.unwrap().events_after(&topic, newest, 10).await.unwrap();
    let is_cart = |event: &StreamEvent| matches!(&event.body, EventBody::CartChanged { cart, .. } if cart[0].quantity == 1);
    assert_eq!(told.iter().filter(|event| is_cart(event)).count(), 1, "who follows the session hears of it");
    let stored = shop.server.stored();
    assert!(!stored.windows(4).any(|window| window == b"4242"), "what a client tells of its card is not kept");
}

#[tokio::test]
async fn an_order_that_cannot_be_served_changes_nothing() {
    let shop = Shop::open().await;
    shop.server.act(&shop.token, "add_to_cart", json!({"item": {"sku": "SKU-1", "quantity": 9}})).await.expect(200);
    let before = shop.session().await;
    let body = shop.checkout(&shop.token, json!([{"sku": "SKU-2"}, {"sku": "SKU-1", "quantity": 9}])).await.expect(200);
    assert_eq!((&body["status"], &body["message"], &body["order_id"]), (&json!("failed"), &json!("Order failed"), &Value::Null));
    let items = json!([{"sku": "SKU-2", "quantity": 1, "available": true}, {"sku": "SKU-1", "quantity": 9, "available": false}]);
    assert_eq!(body["steps"]["verify_inventory"], json!({"status": "failed", "items": items}));
    assert_eq!(body["steps"]["payment"]["status"], json!("skipped"));
    assert_eq!((shop.free("SKU-2").await, shop.orders().await.len()), (json!(8), 0));
    assert_eq!(shop.session().await["data"]["cart"], before["data"]["cart"]);
}

#[tokio::test]
async fn what_the_session_holds_already_is_for_its_order() {
    let shop = Shop::open().await;
    let hold = json!({"sku": "SKU-1", "quantity": 8});
    shop.server.post(routes::HOLD, &[(TOKEN, &shop.token)], &hold).await.expect(200);
    let other = shop.server.signed_up("2025550151").await;
    assert_eq!(shop.checkout(&other, json!([{"sku": "SKU-1"}])).await.expect(200)["status"], json!("failed"));
    shop.order().await;
    assert_eq!(shop.free("SKU-1").await, json!(6));
}

#[tokio::test]
async fn a_basket_that_comes_twice_is_one_order_unless_it_is_said_otherwise() {
    let shop = Shop::open().await;
    let first = shop.order().await;
    shop.server.pass(Duration::from_secs(9));
    assert_eq!(shop.order().await, first);
    shop.server.pass(Duration::from_secs(2));
    let later = shop.order().await;
    assert_ne!(later["order_id"], first["order_id"]);
    let body = json!({"items": [{"sku": "SKU-2"}], "payment_method": {"type": "upi"}});
    let send = async |key: &str, body: &Value| {
        shop.server.post(routes::CHECKOUT, &[(TOKEN, &shop.token), ("idempotency-key", key)], body).await
    };
    let one = send("one", &body).await.expect(200);
    assert_eq!(send("one", &body).await.expect(200), one);
    let two = send("two", &body).await.expect(200);
    assert_ne!(two["order_id"], one["order_id"], "two keys are two orders, of the same second");
    let other = send("one", &with(body, "items", json!([{"sku": "SKU-3"}]))).await.expect(422);
    assert_eq!((&other["code"], &other["error"]), (&json!("idempotency_mismatch"), &other["detail"]));
    assert_eq!((shop.orders().await.len(), shop.free("SKU-2").await), (4, json!(6)));
}

#[tokio::test]
async fn who_may_not_order_is_told_why() {
    let shop = Shop::open().await;
    let server = &shop.server;
    let guest = server.guest().await;
    let kiosk = server.kiosk("S01").await;
    device::operations::set_start_by_phone(&server.state, kiosk.id, true).await.unwrap();
    let begin = json!({"phone": "2025550101", "channel": "kiosk"});
    let body = server.post_from(&kiosk, routes::SESSION_START, None, &begin).await.expect(200);
    let by_number = body["session_token"].as_str().unwrap();
    let body = json!({"items": [{"sku": "SKU-1"}], "payment_method": {"type": "card"}});
    let refused = |reply: Reply, status: u16, code: &str| {
        let told = reply.expect(status);
        assert_eq!((&told["code"], &told["error"]), (&json!(code), &told["detail"]));
    };
    refused(server.post_from(&kiosk, routes::CHECKOUT, Some(by_number), &body).await, 403, "stronger_login_required");
    refused(server.post(routes::CHECKOUT, &[(TOKEN, &guest)], &body).await, 400, "customer_required");
    refused(server.post(routes::CHECKOUT, &[], &body).await, 401, "authentication_required");
    refused(server.post(routes::CHECKOUT, &[(TOKEN, "made up")], &body).await, 404, "session_not_found");
    let named = with(body.clone(), "customer_id", json!("902"));
    refused(server.post(routes::CHECKOUT, &[(KEY, &shop.payments)], &named).await, 403, "forbidden");
    let own = [(TOKEN, shop.token.as_str())];
    let items = |items: Value| with(body.clone(), "items", items);
    refused(server.post(routes::CHECKOUT, &own, &items(json!([{"sku": "SKU-404"}]))).await, 404, "product_not_found");
    for wrong in [
        items(json!([])),
        items(json!([{"sku": "SKU-1", "quantity": 0}])),
        items(json!([{"sku": "SKU-1", "quantity": -1}])),
        items(json!([{"sku": "SKU-1", "quantity": 1e30}])),
        items(json!([{"sku": "SKU-1", "quantity": 1.5}])),
        items(json!([{"sku": "SKU-1", "quantity": 60}, {"sku": "SKU-1", "quantity": 60}])),
        items(json!([{"sku": " "}])),
        items(json!(vec![json!({"sku": "SKU-1"}); 101])),
        with(body.clone(), "payment_method", json!({"type": "gold"})),
        with(body.clone(), "payment_method", Value::Null),
        with(body.clone(), "shipping_address", json!("here")),
        with(body.clone(), "customer_id", json!({})),
    ] {
        refused(server.post(routes::CHECKOUT, &own, &wrong).await, 422, "validation_error");
    }
    assert_eq!((shop.orders().await.len(), shop.free("SKU-1").await), (0, json!(8)));
}

#[tokio::test]
async fn a_payment_lets_the_pieces_go_and_stands_in_the_customers_record() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    for _ in 0..2 {
        let told = shop.tell(&paid(&order)).await.expect(200);
        assert_eq!(
            told,
            json!({"status": "success", "order_id": order["order_id"], "message": "Payment received; the order goes on.",
                "processing_started": true, "agents_triggered": ["inventory", "post_purchase"], "payment_status": "completed"})
        );
    }
    shop.server.pass(Duration::from_hours(1));
    assert_eq!(shop.free("SKU-1").await, json!(6), "they are gone, not only held");
    let customer = shop.server.get("/customers/902", &[(TOKEN, &shop.token)]).await.expect(200);
    assert_eq!((&customer["total_spend"], &customer["items_purchased"]), (&json!(39.98), &json!(2)), "once");
    assert_eq!(customer["purchase_history"].as_array().unwrap().len(), 1);
    assert_eq!(customer["purchase_history"][0]["order_id"], order["order_id"]);
    let payments = shop.server.get(routes::PAYMENTS, &[(KEY, &shop.payments)]).await.expect(200);
    let payment = &payments["payments"][0];
    assert_eq!(
        (&payments["total"], &payment["status"], &payment["method"], &payment["transaction_id"]),
        (&json!(1), &json!("completed"), &json!("card"), &json!("tx_77"))
    );
    let otherwise = shop.tell(&with(paid(&order), "status", json!("failed"))).await.expect(409);
    assert_eq!(otherwise["code"], json!("conflict"));
}

#[tokio::test]
async fn a_payment_that_fits_nothing_is_a_conflict() {
    let shop = Shop::open().await;
    let (order, own) = (shop.order().await, [(TOKEN, shop.token.as_str())]);
    shop.server.pass(Duration::from_mins(1));
    let other = shop.order().await;
    let sentence = "Order, customer, amount and payment do not fit a payment that is known here.";
    for (name, value) in [
        ("order_id", json!("ORD-20260101000000-902")),
        ("order_id", other["order_id"].clone()),
        ("payment_id", json!("pay-1")),
        ("payment_id", other["steps"]["payment"]["payment_id"].clone()),
        ("customer_id", json!(901)),
        ("amount_paid", json!(39.97)),
        ("amount_paid", json!(0)),
    ] {
        shop.tell(&with(paid(&order), name, value)).await.refused(409, "conflict", sentence);
    }
    for (name, value) in [("amount_paid", json!(-39.98)), ("amount_paid", json!(1e300)), ("amount_paid", json!("39.98"))] {
        assert_eq!(shop.tell(&with(paid(&order), name, value)).await.expect(422)["errors"][0]["field"], json!(name));
    }
    shop.server.post(routes::POST_PAYMENT, &own, &paid(&order)).await.expect(401);
    let agent = shop.server.key(None, &[Scope::Agent]).await;
    shop.server.post(routes::POST_PAYMENT, &[(KEY, &agent)], &paid(&order)).await.expect(403);
    assert_eq!(shop.free("SKU-1").await, json!(4), "both still wait");
    shop.tell(&with(paid(&order), "customer_id", json!(902))).await.expect(200);
}

#[tokio::test]
async fn a_payment_that_failed_gives_the_pieces_back() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let failed = with(with(paid(&order), "status", json!("failed")), "amount_paid", json!(0));
    for _ in 0..2 {
        let told = shop.tell(&failed).await.expect(200);
        assert_eq!((&told["processing_started"], &told["payment_status"]), (&json!(false), &json!("failed")));
    }
    assert_eq!((&shop.free("SKU-1").await, &shop.orders().await[0]["status"]), (&json!(8), &json!("cancelled")));
    assert_eq!(shop.tell(&paid(&order)).await.expect(409)["code"], json!("conflict"));
}

#[tokio::test]
async fn a_late_payment_takes_the_pieces_that_are_still_there() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.server.pass(Duration::from_mins(16));
    assert_eq!(shop.free("SKU-1").await, json!(8), "nobody paid in time");
    shop.tell(&paid(&order)).await.expect(200);
    assert_eq!(shop.free("SKU-1").await, json!(6));

    let late = shop.order().await;
    shop.server.pass(Duration::from_mins(16));
    let till = shop.server.key(None, &[Scope::Stock]).await;
    let sale = json!({"sku": "SKU-1", "quantity": 5});
    shop.server.post(routes::SIMULATE_SALE, &[(KEY, &till)], &sale).await.expect(200);
    let refused = shop.tell(&paid(&late)).await.expect(409);
    assert_eq!(refused["code"], json!("insufficient_stock"));
    assert_eq!((&shop.free("SKU-1").await, &shop.orders().await[0]["status"]), (&json!(1), &json!("cancelled")));
    let again = shop.tell(&paid(&late)).await.expect(409);
    assert_eq!(again["code"], json!("conflict"), "it is over");
}

#[tokio::test]
async fn the_last_pieces_go_to_one_customer() {
    let shop = Shop::open().await;
    let others = [shop.server.signed_up("2025550151").await, shop.server.signed_up("2025550152").await];
    let all = json!([{"sku": "SKU-1", "quantity": 8}, {"sku": "SKU-2"}]);
    let (one, two, three) = tokio::join!(
        shop.checkout(&shop.token, all.clone()),
        shop.checkout(&others[0], all.clone()),
        shop.checkout(&others[1], all.clone())
    );
    let outcomes = [one, two, three].map(|reply| reply.expect(200)["status"].clone());
    assert_eq!(outcomes.iter().filter(|status| **status == json!("completed")).count(), 1, "{outcomes:?}");
    assert_eq!((shop.free("SKU-1").await, shop.free("SKU-2").await), (json!(0), json!(7)));
}

#[tokio::test]
async fn nobody_empties_the_shop_without_paying() {
    let shop = Shop::open().await;
    for number in 0..10 {
        let sku = if number < 5 { "SKU-1" } else { "SKU-2" };
        assert_eq!(shop.checkout(&shop.token, json!([{"sku": sku}])).await.expect(200)["status"], json!("completed"));
        shop.server.pass(Duration::from_secs(11));
    }
    let reply = shop.checkout(&shop.token, json!([{"sku": "SKU-3"}])).await;
    assert!(reply.headers.contains_key("retry-after"));
    assert_eq!(reply.expect(429)["code"], json!("rate_limited"));
    shop.server.pass(Duration::from_mins(16));
    shop.order().await;
    let at_the_door = json!({"items": [{"sku": "SKU-3"}], "payment_method": {"type": "cod"}});
    shop.server.post(routes::CHECKOUT, &[(TOKEN, &shop.token)], &at_the_door).await.expect(200);
    shop.server.pass(Duration::from_hours(24));
    assert_eq!(shop.free("SKU-3").await, json!(7), "what is paid at the door waits for it");
}
