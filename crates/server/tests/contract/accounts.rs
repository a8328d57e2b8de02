//! Accounts by e-mail, mailed links, sign-in providers and bearer tokens.

use serde_json::{Value, json};

use super::table::{Row, Who::Nobody, get, keep, mailed, post, with};

const fn put(path: &'static str, body: &'static str, status: u16, shape: &'static str) -> Row {
    Row { method: "PUT", ..post(path, Nobody, body, status, shape) }
}

const fn patch(path: &'static str, body: &'static str, status: u16, shape: &'static str) -> Row {
    Row { method: "PATCH", ..post(path, Nobody, body, status, shape) }
}

const fn anybody(path: &'static str, body: &'static str, status: u16, shape: &'static str) -> Row {
    post(path, Nobody, body, status, shape)
}

const ASHA: &[&str] = &["Cookie: sessionid=<asha cookie>", "X-CSRFToken: <asha csrf>"];
const WITHOUT_CSRF: &[&str] = &["Cookie: sessionid=<asha cookie>"];
const DEAD: &[&str] = &["Cookie: sessionid=dead", "X-CSRFToken: dead"];
const BEARER: &[&str] = &["Authorization: Bearer made.up.token"];
const BASIC: &[&str] = &["Authorization: Basic YXNoYTpz"];
const FOREIGN: &[&str] = &["Origin: https://elsewhere.example"];
const ASKED_BY_SERVER: &[&str] = &["Cookie: sessionid=<asha cookie>", "X-Channel-Key: <internal>"];
const DEAD_ASKED_BY_SERVER: &[&str] = &["Cookie: sessionid=dead", "X-Channel-Key: <internal>"];

const REGISTER: &str = r#"{"email":"Asha@Example.com","password":"walking by the river","display_name":"Asha Example"}"#;
const LOGIN: &str = r#"{"email":"asha@example.com","password":"walking by the river"}"#;
const NEW_LOGIN: &str = r#"{"email":"asha@example.com","password":"rowing on the lake"}"#;
const KEEP: &[(&str, &str)] = &[("asha cookie", "cookie sessionid"), ("asha csrf", "/csrf_token")];

