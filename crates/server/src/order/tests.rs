//! Who sees which customers, orders and payments.

use protocol::{Timestamp, routes};
use serde_json::{Value, json};
use server_store::records::{OrderItem, OrderRecord, PaymentRecord, Scope};

use crate::testing::TestServer;

const KEY: &str = "x-channel-key";
const TOKEN: &str = "x-session-token";

fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_760_000_000_000 + second * 1_000)
}

async fn shop() -> (TestServer, String) {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let mut tx = server.state.write().await.unwrap();
    for (number, customer, status) in [(1, "901", "delivered"), (2, "902", "placed"), (3, "902", "delivered")] {
        let item = |sku: &str| OrderItem { sku: sku.into(), quantity: 2, unit_price_minor: 1_500, line_total_minor: 3_000 };
        tx.put_order(&OrderRecord {
            id: format!("ORD00000{number}"),
            customer_id: customer.into(),
            items: vec![item("SKU-1"), item("GONE")],
            total_minor: 6_000,
            status: status.into(),
            created_at: at(number),
            shipping_address: None,
        })
        .await
        .unwrap();
    }
    tx.put_payment(&PaymentRecord {
        id: "PAY1".into(),
        order_id: "ORD000001".into(),
        customer_id: "901".into(),
        amount_minor: 6_000,
        method: "card".into(),
        status: "completed".into(),
        created_at: at(1),
        transaction_id: None,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    (server, token)
}

fn ids(page: &Value, list: &str, id: &str) -> Vec<String> {
    page[list].as_array().unwrap().iter().map(|one| one[id].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_order_shows_what_was_paid_and_what_the_catalogue_says() {
    let (server, token) = shop().await;
    let order = server.get("/orders/ORD000003", &[(TOKEN, &token)]).await.expect(200);
    let line = json!({"sku": "SKU-1", "qty": 2, "unit_price": 15.0, "unit_price_minor": 1_500, "line_total": 30.0,
        "line_total_minor": 3_000, "currency": "USD", "name": "Example Runner", "image": "/images/SKU-1.svg",
        "brand": "Samplewear", "category": "Footwear", "color": "White"});
    assert_eq!(order["items"][0], line);
    assert_eq!((&order["items"][1]["sku"], &order["items"][1]["name"]), (&json!("GONE"), &Value::Null));
    assert_eq!((&order["total_amount"], &order["total_amount_minor"]), (&json!(60.0), &json!(6_000)));
    assert_eq!(order["created_at"], json!(at(3).to_string()));
}

#[tokio::test]
async fn a_session_sees_its_own_customer_and_orders_alone() {
    let (server, token) = shop().await;
    let own = [(TOKEN, token.as_str())];
    let orders = server.get("/orders?limit=1&offset=1", &own).await.expect(200);
    assert_eq!((&orders["total"], ids(&orders, "orders", "order_id")), (&json!(2), vec!["ORD000002".to_owned()]));
    let placed = server.get("/orders?status=Placed&customer_id=902", &own).await.expect(200);
    assert_eq!(ids(&placed, "orders", "order_id"), ["ORD000002"]);
    server.get("/orders?customer_id=901", &own).await.refused(404, "customer_not_found", "Customer not found");
    for id in ["ORD000001", "ORD999999"] {
        server.get(&format!("/orders/{id}"), &own).await.refused(404, "not_found", "Order not found");
    }
    assert_eq!(server.get("/customers/902", &own).await.expect(200)["name"], json!("Ravi Sample"));
    for id in ["901", "999", "guest-1"] {
        server.get(&format!("/customers/{id}"), &own).await.refused(404, "customer_not_found", "Customer not found");
    }
    let customers = server.get(routes::CUSTOMERS, &own).await.expect(200);
    assert_eq!((&customers["total"], ids(&customers, "customers", "customer_id")), (&json!(1), vec!["902".to_owned()]));

    let guest = server.guest().await;
    let guest = [(TOKEN, guest.as_str())];
    assert_eq!(server.get(routes::ORDERS, &guest).await.expect(200)["total"], json!(0));
    assert_eq!(server.get(routes::CUSTOMERS, &guest).await.expect(200)["customers"], json!([]));
    server.get("/customers/901", &guest).await.expect(404);
    server.get(routes::PAYMENTS, &own).await.expect(401);
}

#[tokio::test]
async fn an_agent_sees_everybody_and_a_payments_service_the_payments() {
    let (server, _) = shop().await;
    let agent = server.key(None, &[Scope::Agent]).await;
    let payments = server.key(None, &[Scope::Payments]).await;
    let (agent, payments) = ([(KEY, agent.as_str())], [(KEY, payments.as_str())]);
    let customers = server.get("/customers?limit=1", &agent).await.expect(200);
    assert_eq!((&customers["total"], ids(&customers, "customers", "customer_id")), (&json!(2), vec!["901".to_owned()]));
    assert_eq!(server.get("/customers/901", &agent).await.expect(200)["phone_number"], json!("+12025550101"));
    let orders = server.get("/orders?customer_id=901", &agent).await.expect(200);
    assert_eq!(ids(&orders, "orders", "order_id"), ["ORD000001"]);
    assert_eq!(server.get(routes::ORDERS, &agent).await.expect(200)["total"], json!(3));
    let page = server.get(routes::PAYMENTS, &payments).await.expect(200);
    let payment = json!({"payment_id": "PAY1", "order_id": "ORD000001", "customer_id": "901", "amount": 60.0, "amount_minor": 6_000,
        "currency": "USD", "method": "card", "status": "completed", "created_at": at(1).to_string()});
    assert_eq!((&page["total"], &page["payments"]), (&json!(1), &json!([payment])));
    for path in [routes::CUSTOMERS, routes::ORDERS, "/customers/901", "/orders/ORD000001"] {
        assert_eq!(server.get(path, &payments).await.expect(403)["code"], json!("forbidden"), "{path}");
        server.get(path, &[]).await.refused(401, "authentication_required", "Please sign in first.");
    }
    server.get(routes::PAYMENTS, &agent).await.expect(403);
}
