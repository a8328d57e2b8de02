//! Requests that come twice, at once, or in the wrong order.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};

use super::{
    place::{ARRIVAL, Answer, Database, Place},
    table::Who,
};

/// Something that changes a number: who sends what, where the number stands, and by how much it changes, once.
struct Change {
    who: Who,
    path: &'static str,
    body: &'static str,
    asks: Who,
    place: &'static str,
    pointer: &'static str,
    by: i64,
}

const CHANGES: &[Change] = &[
    Change {
        who: Who::Customer,
        path: "/session/update",
        body: r#"{"action":"add_to_cart","payload":{"item":{"sku":"SKU-1001","quantity":2}}}"#,
        asks: Who::Customer,
        place: "/session/<session>/cart",
        pointer: "/total_quantity",
        by: 2,
    },
    Change {
        who: Who::Customer,
        path: "/session/update",
        body: r#"{"action":"chat_message","payload":{"message":"yes, yes"}}"#,
        asks: Who::Customer,
        place: "/session/<session>/summary",
        pointer: "/total_messages",
        by: 1,
    },
    Change {
        who: Who::Customer,
        path: "/api/message",
        body: r#"{"message":"Show me jackets"}"#,
        asks: Who::Customer,
        place: "/session/<session>/summary",
        pointer: "/total_messages",
        by: 2,
    },
    Change {
        who: Who::Customer,
        path: "/hold",
        body: r#"{"sku":"SKU-1002","quantity":1}"#,
        asks: Who::Nobody,
        place: "/inventory/SKU-1002",
        pointer: "/online_stock",
        by: -1,
    },
    Change {
        who: Who::Service,
        path: "/simulate/sale",
        body: r#"{"sku":"SKU-1003","quantity":1}"#,
        asks: Who::Nobody,
        place: "/inventory/SKU-1003",
        pointer: "/online_stock",
        by: -1,
    },
    Change {
        who: Who::Service,
        path: "/loyalty/add-points",
        body: r#"{"user_id":"<id>","points":40}"#,
        asks: Who::Service,
        place: "/loyalty/points/<id>",
        pointer: "/points",
        by: 40,
    },
    Change {
        who: Who::Service,
        path: "/loyalty/earn-from-purchase?user_id=<id>&amount_spent=1000",
        body: "",
        asks: Who::Service,
        place: "/loyalty/points/<id>",
        pointer: "/points",
        by: 100,
    },
    Change {
        who: Who::Customer,
        path: "/loyalty/apply",
        body: r#"{"user_id":"<id>","cart_total":5000,"loyalty_points_used":10}"#,
        asks: Who::Service,
        place: "/loyalty/points/<id>",
        pointer: "/points",
        by: -10,
    },
    Change {
        who: Who::Customer,
        path: "/api/checkout",
        body: r#"{"items":[{"sku":"SKU-1004"}],"payment_method":{"type":"card"}}"#,
        asks: Who::Customer,
        place: "/orders",
        pointer: "/total",
        by: 1,
    },
    Change {
        who: Who::Customer,
        path: "/api/checkout",
        body: r#"{"items":[{"sku":"SKU-1004"}],"payment_method":{"type":"card"}}"#,
        asks: Who::Nobody,
        place: "/inventory/SKU-1004",
        pointer: "/online_stock",
        by: -1,
    },
];

async fn ask(place: &Place, who: Who, method: &'static str, path: &str, key: Option<&str>, body: &str) -> Answer {
    let path = place.filled(path);
    let mut request = Request::builder().method(method).uri(&path);
    for (name, value) in place.credentials_of(who, method, &path) {
        request = request.header(name, value);
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    place.ask(request.body(Body::from(place.filled(body))).unwrap()).await
}

async fn number(place: &Place, change: &Change) -> i64 {
    let answer = ask(place, change.asks, "GET", change.place, None, "").await;
    let body = answer.body.unwrap();
    body.pointer(change.pointer).and_then(Value::as_i64).unwrap_or_else(|| panic!("{}: {body}", change.place))
}

/// The same request at once and again has one effect and one answer.
pub async fn twice(database: Database) {
    let mut place = Place::open(database).await;
    place.send(&ARRIVAL).await;
    for (turn, change) in CHANGES.iter().enumerate() {
        let before = number(&place, change).await;
        let key = format!("turn {turn}");
        let send = || ask(&place, change.who, "POST", change.path, Some(&key), change.body);
        let (one, two, three) = tokio::join!(send(), send(), send());
        let about = format!("{} {}", change.path, change.body);
        assert_eq!(one.status, 200, "{about}: {:?}", one.body);
        for again in [two, three, send().await] {
            assert_eq!((again.status, &again.body), (one.status, &one.body), "{about}");
        }
        assert_eq!(number(&place, change).await, before + change.by, "{about}");
    }
}

/// Requests that overtake each other.
pub async fn reordered(database: Database) {
    let mut place = Place::open(database).await;
    place.send(&ARRIVAL).await;
    let version = |answer: &Answer| answer.body.as_ref().unwrap()["session"]["version"].as_i64().unwrap();
    let restored = ask(&place, Who::Customer, "GET", "/session/restore", None, "").await;
    let first = version(&restored);
    let set = async |quantity: u32, if_version: i64| {
        let body =
            json!({"action": "set_quantity", "payload": {"sku": "SKU-1001", "quantity": quantity}, "if_version": if_version});
        ask(&place, Who::Customer, "POST", "/session/update", None, &body.to_string()).await
    };
    let early = set(2, first + 1).await;
    assert_eq!((early.status, version(&early)), (409, first), "it is told how the session stands");
    assert_eq!(set(1, first).await.status, 200);
    assert_eq!(set(1, first).await.status, 409, "once");
    let last = set(2, first + 1).await;
    assert_eq!((last.status, &last.body.unwrap()["session"]["data"]["cart"][0]["quantity"]), (200, &json!(2)));

    let report = async |events: Value| {
        let body = json!({"session": {"id": "9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d22", "user_id": place.known("manager")}, "events": events});
        let request = Request::post("/api/ingest")
            .header("x-ingest-token", "of-the-voice-agent")
            .header(header::CONTENT_TYPE, "application/json");
        place.ask(request.body(Body::from(body.to_string())).unwrap()).await.body.unwrap()["created"].clone()
    };
    let word = |seq: u32, text: &str| json!({"role": "user", "text": text, "is_final": true, "seq": seq});
    assert_eq!(report(json!([word(3, "three")])).await, json!(1));
    assert_eq!(report(json!([word(1, "one"), word(3, "three")])).await, json!(1));
    assert_eq!(report(json!([word(2, "two"), word(1, "one")])).await, json!(1));
    let path = "/api/users/history/9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d22";
    let entry = ask(&place, Who::Manager, "GET", path, None, "").await.body.unwrap();
    let said: Vec<&str> = entry["utterances"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(said, ["one", "two", "three"]);
}
