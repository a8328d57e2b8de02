//! Profiles, guests and linking, requests to staff, and enrolment.

use serde_json::{Value, json};

use super::table::{
    Row,
    Who::{self, Guest, Kiosk, Nobody},
    get, keep, post, role, with,
};

const fn put(path: &'static str, who: Who, body: &'static str, status: u16, shape: &'static str) -> Row {
    Row { method: "PUT", ..post(path, who, body, status, shape) }
}

const fn patch(path: &'static str, who: Who, body: &'static str, status: u16, shape: &'static str) -> Row {
    Row { method: "PATCH", ..post(path, who, body, status, shape) }
}

const ASHA: &[&str] = &["Cookie: sessionid=<asha cookie>", "X-CSRFToken: <asha csrf>"];
const RAVI: &[&str] = &["Cookie: sessionid=<ravi cookie>", "X-CSRFToken: <ravi csrf>"];
const BOSS: &[&str] = &["Cookie: sessionid=<boss cookie>", "X-CSRFToken: <boss csrf>"];
const WITHOUT_CSRF: &[&str] = &["Cookie: sessionid=<asha cookie>"];
const BEARER: &[&str] = &["Authorization: Bearer made.up.token"];
const GUEST_COOKIE: &[&str] = &["Cookie: guest_session=<guest>"];
const GUEST_COOKIE_ELSEWHERE: &[&str] = &["Cookie: guest_session=<guest>", "Origin: https://elsewhere.example"];
const DEAD_GUEST: &[&str] = &["X-Session-Token: <linked guest>"];

const NOWHERE: &str = "/consumers/00000000-0000-7000-8000-000000000000/profile";
const WISH: &str = r#"{"raw_input":"Do you have it in 44?","service_category":"sizing","service_type":"size_request",
    "requirements":{"sku":"SKU000901","size":"44"},"location":{"city":"Springfield"},"timing":null,"budget":null}"#;

