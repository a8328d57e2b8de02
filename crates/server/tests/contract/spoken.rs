//! What was said: reports of the voice agent, the history of who is signed in, and the raw lists.

use serde_json::{Value, json};

use super::table::{
    Row,
    Who::{Browser, Forger, Manager, Nobody},
    get, keep, post, with,
};

const JSON: &str = "content-type: application/json";

pub const ROWS: &[Row] = &[
    keep(
        post(
            "/api/auth/register",
            Browser,
            r#"{"email":"Asha@Example.com","password":"walking by the river","display_name":"Asha Example"}"#,
            201,
            "user",
        ),
        &[("user", "/id")],
    ),
    // POST /api/ingest.
    with(
        post(
            "/api/ingest",
            Nobody,
            r#"{"session":{"id":"9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d20","room":"quickstart","user_id":"<user>","system_prompt":"You are a friendly shop assistant."},"events":[{"role":"agent","text":"Hello! How can I help?","is_final":true,"id":"a-1","seq":1},{"role":"user","text":"A white","is_final":false},{"role":"user","text":"A white shirt, please.","final":true,"id":"u-1","seq":2}]}"#,
            200,
            "ingested",
        ),
        &["x-ingest-token: of-the-voice-agent", JSON],
    ),
    with(post("/api/ingest", Nobody, "{}", 400, "bad_request"), &["x-ingest-token: of-the-voice-agent", JSON]),
    with(post("/api/ingest", Nobody, r#"{"session":{}}"#, 400, "bad_request"), &["x-ingest-token: of-the-voice-agent", JSON]),
    with(
        post("/api/ingest", Nobody, r#"{"session":{"id":"seven"}}"#, 422, "validation_error"),
        &["x-ingest-token: of-the-voice-agent", JSON],
    ),
    with(post("/api/ingest", Nobody, "{}", 401, "invalid_token"), &["x-ingest-token: guessed", JSON]),
    post("/api/ingest", Nobody, "{}", 401, "invalid_token"),
    // GET /api/users/history.
    get("/api/users/history", Browser, 200, "spoken history"),
    get("/api/users/history?limit=1000&offset=-1", Browser, 200, "spoken history"),
    get("/api/users/history?limit=ten", Browser, 400, "validation_error"),
    get("/api/users/history", Nobody, 401, "authentication_required"),
    get("/api/users/history/9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d20", Browser, 200, "history entry"),
    get("/api/users/history/9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d20", Manager, 404, "session_not_found"),
    get("/api/users/history/9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d20", Nobody, 401, "authentication_required"),
    get("/api/users/history/seven", Browser, 404, "session_not_found"),
    // POST /api/users/sessions/save.
    post(
        "/api/users/sessions/save",
        Browser,
        r#"{"session_id":"9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d20","messages":[{"role":"user","text":"invented","timestamp":1}]}"#,
        200,
        "history item",
    ),
    post(
        "/api/users/sessions/save",
        Manager,
        r#"{"session_id":"9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d20","messages":[]}"#,
        404,
        "session_not_found",
    ),
    post("/api/users/sessions/save", Browser, r#"{"messages":[]}"#, 400, "validation_error"),
    post("/api/users/sessions/save", Forger, r#"{"session_id":"x","messages":[]}"#, 403, "csrf_failed"),
    post("/api/users/sessions/save", Nobody, r#"{"session_id":"x","messages":[]}"#, 401, "authentication_required"),
    // GET /api/sessions/ and /api/utterances/.
    get("/api/sessions/", Manager, 200, "voice sessions"),
    get("/api/utterances/", Manager, 200, "utterances"),
    get("/api/utterances?limit=1", Manager, 200, "utterances"),
    get("/api/sessions/", Browser, 403, "role_required"),
    get("/api/utterances/", Browser, 403, "role_required"),
    get("/api/sessions/", Nobody, 401, "authentication_required"),
    get("/api/utterances/", Nobody, 401, "authentication_required"),
];

/// The shape of that name; none where it is of another area.
pub fn shape(name: &str) -> Option<Value> {
    let item = json!({"id": "uuid", "room": "string", "started_at": "time", "ended_at": "time|null", "utterance_count": "int",
        "system_prompt": "string"});
    let utterance = json!({"id": "uuid", "session": "uuid", "role": "=user|=agent|=event", "text": "string", "event": "string|null",
        "is_final": true, "created_at": "time", "seq": "int"});
    Some(match name {
        "ingested" => json!({"created": 2}),
        "spoken history" => json!({"count": 1, "next": "null", "previous": "null", "results": [item]}),
        "any history" => json!({"count": "int", "next": "string|null", "previous": "string|null", "results": ["object"]}),
        "history entry" => json!({"id": "uuid", "room": "string", "started_at": "time", "ended_at": "time|null",
            "system_prompt": "string", "metadata": "object", "utterances": [utterance], "duration_ms": "int|null"}),
        "history item" => item,
        "voice sessions" | "utterances" => json!(["object"]),
        _ => return None,
    })
}