pub const ROWS: &[Row] = &[
    get("/api/health", Nobody, 200, "account health"),
    get("/api/health/", Nobody, 200, "account health"),
    // POST /api/auth/register.
    keep(anybody("/api/auth/register", REGISTER, 201, "user"), KEEP),
    anybody("/api/auth/register", REGISTER, 400, "email_exists"),
    anybody("/api/auth/register", r#"{"email":"a@example.com","password":"short","display_name":"A"}"#, 400, "weak_password"),
    anybody(
        "/api/auth/register",
        r#"{"email":"a","password":"walking by the river","display_name":"A"}"#,
        400,
        "validation_error",
    ),
    anybody("/api/auth/register", r#"{"email":"a@example.com","password":"walking by the river"}"#, 400, "validation_error"),
    anybody("/api/auth/register", "{", 400, "validation_error"),
    with(anybody("/api/auth/register", REGISTER, 403, "csrf_failed"), FOREIGN),
    // POST /api/auth/login.
    keep(anybody("/api/auth/login", LOGIN, 200, "user"), KEEP),
    anybody("/api/auth/login", r#"{"email":"asha@example.com","password":"wrong"}"#, 401, "invalid_credentials"),
    anybody("/api/auth/login", r#"{"email":"nobody@example.com","password":"wrong"}"#, 401, "invalid_credentials"),
    anybody("/api/auth/login", r#"{"email":"asha@example.com"}"#, 400, "validation_error"),
    with(anybody("/api/auth/login", LOGIN, 403, "csrf_failed"), FOREIGN),
    // GET /api/auth/me.
    with(get("/api/auth/me", Nobody, 200, "user"), ASHA),
    with(get("/api/auth/me", Nobody, 200, "user"), WITHOUT_CSRF),
    get("/api/auth/me", Nobody, 401, "authentication_required"),
    with(get("/api/auth/me", Nobody, 401, "session_expired"), DEAD),
    // A bearer token that proves nobody is refused everywhere, and nobody becomes a guest.
    with(get("/api/auth/me", Nobody, 401, "invalid_token"), BEARER),
    with(get("/api/auth/me", Nobody, 401, "invalid_token"), BASIC),
    with(get("/api/users/profile", Nobody, 401, "invalid_token"), BEARER),
    with(get("/api/users/history", Nobody, 401, "invalid_token"), BEARER),
    with(patch("/api/users/profile", r#"{"display_name":"B"}"#, 401, "invalid_token"), BEARER),
    with(put("/api/users/preferences", "{}", 401, "invalid_token"), BEARER),
    with(post("/api/auth/logout", Nobody, "", 401, "invalid_token"), BEARER),
    // GET and PATCH /api/users/profile.
    with(get("/api/users/profile", Nobody, 200, "user profile"), ASHA),
    get("/api/users/profile", Nobody, 401, "authentication_required"),
    with(get("/api/users/profile", Nobody, 401, "session_expired"), DEAD),
    with(patch("/api/users/profile", r#"{"display_name":"Asha E."}"#, 200, "user profile"), ASHA),
    with(patch("/api/users/profile", r#"{"display_name":""}"#, 400, "validation_error"), ASHA),
    with(patch("/api/users/profile", r#"{"display_name":7}"#, 400, "validation_error"), ASHA),
    with(patch("/api/users/profile", r#"{"display_name":"B"}"#, 403, "csrf_failed"), WITHOUT_CSRF),
    patch("/api/users/profile", r#"{"display_name":"B"}"#, 401, "authentication_required"),
    // PUT and PATCH /api/users/preferences.
    with(
        put(
            "/api/users/preferences",
            r#"{"preferred_voice":"nova","preferred_language":"es","favorite_topics":["travel"]}"#,
            200,
            "preferences",
        ),
        ASHA,
    ),
    with(patch("/api/users/preferences", r#"{"preferred_voice":null}"#, 200, "preferences"), ASHA),
    with(put("/api/users/preferences", r#"{"preferred_voice":"loud"}"#, 400, "validation_error"), ASHA),
    with(put("/api/users/preferences", "{}", 403, "csrf_failed"), WITHOUT_CSRF),
    put("/api/users/preferences", "{}", 401, "authentication_required"),
    // GET /api/users/history.
    with(get("/api/users/history", Nobody, 200, "history"), ASHA),
    with(get("/api/users/history?limit=500&offset=-3", Nobody, 200, "history"), ASHA),
    with(get("/api/users/history?limit=many", Nobody, 400, "validation_error"), ASHA),
    get("/api/users/history", Nobody, 401, "authentication_required"),
    with(get("/api/users/history/00000000-0000-7000-8000-000000000000", Nobody, 404, "session_not_found"), ASHA),
    get("/api/users/history/00000000-0000-7000-8000-000000000000", Nobody, 401, "authentication_required"),
    // POST /api/internal/validate-session.
    with(post("/api/internal/validate-session", Nobody, "", 200, "valid session"), ASKED_BY_SERVER),
    with(post("/api/internal/validate-session", Nobody, "", 401, "session_expired"), DEAD_ASKED_BY_SERVER),
    with(post("/api/internal/validate-session", Nobody, "", 404, "not_found"), ASHA),
    // The address is verified with a mailed link.
    mailed("asha@example.com", "verify link"),
    anybody("/v1/account/email/confirm", r#"{"token":"made-up"}"#, 401, "invalid_token"),
    anybody("/v1/account/email/confirm", "{}", 422, "validation_error"),
    with(anybody("/v1/account/email/confirm", r#"{"token":"<verify link>"}"#, 403, "csrf_failed"), FOREIGN),
    with(post("/v1/account/email/verification", Nobody, "", 202, "done"), ASHA),
    post("/v1/account/email/verification", Nobody, "", 401, "authentication_required"),
    with(post("/v1/account/email/verification", Nobody, "", 403, "csrf_failed"), WITHOUT_CSRF),
    mailed("asha@example.com", "newer link"),
    anybody("/v1/account/email/confirm", r#"{"token":"<verify link>"}"#, 401, "invalid_token"),
    anybody("/v1/account/email/confirm", r#"{"token":"<newer link>"}"#, 200, "done"),
    anybody("/v1/account/email/confirm", r#"{"token":"<newer link>"}"#, 401, "invalid_token"),
    with(post("/v1/account/email/verification", Nobody, "", 409, "conflict"), ASHA),
    // Another address waits until it is verified, and stays the first one's who proves it.
    keep(
        anybody(
            "/api/auth/register",
            r#"{"email":"ravi@example.com","password":"walking by the river","display_name":"Ravi Sample"}"#,
            201,
            "user",
        ),
        &[("ravi cookie", "cookie sessionid"), ("ravi csrf", "/csrf_token")],
    ),
    with(
        patch("/api/users/profile", r#"{"email":"wanted@example.com"}"#, 200, "user profile"),
        &["Cookie: sessionid=<ravi cookie>", "X-CSRFToken: <ravi csrf>"],
    ),
    mailed("wanted@example.com", "wanted link"),
    anybody(
        "/api/auth/register",
        r#"{"email":"wanted@example.com","password":"walking by the river","display_name":"Faster"}"#,
        201,
        "user",
    ),
    anybody("/v1/account/email/confirm", r#"{"token":"<wanted link>"}"#, 400, "email_exists"),
    // A new password with a mailed link.
    anybody("/v1/account/password-reset", r#"{"email":"asha@example.com"}"#, 202, "done"),
    anybody("/v1/account/password-reset", r#"{"email":"nobody@example.com"}"#, 202, "done"),
    anybody("/v1/account/password-reset", r#"{"email":"nobody"}"#, 422, "validation_error"),
    anybody("/v1/account/password-reset", "{}", 422, "validation_error"),
    with(anybody("/v1/account/password-reset", r#"{"email":"asha@example.com"}"#, 403, "csrf_failed"), FOREIGN),
    mailed("asha@example.com", "reset link"),
    anybody("/v1/account/password-reset/confirm", r#"{"token":"<reset link>","new_password":"short"}"#, 400, "weak_password"),
    anybody(
        "/v1/account/password-reset/confirm",
        r#"{"token":"made-up","new_password":"rowing on the lake"}"#,
        401,
        "invalid_token",
    ),
    anybody("/v1/account/password-reset/confirm", r#"{"token":"<reset link>"}"#, 422, "validation_error"),
    anybody("/v1/account/password-reset/confirm", r#"{"token":"<reset link>","new_password":"rowing on the lake"}"#, 200, "done"),
    anybody(
        "/v1/account/password-reset/confirm",
        r#"{"token":"<reset link>","new_password":"rowing on the lake"}"#,
        401,
        "invalid_token",
    ),
    with(get("/api/auth/me", Nobody, 401, "session_expired"), ASHA),
    keep(anybody("/api/auth/login", NEW_LOGIN, 200, "user"), KEEP),
    // POST /api/users/change-password.
    with(
        anybody(
            "/api/users/change-password",
            r#"{"current_password":"wrong","new_password":"sailing round the cape"}"#,
            400,
            "wrong_password",
        ),
        ASHA,
    ),
    with(
        anybody(
            "/api/users/change-password",
            r#"{"current_password":"rowing on the lake","new_password":"12345678"}"#,
            400,
            "weak_password",
        ),
        ASHA,
    ),
    with(
        anybody(
            "/api/users/change-password",
            r#"{"current_password":"rowing on the lake","new_password":"sailing round the cape"}"#,
            403,
            "csrf_failed",
        ),
        WITHOUT_CSRF,
    ),
    keep(
        with(
            anybody(
                "/api/users/change-password",
                r#"{"current_password":"rowing on the lake","new_password":"sailing round the cape"}"#,
                200,
                "done",
            ),
            ASHA,
        ),
        &[("newer cookie", "cookie sessionid")],
    ),
    with(get("/api/auth/me", Nobody, 401, "session_expired"), ASHA),
    keep(with(get("/api/auth/me", Nobody, 200, "user"), &["Cookie: sessionid=<newer cookie>"]), &[("asha csrf", "/csrf_token")]),
    // POST /api/auth/logout.
    with(post("/api/auth/logout", Nobody, "", 403, "csrf_failed"), &["Cookie: sessionid=<newer cookie>"]),
    with(post("/api/auth/logout", Nobody, "", 200, "done"), &["Cookie: sessionid=<newer cookie>", "X-CSRFToken: <asha csrf>"]),
    with(get("/api/auth/me", Nobody, 401, "session_expired"), &["Cookie: sessionid=<newer cookie>"]),
    post("/api/auth/logout", Nobody, "", 200, "done"),
    with(post("/api/auth/logout", Nobody, "", 200, "done"), DEAD),
    get("/api/auth/logout", Nobody, 405, "method_not_allowed"),
    // Sign-in providers, whose own answers are in the tests with a real one.
    get("/v1/phone/me", Nobody, 200, "phone me"),
    anybody("/v1/phone/providers/nobody/start", "{}", 404, "not_found"),
    anybody("/v1/phone/providers/away/start", "{}", 503, "service_unavailable"),
    anybody("/v1/phone/providers/away/start", r#"{"link":true}"#, 401, "authentication_required"),
    with(anybody("/v1/phone/providers/away/start", "{}", 403, "csrf_failed"), FOREIGN),
    anybody("/v1/phone/providers/away/start", r#"{"link":7}"#, 422, "validation_error"),
];

/// The shapes of these rows.
pub fn shape(name: &str) -> Option<Value> {
    let preferences = json!({"preferred_voice": "string", "preferred_language": "string", "favorite_topics": ["string"],
        "system_prompt_override": "string"});
    let with_time = |mut shape: Value| {
        shape["updated_at"] = "time".into();
        shape
    };
    Some(match name {
        "account health" => json!({"status": "=healthy", "service": "string"}),
        "user" => {
            json!({"id": "uuid", "email": "string", "display_name": "string", "created_at": "time", "csrf_token": "string"})
        }
        "user profile" => json!({"id": "uuid", "email": "string", "email_verified": "bool", "pending_email": "string|null",
            "display_name": "string", "roles": ["string"], "created_at": "time", "updated_at": "time", "preferences": preferences}),
        "preferences" => with_time(preferences),
        "history" => json!({"count": "int", "next": "string|null", "previous": "string|null", "results": []}),
        "valid session" => {
            json!({"valid": true, "user_id": "uuid", "email": "string", "display_name": "string", "preferences": preferences})
        }
        "done" => json!({"message": "string"}),
        "phone me" => json!({"first_name": "null", "csrf_token": "string", "live_claim": "null", "shop_name": "string",
            "theme": "object", "providers": [{"id": "=away", "name": "=Away"}], "password_reset": true}),
        _ => return None,
    })
}
