//! How spoken conversations begin, are followed, are saved and end, and what their agent is told and tells.

use serde_json::{Value, json};

use super::table::{
    Row,
    Who::{self, DeadKey, Nobody, Service, Telegram},
    get, keep, post, role, with,
};

const fn delete(path: &'static str, who: Who, status: u16, shape: &'static str) -> Row {
    Row { method: "DELETE", ..get(path, who, status, shape) }
}

const fn put(path: &'static str, who: Who, body: &'static str, status: u16, shape: &'static str) -> Row {
    Row { method: "PUT", ..post(path, who, body, status, shape) }
}

const ASHA: &[&str] = &["Cookie: sessionid=<asha cookie>", "X-CSRFToken: <asha csrf>"];
const ASHA_WITHOUT_CSRF: &[&str] = &["Cookie: sessionid=<asha cookie>"];
const RAVI: &[&str] = &["Cookie: sessionid=<ravi cookie>", "X-CSRFToken: <ravi csrf>"];
const BOSS: &[&str] = &["Cookie: sessionid=<boss cookie>", "X-CSRFToken: <boss csrf>"];
const DEAD_COOKIE: &[&str] = &["Cookie: sessionid=made-up", "X-CSRFToken: made-up"];
const BEARER: &[&str] = &["Authorization: Bearer made.up.token"];
const STARTER: &[&str] = &["Cookie: voice_session=<starter>"];
const STARTER_ELSEWHERE: &[&str] = &["Cookie: voice_session=<starter>", "Origin: https://elsewhere.example"];
const TICKET: &[&str] = &["X-Voice-Ticket: <asha ticket>"];
const INGEST: &[&str] = &["X-INGEST-TOKEN: of-the-voice-agent"];
const WRONG_INGEST: &[&str] = &["X-INGEST-TOKEN: made up"];

const BODY: &str = r#"{"room":"quickstart","identity":"asha-4k2p9q"}"#;