pub const ROWS: &[Row] = &[
    // Who is who.
    keep(
        post(
            "/api/auth/register",
            Nobody,
            r#"{"email":"asha@example.com","password":"walking by the river","display_name":"Asha Example"}"#,
            201,
            "registered",
        ),
        &[("asha cookie", "cookie sessionid"), ("asha csrf", "/csrf_token"), ("asha", "/id")],
    ),
    keep(
        post(
            "/api/auth/register",
            Nobody,
            r#"{"email":"ravi@example.com","password":"walking by the river","display_name":"Ravi Sample"}"#,
            201,
            "registered",
        ),
        &[("ravi cookie", "cookie sessionid"), ("ravi csrf", "/csrf_token"), ("ravi", "/id")],
    ),
    keep(
        post(
            "/api/auth/register",
            Nobody,
            r#"{"email":"boss@example.com","password":"walking by the river","display_name":"Boss Sample"}"#,
            201,
            "registered",
        ),
        &[("boss cookie", "cookie sessionid"), ("boss csrf", "/csrf_token"), ("boss", "/id")],
    ),
    role("<boss>", "manager"),
    // POST /v1/guests.
    keep(
        post("/v1/guests", Nobody, r#"{"consumer_id":"5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11"}"#, 201, "guest profile begun"),
        &[("guest", "/session_token"), ("guest id", "/profile/id"), ("guest cookie", "cookie guest_session")],
    ),
    keep(post("/v1/guests", Nobody, "", 201, "guest profile begun"), &[("linked guest", "/session_token")]),
    post("/v1/guests", Guest, "{}", 200, "guest profile begun"),
    with(post("/v1/guests", Nobody, "{}", 409, "conflict"), ASHA),
    post("/v1/guests", Kiosk, "{}", 403, "forbidden"),
    post("/v1/guests", Nobody, r#"{"consumer_id":"7"}"#, 422, "validation_error"),
    with(post("/v1/guests", Nobody, "{}", 415, "unsupported_media_type"), &["Content-Type: text/plain"]),
    // GET /consumers/{id}/profile.
    with(get("/consumers/me/profile", Nobody, 200, "empty profile"), ASHA),
    with(get("/consumers/<asha>/profile/", Nobody, 200, "empty profile"), ASHA),
    get("/consumers/me/profile", Guest, 200, "guest's own profile"),
    get("/consumers/<guest id>/profile", Guest, 200, "guest's own profile"),
    get("/consumers/5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11/profile", Guest, 200, "guest's own profile"),
    with(get("/consumers/me/profile", Nobody, 200, "guest's own profile"), GUEST_COOKIE),
    get("/consumers/me/profile", Nobody, 401, "authentication_required"),
    with(get("/consumers/me/profile", Nobody, 401, "invalid_token"), BEARER),
    with(get("/consumers/me/profile", Nobody, 401, "session_expired"), &["Cookie: sessionid=signed-out"]),
    get("/consumers/5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11/profile", Nobody, 404, "not_found"),
    with(get("/consumers/5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11/profile", Nobody, 404, "not_found"), ASHA),
    with(get("/consumers/<ravi>/profile", Nobody, 404, "not_found"), ASHA),
    get("/consumers/<asha>/profile", Guest, 404, "not_found"),
    get("/consumers/not-an-id/profile", Guest, 404, "not_found"),
    // PUT and PATCH /consumers/{id}/profile.
    with(
        put(
            "/consumers/me/profile",
            Nobody,
            r#"{"name":"Asha Example","email":"asha@example.com","phone":"98200 00150","profile_photo_url":null,
            "default_location":{"city":"Springfield"},"notification_preferences":{"email":true},"preferences":{"colours":["white"]}}"#,
            200,
            "profile",
        ),
        ASHA,
    ),
    with(
        patch(
            "/consumers/<asha>/profile",
            Nobody,
            r#"{"preferences":{"fit":"slim"},"phone":null,"if_version":1}"#,
            200,
            "profile",
        ),
        ASHA,
    ),
    with(put("/consumers/me/profile", Nobody, r#"{"name":"Aisha","if_version":1}"#, 409, "version_conflict"), ASHA),
    with(patch("/consumers/me/profile", Nobody, r#"{"name":"Aisha","if_version":1}"#, 409, "version_conflict"), ASHA),
    patch("/consumers/me/profile", Guest, r#"{"preferences":{"shoe_size":"42"}}"#, 200, "guest's own profile"),
    with(put("/consumers/me/profile", Nobody, r#"{"name":"Asha"}"#, 200, "guest's own profile"), GUEST_COOKIE),
    with(put("/consumers/me/profile", Nobody, r#"{"name":"Asha"}"#, 403, "csrf_failed"), GUEST_COOKIE_ELSEWHERE),
    with(put("/consumers/me/profile", Nobody, r#"{"name":"Asha"}"#, 403, "csrf_failed"), WITHOUT_CSRF),
    put("/consumers/me/profile", Nobody, r#"{"name":"Asha"}"#, 401, "authentication_required"),
    put("/consumers/<asha>/profile", Nobody, r#"{"name":"Mallory"}"#, 404, "not_found"),
    put("/consumers/<asha>/profile", Guest, r#"{"name":"Mallory"}"#, 404, "not_found"),
    with(patch("/consumers/<asha>/profile", Nobody, r#"{"name":"Mallory"}"#, 404, "not_found"), RAVI),
    with(patch(NOWHERE, Nobody, r#"{"name":"Mallory"}"#, 404, "not_found"), RAVI),
    put("/consumers/me/profile", Guest, r#"{"phone":"5550101"}"#, 400, "invalid_phone"),
    put("/consumers/me/profile", Guest, r#"{"email":"asha"}"#, 422, "validation_error"),
    put("/consumers/me/profile", Guest, r#"{"profile_photo_url":"http://pictures.example/a.png"}"#, 422, "validation_error"),
    patch("/consumers/me/profile", Guest, r#"{"preferences":[]}"#, 422, "validation_error"),
    patch("/consumers/me/profile", Guest, "[]", 422, "validation_error"),
    patch("/consumers/me/profile", Guest, "{", 422, "malformed_json"),
    Row { method: "DELETE", ..get("/consumers/me/profile", Guest, 405, "method_not_allowed") },
    // PATCH /consumers/{id}/location.
    patch("/consumers/me/location", Guest, r#"{"city":"Springfield","lat":39.8,"lng":-89.6}"#, 200, "location"),
    with(patch("/consumers/<asha>/location", Nobody, r#"{"zip":null}"#, 200, "location"), ASHA),
    patch("/consumers/me/location", Guest, r#"{"lat":91}"#, 422, "validation_error"),
    patch("/consumers/<asha>/location", Guest, "{}", 404, "not_found"),
    patch("/consumers/me/location", Nobody, "{}", 401, "authentication_required"),
    // Requests of customers: POST /v1/requests, PATCH, cancel, dashboard.
    keep(with(post("/v1/requests", Nobody, WISH, 201, "lead"), ASHA), &[("request", "/id")]),
    keep(
        post("/v1/requests", Guest, r#"{"raw_input":"Can somebody help me at the shelf?"}"#, 201, "lead"),
        &[("guest request", "/id")],
    ),
    with(post("/v1/requests", Nobody, WISH, 403, "csrf_failed"), GUEST_COOKIE_ELSEWHERE),
    post("/v1/requests", Nobody, WISH, 401, "authentication_required"),
    post("/v1/requests", Guest, r#"{"raw_input":" "}"#, 422, "validation_error"),
    with(patch("/requests/<request>", Nobody, r#"{"requirements":{"size":"45"},"timing":"today"}"#, 200, "lead"), ASHA),
    with(patch("/requests/<request>", Nobody, r#"{"budget":{"min":2,"max":1}}"#, 422, "validation_error"), ASHA),
    with(patch("/requests/<request>", Nobody, "{}", 404, "not_found"), RAVI),
    patch("/requests/<request>", Guest, "{}", 404, "not_found"),
    patch("/requests/<request>", Nobody, "{}", 401, "authentication_required"),
    with(get("/consumers/me/requests", Nobody, 200, "dashboard"), ASHA),
    with(get("/consumers/<asha>/requests", Nobody, 200, "dashboard"), ASHA),
    get("/consumers/<guest id>/requests", Guest, 200, "dashboard"),
    get("/consumers/me/requests", Guest, 401, "authentication_required"),
    get("/consumers/me/requests", Nobody, 401, "authentication_required"),
    get("/consumers/<asha>/requests", Guest, 404, "not_found"),
    get("/consumers/<asha>/requests", Nobody, 404, "not_found"),
    with(get("/consumers/<ravi>/requests", Nobody, 404, "not_found"), ASHA),
    // Enrolment of staff.
    keep(with(post("/enrollment/start", Nobody, "{}", 200, "enrolment begun"), RAVI), &[("enrolment", "/enrollment_id")]),
    with(post("/enrollment/start", Nobody, "", 200, "enrolment begun"), RAVI),
    post("/enrollment/start", Nobody, "{}", 401, "authentication_required"),
    post("/enrollment/start", Guest, "{}", 401, "authentication_required"),
    with(post("/enrollment/start", Nobody, "{}", 401, "invalid_token"), BEARER),
    with(post("/enrollment/start", Nobody, "{}", 403, "csrf_failed"), WITHOUT_CSRF),
    with(get("/enrollment/<enrolment>", Nobody, 200, "enrolment"), RAVI),
    with(get("/enrollment/<enrolment>", Nobody, 404, "not_found"), ASHA),
    get("/enrollment/<enrolment>", Nobody, 401, "authentication_required"),
    with(post("/enrollment/<enrolment>/submit", Nobody, "{}", 200, "enrolment incomplete"), RAVI),
    with(
        patch(
            "/enrollment/<enrolment>",
            Nobody,
            r#"{"data":{"full_name":"Ravi Sample","services":["tailoring"]},"location":{"city":"Springfield"},
            "availability":"weekdays"}"#,
            200,
            "enrolment",
        ),
        RAVI,
    ),
    with(patch("/enrollment/<enrolment>", Nobody, r#"{"data":7}"#, 422, "validation_error"), RAVI),
    with(patch("/enrollment/<enrolment>", Nobody, "{}", 404, "not_found"), ASHA),
    with(post("/enrollment/<enrolment>/submit", Nobody, "", 200, "enrolment handed in"), RAVI),
    with(post("/enrollment/<enrolment>/submit", Nobody, "{}", 404, "not_found"), ASHA),
    post("/enrollment/<enrolment>/submit", Nobody, "{}", 401, "authentication_required"),
    // Nobody is staff before a manager says so.
    with(get("/requests/", Nobody, 403, "not_verified"), RAVI),
    with(get("/requests", Nobody, 403, "role_required"), ASHA),
    get("/requests", Nobody, 401, "authentication_required"),
    get("/requests", Guest, 401, "authentication_required"),
    with(get("/v1/enrollments?status=pending_verification", Nobody, 200, "enrolments"), BOSS),
    with(get("/v1/enrollments?status=lost", Nobody, 422, "validation_error"), BOSS),
    with(get("/v1/enrollments", Nobody, 403, "role_required"), RAVI),
    get("/v1/enrollments", Nobody, 401, "authentication_required"),
    with(post("/v1/enrollments/<enrolment>/verify", Nobody, r#"{"role":"manager"}"#, 403, "role_required"), RAVI),
    post("/v1/enrollments/<enrolment>/verify", Nobody, "{}", 401, "authentication_required"),
    with(post("/v1/enrollments/00000000-0000-7000-8000-000000000000/verify", Nobody, "{}", 404, "not_found"), BOSS),
    with(post("/v1/enrollments/<enrolment>/verify", Nobody, "{}", 200, "enrolment"), BOSS),
    with(post("/v1/enrollments/<enrolment>/verify", Nobody, "{}", 409, "conflict"), BOSS),
    with(patch("/enrollment/<enrolment>", Nobody, r#"{"data":{"services":["everything"]}}"#, 409, "conflict"), RAVI),
    // Leads, for verified staff.
    with(get("/requests/?status=&skip=0&limit=20", Nobody, 200, "leads"), RAVI),
    with(get("/requests?status=matching", Nobody, 200, "leads"), RAVI),
    with(get("/requests?status=lost", Nobody, 422, "validation_error"), RAVI),
    with(get("/requests?limit=101", Nobody, 422, "validation_error"), RAVI),
    with(get("/requests/<request>", Nobody, 200, "lead"), RAVI),
    with(get("/requests/<request>", Nobody, 403, "role_required"), ASHA),
    get("/requests/<request>", Nobody, 401, "authentication_required"),
    with(get("/requests/00000000-0000-7000-8000-000000000000", Nobody, 404, "not_found"), RAVI),
    with(put("/requests/<request>/view", Nobody, "", 200, "seen lead"), RAVI),
    with(put("/requests/<request>/view", Nobody, r#"{"provider_id":"<asha>"}"#, 403, "role_required"), ASHA),
    with(put("/requests/not-an-id/view", Nobody, "", 404, "not_found"), RAVI),
    with(
        put("/v1/requests/<request>/status", Nobody, r#"{"status":"offers_received","note":"Yes, at the desk."}"#, 200, "lead"),
        RAVI,
    ),
    with(put("/v1/requests/<request>/status", Nobody, r#"{"status":"cancelled"}"#, 422, "validation_error"), RAVI),
    with(put("/v1/requests/<request>/status", Nobody, r#"{"status":"booked"}"#, 403, "role_required"), ASHA),
    with(patch("/requests/<request>", Nobody, r#"{"raw_input":"In 46?"}"#, 400, "bad_request"), ASHA),
    with(post("/requests/<request>/cancel", Nobody, "{}", 404, "not_found"), RAVI),
    with(post("/requests/<request>/cancel", Nobody, "{}", 200, "lead"), ASHA),
    with(post("/requests/<request>/cancel", Nobody, "", 400, "bad_request"), ASHA),
    with(put("/v1/requests/<request>/status", Nobody, r#"{"status":"booked"}"#, 409, "conflict"), RAVI),
    post("/requests/<guest request>/cancel", Nobody, "", 401, "authentication_required"),
    // Staff read the profiles of others, and change nothing.
    with(get("/consumers/<asha>/profile", Nobody, 200, "profile"), RAVI),
    with(get("/consumers/<guest id>/profile", Nobody, 200, "guest's own profile"), RAVI),
    with(get("/consumers/<asha>/requests", Nobody, 200, "dashboard"), RAVI),
    with(get(NOWHERE, Nobody, 404, "not_found"), RAVI),
    with(put("/consumers/<asha>/profile", Nobody, "{}", 404, "not_found"), RAVI),
    with(post("/v1/enrollments/<enrolment>/reject", Nobody, "", 200, "enrolment"), BOSS),
    with(post("/v1/enrollments/<enrolment>/reject", Nobody, "", 409, "conflict"), BOSS),
    with(get("/consumers/<asha>/profile", Nobody, 404, "not_found"), RAVI),
    with(get("/requests", Nobody, 403, "role_required"), RAVI),
    // POST /consumers/me/link.
    post("/consumers/me/link", Nobody, r#"{"guest_token":"<linked guest>"}"#, 401, "authentication_required"),
    post("/consumers/me/link", Guest, r#"{"guest_token":"<linked guest>"}"#, 401, "authentication_required"),
    with(post("/consumers/me/link", Nobody, r#"{"guest_token":"<linked guest>"}"#, 403, "csrf_failed"), WITHOUT_CSRF),
    with(post("/consumers/me/link", Nobody, r#"{"guest_token":"made-up"}"#, 401, "invalid_token"), ASHA),
    with(
        post("/consumers/me/link", Nobody, r#"{"guest_token":"5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11"}"#, 401, "invalid_token"),
        ASHA,
    ),
    with(
        post("/consumers/me/link", Nobody, r#"{"consumer_id":"5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11"}"#, 422, "validation_error"),
        ASHA,
    ),
    with(post("/consumers/me/link", Nobody, r#"{"guest_token":"<linked guest>"}"#, 200, "linked"), ASHA),
    with(post("/consumers/me/link", Nobody, r#"{"guest_token":"<linked guest>"}"#, 200, "linked"), ASHA),
    with(post("/consumers/me/link", Nobody, r#"{"guest_token":"<linked guest>"}"#, 409, "profile_already_linked"), RAVI),
    with(get("/consumers/me/profile", Nobody, 401, "authentication_required"), DEAD_GUEST),
    // The guest of a browser comes along at sign-in.
    keep(
        with(
            post(
                "/api/auth/login",
                Nobody,
                r#"{"email":"ravi@example.com","password":"walking by the river"}"#,
                200,
                "registered",
            ),
            GUEST_COOKIE,
        ),
        &[("ravi cookie", "cookie sessionid"), ("ravi csrf", "/csrf_token")],
    ),
    with(get("/consumers/5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11/profile", Nobody, 200, "profile"), RAVI),
    get("/consumers/me/profile", Guest, 401, "authentication_required"),
    with(post("/requests/<guest request>/cancel", Nobody, "", 200, "lead"), RAVI),
    // The marketplace of the source.
    with(get("/offers", Nobody, 404, "not_found"), ASHA),
    with(post("/bookings", Nobody, "{}", 404, "not_found"), ASHA),
    with(get("/reviews", Nobody, 404, "not_found"), ASHA),
    with(get("/templates", Nobody, 404, "not_found"), ASHA),
];

/// The shape of that name, if it is one of these.
pub fn shape(name: &str) -> Option<Value> {
    let place = json!({"city": "string|null", "state": "string|null", "zip": "string|null", "address": "string|null", "lat": "number|null",
        "lng": "number|null"});
    let profile = |created: &str, guest: bool| {
        json!({"id": "uuid", "name": "string|null", "email": "string|null", "phone": "string|null", "profile_photo_url": "string|null",
            "default_location": place, "notification_preferences": {"email": "bool", "sms": "bool", "push": "bool"},
            "preferences": "object", "created_at": created, "version": "int", "guest": guest})
    };
    let lead = |seen: Value| {
        json!({"id": "uuid", "raw_input": "string", "service_category": "string", "service_type": "string", "requirements": "object",
            "location": "object|null", "timing": "string|null", "budget": "object|null",
            "status": "=matching|=offers_received|=booked|=cancelled",
            "status_history": [{"status": "string", "timestamp": "time", "note": "string|null"}], "created_at": "time",
            "viewed_by_current_provider": seen})
    };
    let item = json!({"id": "uuid", "service_type": "string", "title": "string", "location": "object|null", "budget": "object|null",
        "status": "string", "offer_count": "int", "created_at": "time"});
    let enrolment = json!({"id": "uuid", "account_id": "uuid", "status": "=draft|=pending|=pending_verification|=verified|=rejected",
        "data": "object", "created_at": "time", "updated_at": "time"});
    Some(match name {
        "registered" => json!({"id": "uuid", "email": "string", "display_name": "string", "csrf_token": "string"}),
        "guest profile begun" => json!({"session_token": "hex32", "session_id": "uuid", "profile": profile("time", true)}),
        "profile" => profile("time", false),
        "empty profile" => profile("null", false),
        "guest's own profile" => profile("time", true),
        "location" => json!({"status": "=success", "location": place}),
        "lead" => lead("bool".into()),
        "seen lead" => lead(true.into()),
        "leads" => json!([lead("bool".into())]),
        "dashboard" => json!({"consumer_id": "uuid",
            "requests": {"open": [item], "pending": [item], "upcoming": [], "completed": []},
            "counts": {"open": "int", "pending": "int", "upcoming": "int", "completed": "int"}}),
        "enrolment begun" => json!({"enrollment_id": "uuid", "status": "=draft"}),
        "enrolment" => enrolment,
        "enrolments" => json!([enrolment]),
        "enrolment incomplete" => json!({"status": "=pending", "message": "string", "can_auto_verify": false}),
        "enrolment handed in" => json!({"status": "=pending_verification", "message": "string", "can_auto_verify": false}),
        "linked" => {
            json!({"linked": true, "profile": profile("time|null", false), "merged_fields": ["string"], "kept_fields": ["string"]})
        }
        _ => return None,
    })
}
