//! What nobody should send, at every address that the description names: the answer is always one of the described statuses with
//! the one body of errors, and never the server's fault.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderValue, Request, header},
};
use serde_json::{Map, Value, json};

use super::{
    place::{ARRIVAL, Answer, Database, Place},
    table::{Who, keep, post},
};

/// Values that are wrong nearly everywhere, as JSON.
const VALUES: &[&str] = &[
    "null",
    "true",
    "-1",
    "0.5",
    "1e308",
    "18446744073709551616",
    "\"\"",
    "\" \\u0000\"",
    "\"a\\u0000b\"",
    "\"'; DROP TABLE customers; --\"",
    "\"x\\r\\nSet-Cookie: sessionid=injected\"",
    "\"%00%FF../../etc/passwd\"",
    "\"\\u202e\\ud83d\\ude00\"",
    "[null]",
    "{\"a\": {}}",
];

/// Bodies that are no JSON, or not what anybody wants.
const BODIES: &[&[u8]] = &[
    b"",
    b"{",
    b"[]",
    b"null",
    b"\"x\"",
    b"NaN",
    b"{\"a\": NaN}",
    b"{\"a\": 1e999}",
    b"{\"a\": \"\xff\xfe\"}",
    b"{\"a\": \"\\ud800\"}",
    b"{\"a\": \"\\u0000\"}",
    b"{} {}",
    b"{\"a\": 1,}",
    b"\xef\xbb\xbf{}",
    b"a=b&c=d",
];

/// Headers that are none of anybody.
const HEADERS: &[(&str, &[u8])] = &[
    ("x-session-token", b"\xff\xfe"),
    ("x-session-token", b"' OR '1'='1"),
    ("x-phone", b"+1 202 555 0101'; DROP TABLE sessions; --"),
    ("x-phone", b"\xf0\x9f\x98\x80"),
    ("x-customer-id", b"%00"),
    ("x-channel-key", b"\xff"),
    ("x-channel-key", b"vck_made-up"),
    ("cookie", b"sessionid=\xff; guest_session=' OR 1=1; voice_session=;;=;"),
    ("cookie", b"sessionid=signed-out"),
    ("authorization", b"Bearer \xff"),
    ("authorization", b"Bearer"),
    ("dpop", b"a.b.c"),
    ("dpop", b"\xff"),
    ("x-csrftoken", b"\xff"),
    ("x-ingest-token", b"\xff"),
    ("idempotency-key", b"\xff"),
    ("origin", b"null"),
    ("last-event-id", b"-1'"),
    ("if-none-match", b"\xff"),
    ("content-type", b"application/json; charset=\xff"),
    ("accept", b"\xff"),
];

/// Parts of an address.
const PARTS: &[&str] = &[
    "%00",
    "%FF",
    "%27%20OR%201%3D1--",
    "-1",
    "99999999999999999999",
    "1e309",
    "NaN",
    "a%0D%0ASet-Cookie:%20b=c",
    "%F0%9F%98%80",
];

/// What an operator may not have set up: no engine, no speech, no mail.
const MAY_BE_MISSING: &[&str] =
    &["/api/visual-search", "/session", "/token", "/v1/account/email/verification", "/v1/account/password-reset", "/v1/speech"];

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

struct Operation {
    method: &'static str,
    path: String,
    statuses: Vec<u16>,
    body: Option<Map<String, Value>>,
    query: Vec<String>,
    device: bool,
}

/// Every operation of the description.
fn operations(api: &Value) -> Vec<Operation> {
    let mut list = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let sets = operation["security"].as_array().cloned().unwrap_or_default();
            let takes = |name: &str| sets.iter().any(|set| set.get(name).is_some());
            list.push(Operation {
                method: METHODS.iter().copied().find(|known| known.eq_ignore_ascii_case(method)).unwrap(),
                path: path.clone(),
                statuses: operation["responses"].as_object().unwrap().keys().map(|status| status.parse().unwrap()).collect(),
                body: operation.get("requestBody").map(|_| sample(api, schema)),
                query: operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|parameter| parameter["in"] == "query")
                    .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                    .collect(),
                device: takes("device") && !takes("session_token") && !takes("channel_key"),
            });
        }
    }
    list
}