pub const ROWS: &[Row] = &[
    keep(
        post(
            "/api/auth/register",
            Nobody,
            r#"{"email":"asha@example.com","password":"walking by the river","display_name":"Asha Example"}"#,
            201,
            "user",
        ),
        &[("asha cookie", "cookie sessionid"), ("asha csrf", "/csrf_token"), ("asha", "/id")],
    ),
    keep(
        post(
            "/api/auth/register",
            Nobody,
            r#"{"email":"ravi@example.com","password":"walking by the river","display_name":"Ravi Sample"}"#,
            201,
            "user",
        ),
        &[("ravi cookie", "cookie sessionid"), ("ravi csrf", "/csrf_token")],
    ),
    keep(
        post(
            "/api/auth/register",
            Nobody,
            r#"{"email":"boss@example.com","password":"walking by the river","display_name":"Boss Sample"}"#,
            201,
            "user",
        ),
        &[("boss cookie", "cookie sessionid"), ("boss csrf", "/csrf_token"), ("boss", "/id")],
    ),
    role("<boss>", "manager"),
    // GET /token.
    keep(
        get("/token?room=quickstart&identity=asha-4k2p9q&name=Asha", Nobody, 200, "voice token"),
        &[("ticket", "/ticket"), ("reserved", "cookie voice_reservation")],
    ),
    get("/token/?room=quickstart&identity=ravi-1", Nobody, 200, "voice token"),
    get("/token?room=quickstart", Nobody, 422, "validation_error"),
    get("/token?identity=asha-4k2p9q", Nobody, 422, "validation_error"),
    get("/token", Nobody, 422, "validation_error"),
    get("/token?room=quickstart&identity=agent-7", Nobody, 422, "validation_error"),
    post("/token", Nobody, "{}", 405, "method_not_allowed"),
    // POST /session.
    keep(
        post(
            "/session",
            Nobody,
            r#"{"room":"quickstart","identity":"asha-4k2p9q","system_prompt":"You are a friendly shop assistant.","ticket":"<ticket>"}"#,
            200,
            "voice started",
        ),
        &[("voice", "/session_id"), ("voice room", "/room"), ("starter", "cookie voice_session")],
    ),
    post("/session", Nobody, r#"{"room":"quickstart","identity":"asha-4k2p9q","ticket":"<ticket>"}"#, 422, "validation_error"),
    with(post("/session/", Nobody, BODY, 200, "voice started"), DEAD_COOKIE),
    keep(
        with(post("/session", Nobody, BODY, 200, "voice started"), ASHA_WITHOUT_CSRF),
        &[("asha voice", "/session_id"), ("asha ticket", "/ticket")],
    ),
    with(post("/session", Nobody, BODY, 401, "invalid_token"), BEARER),
    post("/session", Nobody, r#"{"identity":"asha-4k2p9q"}"#, 422, "validation_error"),
    post("/session", Nobody, r#"{"room":"quickstart"}"#, 422, "validation_error"),
    post("/session", Nobody, r#"{"room":7,"identity":"asha-4k2p9q"}"#, 422, "validation_error"),
    post("/session", Nobody, r#"{"room":"quickstart","identity":"Agent"}"#, 422, "validation_error"),
    post("/session", Nobody, "{", 422, "malformed_json"),
    get("/session", Nobody, 405, "method_not_allowed"),
    // What the agent is told, and tells.
    with(get("/v1/voice/sessions/<voice>", Nobody, 200, "briefing"), INGEST),
    get("/v1/voice/sessions/<voice room>", Service, 200, "briefing"),
    get("/v1/voice/sessions/no-such-room", Service, 404, "session_not_found"),
    get("/v1/voice/sessions/<voice>", Nobody, 401, "authentication_required"),
    with(get("/v1/voice/sessions/<voice>", Nobody, 401, "authentication_required"), WRONG_INGEST),
    get("/v1/voice/sessions/<voice>", DeadKey, 401, "invalid_token"),
    get("/v1/voice/sessions/<voice>", Telegram, 403, "forbidden"),
    put("/v1/voice/agent", Service, r#"{"name":"agent-1","stt":"deepgram","tts":"cartesia","llm":"openai"}"#, 200, "agent seen"),
    put("/v1/voice/agent", Service, r#"{"name":" "}"#, 422, "validation_error"),
    put("/v1/voice/agent", Service, "{}", 422, "validation_error"),
    put("/v1/voice/agent", Nobody, r#"{"name":"agent-1"}"#, 401, "authentication_required"),
    put("/v1/voice/agent", Telegram, r#"{"name":"agent-1"}"#, 403, "forbidden"),
    // POST /api/ingest.
    with(
        post(
            "/api/ingest",
            Nobody,
            r#"{"session":{"id":"<asha voice>","room":"quickstart","user_id":"<asha>","system_prompt":"Be kind."},
                "events":[{"role":"agent","text":"Hello! How can I help?","is_final":true,"id":"a-1"},
                          {"role":"user","text":"A whi","is_final":false,"id":"u-1"},
                          {"role":"user","event":"speech_ended"},
                          {"role":"user","text":"A white shirt, please.","final":true,"id":"u-1"}]}"#,
            200,
            "voice reported",
        ),
        INGEST,
    ),
    with(
        post(
            "/api/ingest/",
            Nobody,
            r#"{"session":{"id":"<asha voice>"},"events":[{"role":"agent","text":"Hello! How can I help?","id":"a-1"}]}"#,
            200,
            "voice reported before",
        ),
        INGEST,
    ),
    with(post("/api/ingest", Nobody, "{}", 400, "bad_request"), INGEST),
    with(post("/api/ingest", Nobody, r#"{"session":{}}"#, 400, "bad_request"), INGEST),
    with(post("/api/ingest", Nobody, r#"{"session":{"id":"seven"}}"#, 422, "validation_error"), INGEST),
    with(post("/api/ingest", Nobody, r#"{"session":{"id":"<voice>"}}"#, 401, "invalid_token"), WRONG_INGEST),
    post("/api/ingest", Nobody, r#"{"session":{"id":"<voice>"}}"#, 401, "invalid_token"),
    // WS /ws/transcript/{session_id}: refusals come before the upgrade.
    get("/ws/transcript/<voice>", Nobody, 404, "session_not_found"),
    with(get("/ws/transcript/<voice>", Nobody, 400, "bad_request"), STARTER),
    with(get("/ws/transcript/<voice>", Nobody, 404, "session_not_found"), STARTER_ELSEWHERE),
    with(get("/ws/transcript/<voice>", Nobody, 404, "session_not_found"), ASHA),
    with(get("/ws/transcript/<asha voice>", Nobody, 400, "bad_request"), ASHA),
    with(get("/ws/transcript/<asha voice>", Nobody, 400, "bad_request"), BOSS),
    with(get("/ws/transcript/<asha voice>", Nobody, 404, "session_not_found"), RAVI),
    with(get("/ws/transcript/<asha voice>", Nobody, 401, "invalid_token"), BEARER),
    get("/ws/transcript/<asha voice>", Service, 400, "bad_request"),
    get("/ws/transcript/<asha voice>", Telegram, 404, "session_not_found"),
    get("/ws/transcript/<asha voice>", DeadKey, 401, "invalid_token"),
    get("/ws/transcript/<asha voice>?ticket=<asha ticket>", Nobody, 400, "bad_request"),
    with(get("/ws/transcript/<asha voice>?after=two", Nobody, 422, "validation_error"), TICKET),
    get("/ws/transcript/no-such-session", Service, 404, "session_not_found"),
    // GET /diagnostics.
    with(get("/diagnostics", Nobody, 200, "diagnostics"), BOSS),
    with(get("/diagnostics", Nobody, 403, "role_required"), ASHA),
    with(get("/diagnostics", Nobody, 401, "session_expired"), DEAD_COOKIE),
    get("/diagnostics", Nobody, 401, "authentication_required"),
    // DELETE /session/{session_id}.
    delete("/session/<voice>", Nobody, 404, "session_not_found"),
    with(delete("/session/<voice>", Nobody, 404, "session_not_found"), TICKET),
    with(delete("/session/<voice>", Nobody, 404, "session_not_found"), STARTER_ELSEWHERE),
    with(delete("/session/<voice>", Nobody, 200, "voice stopped"), STARTER),
    with(delete("/session/<voice>", Nobody, 404, "session_not_found"), STARTER),
    with(delete("/session/<asha voice>", Nobody, 404, "session_not_found"), RAVI),
    with(delete("/session/<asha voice>", Nobody, 403, "csrf_failed"), ASHA_WITHOUT_CSRF),
    with(delete("/session/<asha voice>", Nobody, 401, "invalid_token"), BEARER),
    delete("/session/<asha voice>", Telegram, 404, "session_not_found"),
    delete("/session/<asha voice>", DeadKey, 401, "invalid_token"),
    delete("/session/no-such-session", Service, 404, "session_not_found"),
    with(delete("/session/<asha voice>", Nobody, 200, "voice stopped"), ASHA),
    get("/session/<asha voice>", Nobody, 405, "method_not_allowed"),
    // POST /api/users/sessions/save.
    keep(post("/session", Nobody, BODY, 200, "voice started"), &[("saved voice", "/session_id"), ("saved ticket", "/ticket")]),
    with(
        post(
            "/api/users/sessions/save",
            Nobody,
            r#"{"session_id":"<saved voice>","messages":[{"role":"user","text":"invented","timestamp":1}]}"#,
            404,
            "session_not_found",
        ),
        ASHA,
    ),
    with(
        post(
            "/api/users/sessions/save",
            Nobody,
            r#"{"session_id":"<saved voice>","ticket":"<saved ticket>","messages":[{"role":"user","text":"invented","timestamp":1}]}"#,
            200,
            "voice saved",
        ),
        ASHA,
    ),
    with(post("/api/users/sessions/save", Nobody, r#"{"session_id":"<voice>","messages":[]}"#, 404, "session_not_found"), ASHA),
    with(
        post("/api/users/sessions/save", Nobody, r#"{"session_id":"<asha voice>","messages":[]}"#, 404, "session_not_found"),
        RAVI,
    ),
    with(
        post("/api/users/sessions/save", Nobody, r#"{"session_id":"<asha voice>","messages":[]}"#, 403, "csrf_failed"),
        ASHA_WITHOUT_CSRF,
    ),
    // An agent that takes no conversations.
    put("/v1/voice/agent", Service, r#"{"name":"agent-1","ready":false}"#, 200, "agent seen"),
    post("/session", Nobody, BODY, 503, "voice_unavailable"),
];

/// The shape of that name; none for one of another table.
pub fn shape(name: &str) -> Option<Value> {
    let item = json!({"id": "uuid", "room": "=quickstart", "started_at": "time", "ended_at": "time|null", "utterance_count": "int",
        "system_prompt": "string"});
    Some(match name {
        "voice token" => json!({"token": "string", "room": "string", "identity": "string", "url": "string", "ticket": "string",
            "expires_at": "time"}),
        "voice started" => json!({"session_id": "uuid", "room": "string", "identity": "=asha-4k2p9q", "ticket": "string",
            "ws_url": "string"}),
        "voice stopped" => json!({"stopped": true}),
        "briefing" => json!({"session_id": "uuid", "room": "string", "identity": "string", "label": "=quickstart",
            "user_id": "uuid|null", "prompt": "string", "policy": "string", "persona": "string", "voice": "=alloy",
            "language": "=en", "topics": ["string"], "started_at": "time", "ended_at": "null"}),
        "agent seen" => json!({"until": "time"}),
        "voice reported" => json!({"created": 2, "ended": false}),
        "voice reported before" => json!({"created": 0, "ended": false}),
        "diagnostics" => json!({"livekit": {"url": true, "api_key": true, "api_secret": true},
            "providers": {"stt": "=deepgram", "tts": "=cartesia", "llm": "=openai", "tts_voice": "null"},
            "persistence": {"configured": true, "last_ingest_ts": "time", "event_count": 2}}),
        "voice saved" => item,
        _ => return None,
    })
}
