//! The push of a kiosk's outbox: every status that its description names is shown, and no other is named. And the pages that a
//! kiosk copies the catalogue from.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use testkit::postgres::Postgres;

use super::{
    place::{Answer, Database, Place},
    table::{
        Row,
        Who::{Kiosk, Nobody, Stranger},
        get, keep, post, with,
    },
};

const PUSH: &str = "/v1/sync/push";
const CATALOGUE: &str = "/v1/catalogue";
const CHAT: &str = r#"{"ops":[{"key":"0192f0c1-0000-7000-8000-000000000001","kiosk_session_id":"<hold>",
    "made_at":"2026-02-12T10:00:00Z","body":{"kind":"chat","message":"white shoes?"}}]}"#;
/// Each answered by itself: a product that is not there, a hold that never was, and a change that is fine.
const MIXED: &str = r#"{"ops":[{"key":"0192f0c1-0000-7000-8000-000000000002","kiosk_session_id":"<hold>",
    "made_at":"2026-02-12T10:00:00Z","body":{"kind":"add_to_cart","sku":"SKU-404","quantity":1}},
    {"key":"0192f0c1-0000-7000-8000-000000000003","kiosk_session_id":"0192f0c1-0000-7000-8000-00000000dead",
    "made_at":"2026-02-12T10:00:00Z","body":{"kind":"end","reason":"done"}},
    {"key":"0192f0c1-0000-7000-8000-000000000004","kiosk_session_id":"<hold>",
    "made_at":"2026-02-12T10:00:00Z","body":{"kind":"set_quantity","sku":"SKU-1001","quantity":2}}]}"#;

/// A guest who came and left while the server was out of reach, and their session under the name of another hold.
const AWAY: &str = r#"{"ops":[{"key":"0192f0c1-0000-7000-8000-000000000005","kiosk_session_id":"0192f0c1-0000-7000-8000-00000000a0a0",
    "made_at":"2026-02-12T10:00:00Z","body":{"kind":"begin_guest","session_id":"0192f0c1-0000-7000-8000-00000000a0a1",
    "token_hash":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}},
    {"key":"0192f0c1-0000-7000-8000-000000000006","kiosk_session_id":"0192f0c1-0000-7000-8000-00000000a0a0",
    "made_at":"2026-02-12T10:00:00Z","body":{"kind":"chat","message":"white shoes?","answered_here":true}},
    {"key":"0192f0c1-0000-7000-8000-000000000007","kiosk_session_id":"0192f0c1-0000-7000-8000-00000000a0a0",
    "made_at":"2026-02-12T10:00:00Z","body":{"kind":"answer","message":"These three.","metadata":{"intent":"recommendation"}}},
    {"key":"0192f0c1-0000-7000-8000-000000000008","kiosk_session_id":"0192f0c1-0000-7000-8000-00000000a0a0",
    "made_at":"2026-02-12T10:00:00Z","body":{"kind":"end","reason":"done"}},
    {"key":"0192f0c1-0000-7000-8000-000000000009","kiosk_session_id":"0192f0c1-0000-7000-8000-00000000a0a2",
    "made_at":"2026-02-12T10:00:00Z","body":{"kind":"begin_guest","session_id":"0192f0c1-0000-7000-8000-00000000a0a1",
    "token_hash":"LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564"}}],
    "holding":"<hold>"}"#;

/// A guest has no profile that a kiosk could change, and what is no field of one is no change.
const PROFILE: &str = r#"{"ops":[{"key":"0192f0c1-0000-7000-8000-00000000000a","kiosk_session_id":"<hold>",
    "made_at":"2026-02-12T10:00:00Z","body":{"kind":"change_profile","base_version":0,"field":"shoe_size","value":"42"}}]}"#;