/// A body that comes near to what is wanted.
fn sample(api: &Value, schema: &Value) -> Map<String, Value> {
    let schema = resolved(api, schema);
    let members = schema["properties"].as_object().cloned().unwrap_or_default();
    members.iter().map(|(name, schema)| (name.clone(), sample_of(api, name, schema))).collect()
}

fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    let alternatives = ["oneOf", "anyOf", "allOf"].iter().find_map(|name| schema[*name].as_array());
    let schema = alternatives.and_then(|list| list.iter().find(|one| one["type"] != "null")).unwrap_or(schema);
    match schema["$ref"].as_str() {
        Some(name) => api.pointer(name.trim_start_matches('#')).unwrap_or(schema),
        None => schema,
    }
}

fn sample_of(api: &Value, name: &str, schema: &Value) -> Value {
    let known = match name {
        "sku" => Some(json!("SKU-1001")),
        "items" => Some(json!([{"sku": "SKU-1001", "quantity": 1}])),
        "payment_method" => Some(json!({"type": "card"})),
        "action" => Some(json!("add_to_cart")),
        "payload" => Some(json!({"item": {"sku": "SKU-1001"}})),
        "phone" | "phone_number" => Some(json!("9820000101")),
        "channel" => Some(json!("web")),
        "location" => Some(json!("online")),
        "email" => Some(json!("somebody@example.com")),
        "session" => Some(json!({"id": "9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d21"})),
        "role" => Some(json!("consumer")),
        _ => None,
    };
    let schema = resolved(api, schema);
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find_map(Value::as_str).unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    known.unwrap_or_else(|| match kind {
        "integer" => json!(1),
        "number" => json!(1.5),
        "boolean" => json!(true),
        "array" => json!([]),
        "object" => Value::Object(sample(api, schema)),
        _ => schema["enum"].get(0).cloned().unwrap_or_else(|| json!("x")),
    })
}

/// What is sent instead.
#[derive(Clone, Debug, Default)]
struct Wrong {
    path: Option<String>,
    body: Option<Vec<u8>>,
    header: Option<(&'static str, &'static [u8])>,
    nobody: bool,
}

impl Wrong {
    fn body(bytes: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(bytes.into()), ..Self::default() }
    }
}

fn wrongs(operation: &Operation) -> Vec<Wrong> {
    let mut list = vec![Wrong::default(), Wrong { nobody: true, ..Wrong::default() }];
    list.extend(HEADERS.iter().map(|header| Wrong { header: Some(*header), ..Wrong::default() }));
    list.extend(HEADERS.iter().map(|header| Wrong { header: Some(*header), nobody: true, ..Wrong::default() }));
    if let Some(near) = &operation.body {
        list.extend(BODIES.iter().map(|body| Wrong::body(*body)));
        list.push(Wrong::body(format!("{}{}", "{\"a\":".repeat(5_000), "}".repeat(5_000))));
        list.push(Wrong::body("[".repeat(200_000)));
        list.push(Wrong::body(format!("{{\"a\": \"{}\"}}", "x".repeat(10 * 1024 * 1024))));
        let whole = Value::Object(near.clone()).to_string();
        list.push(Wrong::body(format!("{},{}", &whole[..whole.len() - 1], &whole[1..])));
        for name in near.keys() {
            for value in VALUES {
                let mut members: Vec<String> =
                    near.iter().filter(|(other, _)| *other != name).map(|(name, value)| format!("\"{name}\": {value}")).collect();
                members.push(format!("\"{name}\": {value}"));
                list.push(Wrong::body(format!("{{{}}}", members.join(", "))));
            }
            let mut long = near.clone();
            long.insert(name.clone(), json!("x".repeat(20_000)));
            list.push(Wrong::body(Value::Object(long).to_string()));
        }
    }
    for part in PARTS {
        if operation.path.contains('{') {
            list.push(Wrong { path: Some(filled(&operation.path, part)), ..Wrong::default() });
        }
        for name in &operation.query {
            let path = filled(&operation.path, "101");
            list.push(Wrong { path: Some(format!("{path}?{name}={part}")), ..Wrong::default() });
            list.push(Wrong { path: Some(format!("{path}?{name}=1&{name}={part}")), ..Wrong::default() });
        }
    }
    list
}

