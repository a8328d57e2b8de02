//! What holds for every route, said once.

use protocol::{ApiError, routes};
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema as _, ToSchema as _, openapi::OpenApi};

/// Of these each call counts anew, or has no second effect by itself: what they answer is secret and of one device or browser, and
/// kept nowhere, or a change carries a key of its own.
const WITHOUT_KEPT_ANSWER: &[&str] = &[
    routes::KIOSK_GUEST,
    routes::HANDOFFS,
    routes::HANDOFF_MATCH,
    routes::DEVICE_ENROLMENTS,
    routes::SYNC_PUSH,
    routes::SPEECH,
    routes::PHONE_VISITS,
    routes::PHONE_SIGN_IN,
    routes::PHONE_SIGN_UP,
    routes::PHONE_PROVIDER_START,
    routes::PHONE_CLAIMS,
];

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The description as JSON, saying of each route what holds for all of them.
pub(super) fn complete(api: &OpenApi) -> Value {
    let mut api = serde_json::to_value(api).unwrap_or_default();
    api["info"] = json!({
        "title": "Vitrine session server",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "One session per customer, on every channel. Programs decide by the `code` of an error, people read its \
            `detail`. Every path is the same resource with and without a slash at its end.",
    });
    api["servers"] = json!([{"url": "/"}]);
    let mut schemas = vec![("ApiError".to_owned(), ApiError::schema())];
    ApiError::schemas(&mut schemas);
    for (name, schema) in schemas {
        api["components"]["schemas"][name] = json!(schema);
    }
    api["components"]["securitySchemes"] = credentials();
    let Value::Object(paths) = api["paths"].take() else { return api };
    for (path, mut item) in paths {
        // What the router calls the rest of a path is a name like any other here.
        let path = path.replace("{*", "{");
        for method in METHODS {
            if let Some(Value::Object(operation)) = item.get_mut(method) {
                complete_operation(&path, method, operation);
            }
        }
        api["paths"][path] = item;
    }
    api
}

fn credentials() -> Value {
    let header = |name: &str, about: &str| json!({"type": "apiKey", "in": "header", "name": name, "description": about});
    json!({
        "session_token": header(routes::HEADER_SESSION_TOKEN, "Bearer of one session."),
        "channel_key": header(routes::HEADER_CHANNEL_KEY, "Key of a trusted channel or service; what it opens is in its scopes."),
        "device": header(routes::HEADER_PROOF, "A fresh proof of an enrolled device's key (RFC 9449)."),
        "key": header(routes::HEADER_PROOF, "A fresh proof of any P-256 key (RFC 9449)."),
        "account": {"type": "apiKey", "in": "cookie", "name": "sessionid",
            "description": "Set at sign-in. Unsafe methods need X-CSRFToken beside it."},
        "guest": {"type": "apiKey", "in": "cookie", "name": "guest_session",
            "description": "Of a browser's guest. Unsafe methods are taken from our own pages only; others send X-Session-Token."},
        "voice_session": {"type": "apiKey", "in": "cookie", "name": "voice_session",
            "description": "Set when a spoken conversation begins."},
        "voice_ticket": header(routes::HEADER_VOICE_TICKET, "Given when a spoken conversation begins."),
        "ingest_token": header(routes::HEADER_INGEST_TOKEN, "The token of the shop's voice agent."),
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "Of the configured OpenID Connect issuer."},
    })
}