pub const ROWS: &[Row] = &[
    keep(
        post("/v1/kiosk/guest", Kiosk, r#"{"ephemeral_key":"CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#, 200, "held"),
        &[("hold", "/kiosk_session_id")],
    ),
    post(PUSH, Kiosk, r#"{"ops":[]}"#, 200, "pushed"),
    post(PUSH, Kiosk, CHAT, 200, "pushed one"),
    // The answer got lost, so that it comes once more.
    post(PUSH, Kiosk, CHAT, 200, "pushed one"),
    post(PUSH, Kiosk, MIXED, 200, "pushed some"),
    post(PUSH, Kiosk, AWAY, 200, "pushed a visit"),
    post(PUSH, Kiosk, PROFILE, 200, "refused a profile"),
    post(PUSH, Nobody, CHAT, 401, "invalid_proof"),
    post(PUSH, Stranger, CHAT, 403, "kiosk_not_enrolled"),
    // A token that is sent must be that of a hold of this kiosk.
    with(post(PUSH, Kiosk, CHAT, 404, "session_not_found"), &["x-session-token: 0f3c9a6be1d24c7f8a905b61c2d7e8f4"]),
    with(post(PUSH, Kiosk, CHAT, 415, "unsupported_media_type"), &["Content-Type: text/plain"]),
    post(PUSH, Kiosk, "{", 422, "malformed_json"),
    post(PUSH, Kiosk, "{}", 422, "validation_error"),
    post(PUSH, Kiosk, r#"{"ops":[{"key":"one"}]}"#, 422, "validation_error"),
    post(PUSH, Kiosk, r#"{"ops":[],"holding":"nobody"}"#, 422, "validation_error"),
    post(PUSH, Kiosk, "[]", 422, "validation_error"),
    keep(get(CATALOGUE, Kiosk, 200, "whole catalogue"), &[("revision", "/revision")]),
    get("/v1/catalogue?after=<revision>&limit=2000", Kiosk, 200, "no difference"),
    get("/v1/catalogue?limit=1", Kiosk, 200, "catalogue page"),
    get(CATALOGUE, Nobody, 401, "invalid_proof"),
    get(CATALOGUE, Stranger, 403, "kiosk_not_enrolled"),
    get("/v1/catalogue?after=long-ago", Kiosk, 410, "cursor_expired"),
    get("/v1/catalogue?limit=2001", Kiosk, 422, "validation_error"),
    get("/v1/catalogue?limit=many", Kiosk, 422, "validation_error"),
];

/// The shape of that name.
pub fn shape(name: &str) -> Option<Value> {
    let key = |end: &str| format!("=0192f0c1-0000-7000-8000-00000000000{end}");
    let refusal = |end: &str, code: &str| json!({"key": key(end), "error": {"code": format!("={code}"), "detail": "string", "message": "string"}});
    Some(match name {
        "held" => json!({"kiosk_session_id": "uuid", "token": "object", "session": "object"}),
        "pushed" => json!({"applied": "list", "refused": "list", "later": "list"}),
        "pushed one" => json!({"applied": [key("1")], "refused": "list", "later": "list"}),
        "pushed some" => {
            json!({"applied": [key("4")], "refused": [refusal("2|=0192f0c1-0000-7000-8000-000000000003", "product_not_found|=forbidden")], "later": "list"})
        }
        "whole catalogue" => catalogue(true),
        "catalogue page" => catalogue(false),
        "no difference" => {
            json!({"revision": "string", "complete": true, "as_of": "time", "total": "int", "products": [], "removed": [], "stock": []})
        }
        "refused a profile" => {
            json!({"applied": "list", "refused": [refusal("a", "stronger_login_required")], "later": "list"})
        }
        "pushed a visit" => {
            json!({"applied": [key("5|=0192f0c1-0000-7000-8000-000000000006|=0192f0c1-0000-7000-8000-000000000007|=0192f0c1-0000-7000-8000-000000000008")],
            "refused": [refusal("9", "conflict")], "later": "list"})
        }
        _ => return None,
    })
}

fn catalogue(complete: bool) -> Value {
    let product = json!({"sku": "string", "name": "string", "description": "string", "price": "number", "price_minor": "int",
        "currency": "string", "rating": "number|null", "stock": "int", "category": "string", "subcategory": "string|null",
        "brand": "string|null", "gender": "string|null", "color": "string|null", "image_url": "string", "attributes": "object"});
    let stock = json!({"sku": "string", "in_this_store": "int|null", "everywhere": "int"});
    json!({"revision": "string", "complete": complete, "as_of": "time", "total": "int", "products": [product], "removed": "list",
        "stock": [stock]})
}

async fn push(place: &Place, signed: bool, body: String) -> Answer {
    let mut request = Request::post(PUSH).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in place.credentials_of(if signed { Kiosk } else { Nobody }, "POST", PUSH) {
        request = request.header(name, value);
    }
    place.ask(request.body(Body::from(body)).unwrap()).await
}

fn code(answer: &Answer) -> &str {
    answer.body.as_ref().and_then(|body| body["code"].as_str()).unwrap_or_default()
}

#[tokio::test]
async fn contract_a_push_is_answered_as_its_description_says_and_in_no_other_way() {
    let place = Place::open(Database::Sqlite).await;
    let mut shown: BTreeSet<String> = ROWS.iter().filter(|row| row.path == PUSH).map(|row| row.status.to_string()).collect();

    let large = json!({"ops": [], "more": "x".repeat(256 * 1024)}).to_string();
    let answer = push(&place, true, large).await;
    assert_eq!((answer.status, code(&answer)), (413, "payload_too_large"));
    shown.insert("413".into());

    let many: Vec<Value> = (0..101)
        .map(|number| {
            json!({"key": format!("0192f0c1-0000-7000-8000-{number:012}"),
        "kiosk_session_id": "0192f0c1-0000-7000-8000-00000000dead", "made_at": "2026-02-12T10:00:00Z",
        "body": {"kind": "end", "reason": "done"}})
        })
        .collect();
    let answer = push(&place, true, json!({"ops": many}).to_string()).await;
    assert_eq!((answer.status, code(&answer)), (422, "validation_error"));

    // A body that breaks off.
    let cut = Body::from_stream(futures_util::stream::iter([Ok("{\"ops\":"), Err(std::io::Error::other("cut"))]));
    let mut request = Request::post(PUSH).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in place.credentials_of(Kiosk, "POST", PUSH) {
        request = request.header(name, value);
    }
    let answer = place.ask(request.body(cut).unwrap()).await;
    assert_eq!((answer.status, code(&answer)), (400, "bad_request"));
    shown.insert("400".into());

    // Whoever proves nothing may do so six hundred times a minute.
    let mut last = push(&place, false, r#"{"ops":[]}"#.into()).await;
    for _ in 0..1_000 {
        if last.status != 401 {
            break;
        }
        last = push(&place, false, r#"{"ops":[]}"#.into()).await;
    }
    assert_eq!((last.status, code(&last)), (429, "rate_limited"));
    assert!(last.headers.contains_key(header::RETRY_AFTER));
    shown.insert("429".into());

    // With `a_database_that_is_away`; and the server's own fault, which nobody can ask for.
    shown.extend(["503".into(), "500".into()]);
    let described = place.ask(Request::get("/openapi.json").body(Body::empty()).unwrap()).await.body.unwrap();
    let described: BTreeSet<String> =
        described["paths"][PUSH]["post"]["responses"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(described, shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_a_push_is_told_to_come_again_while_the_database_is_away() {
    let mut postgres = Postgres::start().unwrap();
    let name = postgres.create(None).unwrap();
    let mut place = Place::at(postgres.socket_address(&name)).await;
    for row in &ROWS[..2] {
        place.send(row).await;
    }
    postgres.go_down();
    let answer = push(&place, true, place.filled(CHAT)).await;
    assert_eq!((answer.status, code(&answer)), (503, "service_unavailable"), "{:?}", answer.body);
    assert!(answer.headers.contains_key(header::RETRY_AFTER));
    postgres.go_up().unwrap();
    let applied = loop {
        let answer = push(&place, true, place.filled(CHAT)).await;
        if answer.status == 200 && answer.body.as_ref().is_some_and(|body| body["later"] == json!([])) {
            break answer.body.unwrap();
        }
        assert!(answer.status == 503 || answer.status == 200, "{answer:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(applied["applied"].as_array().unwrap().len(), 1, "{applied}");
}