fn filled(path: &str, part: &str) -> String {
    path.split('/').map(|own| if own.starts_with('{') { part } else { own }).collect::<Vec<_>>().join("/")
}

async fn ask(place: &Place, operation: &Operation, wrong: &Wrong) -> Answer {
    let path = wrong.path.clone().unwrap_or_else(|| filled(&operation.path, "101"));
    let mut request = Request::builder().method(operation.method).uri(&path);
    if !wrong.nobody {
        let who: &[Who] = if operation.device { &[Who::Kiosk] } else { &[Who::Customer, Who::Service, Who::Manager] };
        for who in who {
            for (name, value) in place.credentials_of(*who, operation.method, &path) {
                if wrong.header.is_none_or(|(other, _)| other != name) {
                    request = request.header(name, value);
                }
            }
        }
    }
    if let Some((name, value)) = wrong.header {
        request = request.header(name, HeaderValue::from_bytes(value).unwrap());
    }
    let near = || operation.body.as_ref().map(|near| Value::Object(near.clone()).to_string().into_bytes());
    let body = wrong.body.clone().or_else(near);
    if body.is_some() && wrong.header.is_none_or(|(name, _)| name != "content-type") {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    place.ask(request.body(body.map_or_else(Body::empty, Body::from)).unwrap()).await
}

/// What is wrong with an answer, if anything.
fn problem(operation: &Operation, answer: &Answer) -> Option<String> {
    let status = answer.status;
    if !operation.statuses.contains(&status) {
        return Some(format!("{status} is not described"));
    }
    if answer.headers.values().any(|value| String::from_utf8_lossy(value.as_bytes()).contains("injected")) {
        return Some("a header was injected".into());
    }
    if status < 400 {
        return None;
    }
    let Some(body) = &answer.body else { return Some(format!("{status} without JSON")) };
    let code: protocol::ErrorCode = serde_json::from_value(body["code"].clone()).unwrap_or(protocol::ErrorCode::Unknown);
    let sentence = body["detail"].as_str().unwrap_or_default();
    if code == protocol::ErrorCode::Unknown || sentence.is_empty() || body["message"] != body["detail"] {
        return Some(format!("{status} with the body {body}"));
    }
    let not_there = matches!(body["code"].as_str(), Some("service_unavailable" | "voice_unavailable"));
    (status >= 500 && !(status == 503 && not_there && MAY_BE_MISSING.contains(&operation.path.as_str())))
        .then(|| format!("{status}: {body}"))
}

/// Somebody may have been signed out by what was sent last.
async fn arrive_again(place: &mut Place) {
    let body = r#"{"phone_number":"9820000150","password":"walking by the river"}"#;
    place.send(&keep(post("/auth/login", Who::Nobody, body, 200, "signed in"), &[("customer", "/session_token")])).await;
    let body = r#"{"email":"manager@example.com","password":"walking by the river"}"#;
    place.send(&post("/api/auth/login", Who::Manager, body, 200, "user")).await;
}

/// Sends everything that is wrong to every address.
pub async fn run(database: Database) {
    let mut place = Place::open(database).await;
    place.send(&ARRIVAL).await;
    let api = place.ask(Request::get("/openapi.json").body(Body::empty()).unwrap()).await.body.unwrap();
    let operations = operations(&api);
    assert!(operations.len() > 60, "the description was read");
    let mut problems = Vec::new();
    let mut sent = 0;
    for operation in &operations {
        // Nobody's patience is tried: how often somebody may call is a matter of other tests.
        place.pass(Duration::from_hours(1));
        arrive_again(&mut place).await;
        for wrong in wrongs(operation) {
            let answer = ask(&place, operation, &wrong).await;
            sent += 1;
            if let Some(problem) = problem(operation, &answer) {
                let body = wrong.body.as_deref().map(|body| String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned());
                let at = wrong.path.as_deref().unwrap_or(&operation.path);
                problems.push(format!(
                    "{} {at}: {problem} (body {body:?}, header {:?}, nobody {})",
                    operation.method,
                    wrong.header.map(|(name, value)| (name, String::from_utf8_lossy(value).into_owned())),
                    wrong.nobody
                ));
                break;
            }
        }
    }
    assert!(problems.is_empty(), "{} of {sent} requests:\n{}", problems.len(), problems.join("\n"));
}