fn complete_operation(path: &str, method: &str, operation: &mut Map<String, Value>) {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    operation.insert("operationId".into(), words.fold(method.to_owned(), |id, word| format!("{id}_{word}")).into());

    // A head that cannot be read or is too long; a page of another site with the key of a channel or device; too many calls
    // without a credential; a database that is away.
    let mut statuses = vec![400, 403, 413, 429, 500, 503];
    if operation.contains_key("requestBody") {
        statuses.extend([415, 422]);
        // What one change of a push is in conflict with stands in the answer.
        if method == "post" && path != routes::SYNC_PUSH {
            statuses.push(409);
        }
        if method == "post" && !WITHOUT_KEPT_ANSWER.contains(&path) {
            add_header(operation, "Idempotency-Key", "A repeated request with the same key has no second effect.");
        }
    }
    let accepted = accepted(operation);
    let takes = |name: &str| accepted.iter().any(|names| names.contains(&name));
    if takes("device") {
        // No good proof; not enrolled; a token that is not this device's.
        statuses.extend([401, 403, 404]);
    }
    if takes("channel_key") {
        // Unknown or revoked; not for this.
        statuses.extend([401, 403]);
    }
    if takes("key") {
        statuses.push(401);
    }
    if takes("bearer") {
        // A bad token is refused also where none is needed.
        statuses.push(401);
    }
    let account = takes("account");
    if account && !accepted.iter().any(Vec::is_empty) {
        statuses.push(401);
    }
    if takes("bearer") {
        // One that is sent and proves nothing is refused everywhere.
        statuses.push(401);
    }
    if account && method != "get" {
        statuses.push(403);
        add_header(operation, routes::HEADER_CSRF, "The anti-forgery token of the sign-in.");
    }
    let responses = &mut operation["responses"];
    for status in statuses {
        if responses.get(status.to_string()).is_none() {
            responses[status.to_string()] = json!({});
        }
    }
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        complete_response(status, response);
    }
}

fn complete_response(status: &str, response: &mut Value) {
    if response["description"].as_str().is_none_or(str::is_empty) {
        response["description"] = describe(status).into();
    }
    if status >= "400" && response.get("content").is_none() {
        response["content"] = json!({"application/json": {"schema": {"$ref": "#/components/schemas/ApiError"}}});
    }
    let header = |about: &str, kind: &str| json!({"description": about, "schema": {"type": kind}});
    response["headers"][routes::HEADER_REQUEST_ID] = header("Names this request in the server's log.", "string");
    if status == "429" {
        response["headers"]["Retry-After"] = header("Seconds to wait.", "integer");
    }
    for (name, about) in [
        ("X-RateLimit-Limit", "Calls a minute that an address has without a credential; only on such calls."),
        ("X-RateLimit-Remaining", "Calls that are left at this moment."),
        ("X-RateLimit-Reset", "When all of them are there again, in seconds since 1970."),
    ] {
        response["headers"][name] = header(about, "integer");
    }
}

fn describe(status: &str) -> &'static str {
    match status {
        "101" => "From here on the connection is a WebSocket.",
        "200" => "Done.",
        "201" => "Made.",
        "202" => "Taken; it is done soon.",
        "303" => "Goes on at `Location`.",
        "400" => "The request makes no sense; `errors` names the fields.",
        "401" => "The credential is missing, unknown or dead.",
        "403" => "The credential does not open this.",
        "404" => "Not there, or somebody else's.",
        "409" => "In conflict with what is there.",
        "410" => "No longer kept.",
        "413" => "Too large.",
        "415" => "Not JSON.",
        "422" => "A field is missing, of the wrong type, or not possible; `errors` names it.",
        "429" => "Too often.",
        "500" => "The server's fault. The cause is in its log only.",
        "502" => "A system behind the server failed.",
        "503" => "Not now.",
        _ => "",
    }
}

fn parameters(operation: &Map<String, Value>) -> &[Value] {
    operation.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The sets of credentials that open an operation, by name; an empty set means nobody is asked.
fn accepted(operation: &Map<String, Value>) -> Vec<Vec<&'static str>> {
    const NAMES: [&str; 7] = ["session_token", "channel_key", "device", "key", "account", "guest", "bearer"];
    let sets = operation.get("security").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    sets.iter().map(|set| NAMES.into_iter().filter(|name| set.get(name).is_some()).collect()).collect()
}

fn add_header(operation: &mut Map<String, Value>, name: &str, about: &str) {
    if parameters(operation)
        .iter()
        .any(|parameter| parameter["name"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name)))
    {
        return;
    }
    let parameter = json!({"name": name, "in": "header", "required": false, "description": about, "schema": {"type": "string"}});
    match operation.entry("parameters").or_insert_with(|| json!([])) {
        Value::Array(list) => list.push(parameter),
        other => *other = json!([parameter]),
    }
}
