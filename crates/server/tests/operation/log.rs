//! What an operator reads, and nobody's business.

use serde_json::{Value, json};

use super::{
    caller::{Answer, Caller},
    place::Place,
};

const PHONE: &str = "9820000177";
const NAME: &str = "Ravindra";
const PASSWORD: &str = "walking-by-the-river";
const MESSAGE: &str = "unmistakable-words-of-a-customer";
const EMAIL: &str = "ravindra.of.pune@example.com";
const ADDRESS: &str = "Lighthouse-Cottage";

#[test]
fn the_log_names_requests_and_nobody() {
    // Everything that can be logged at all.
    let mut place = Place::open_with(&["--log-format", "json"], &[("VITRINE_LOG", "trace")]);
    let mut secrets: Vec<String> = [PHONE, NAME, PASSWORD, MESSAGE, EMAIL, ADDRESS].map(str::to_owned).into();
    let mut caller = Caller::connect(&place.address).unwrap();
    let mut ids = Vec::new();
    let mut ask = |method: &str, path: &str, headers: &[(&str, &str)], body: Value, status: u16| -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = caller.ask(method, path, headers, &body).unwrap();
        assert_eq!(answer.status, status, "{method} {path}: {}", String::from_utf8_lossy(&answer.body));
        ids.push(answer.header("x-request-id").unwrap().to_owned());
        answer
    };
    let person = json!({
        "name": NAME, "phone_number": PHONE, "password": PASSWORD, "age": 31, "city": "Pune",
        "building_name": ADDRESS, "address_landmark": ADDRESS,
    });
    let token = ask("POST", "/auth/signup", &[], person, 201).json()["session_token"].as_str().unwrap().to_owned();
    let say = json!({"action": "chat_message", "payload": {"sender": "user", "message": MESSAGE}});
    ask("POST", "/session/update", &[("x-session-token", &token), ("idempotency-key", MESSAGE)], say, 200);
    ask("POST", "/api/message", &[("x-session-token", &token)], json!({"message": MESSAGE, "session_token": token}), 200);
    ask("POST", "/auth/login", &[], json!({"phone_number": PHONE, "password": format!("{PASSWORD}!")}), 401);
    ask("GET", "/session/restore", &[("x-session-token", &format!("{token}{token}"))], Value::Null, 404);
    ask("GET", &format!("/session/restore?phone={PHONE}"), &[("x-phone", PHONE)], Value::Null, 404);
    ask("GET", &format!("/products/{PHONE}"), &[("authorization", &format!("Bearer {token}"))], Value::Null, 404);
    ask("GET", &format!("/{MESSAGE}/{EMAIL}"), &[("cookie", &format!("sessionid={token}"))], Value::Null, 404);
    let account = json!({"email": EMAIL, "password": PASSWORD, "display_name": NAME});
    let registered = ask("POST", "/api/auth/register", &[], account, 201);
    let cookie = registered.header("set-cookie").unwrap().split(['=', ';']).nth(1).unwrap().to_owned();
    ask("POST", "/api/auth/login", &[], json!({"email": EMAIL, "password": "wrong", "more": MESSAGE}), 401);
    ask("POST", "/session/start", &[], json!({"phone": [PHONE]}), 422);
    secrets.extend([token, cookie, registered.json()["csrf_token"].as_str().unwrap().to_owned()]);
    drop(caller);

    assert!(place.program.stop().unwrap().success());
    let said = place.program.said();
    let lines: Vec<Value> =
        said.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
    for id in &ids {
        let answered: Vec<_> =
            lines.iter().filter(|line| line["message"] == "answered" && line["span"]["id"] == json!(id)).collect();
        assert_eq!(answered.len(), 1, "one line for request {id}");
        for member in ["timestamp", "level", "method", "route", "status", "millis"] {
            assert!(!answered[0][member].is_null(), "{member} in {}", answered[0]);
        }
    }
    assert!(lines.iter().any(|line| line["route"] == "/auth/signup" && line["status"] == json!(201)));
    for secret in &secrets {
        let told: Vec<_> = said.lines().filter(|line| line.contains(secret.as_str())).collect();
        assert!(told.is_empty(), "{secret} is in {told:?}");
    }
}
