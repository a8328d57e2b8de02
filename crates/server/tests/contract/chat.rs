//! The documented chat with its tasks, photos and videos.

use serde_json::{Value, json};

use super::table::{
    Row,
    Who::{Guest, Nobody},
    get, keep, post, role, with,
};

const fn delete(path: &'static str, who: super::table::Who, status: u16, shape: &'static str) -> Row {
    Row { method: "DELETE", ..get(path, who, status, shape) }
}

/// A picture of one dot.
const DOT: &str = concat!(
    r#"{"type":"image","mime_type":"image/gif","filename":"dot.gif","data":""#,
    "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
    r#""}"#
);
const PAGE: &str = r#"{"type":"image","mime_type":"image/gif","data":"PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="}"#;
const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"dot.gif\"\r\nContent-Type: image/gif\r\n\r\nGIF89a\r\n--b--\r\n";
const SIGNED_IN: &[&str] = &["Cookie: sessionid=<account cookie>", "X-CSRFToken: <csrf>"];
const OTHER: &[&str] = &["X-Session-Token: <other guest>"];

pub const ROWS: &[Row] = &[
    // POST /chat/: greeting, and who is a guest from then on.
    keep(
        post("/chat/", Nobody, r#"{"message":"","consumer_id":"5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11"}"#, 200, "new guest's chat"),
        &[("guest", "/session_token"), ("guest session", "/session_id")],
    ),
    keep(post("/chat/", Nobody, "{}", 200, "new guest's chat"), &[("other guest", "/session_token")]),
    post("/chat", Guest, r#"{"message":"Hello","session_id":null,"role":"consumer","media":null,"action":null}"#, 200, "chat"),
    with(post("/chat/", Nobody, r#"{"message":"Hello"}"#, 200, "chat"), &["Cookie: guest_session=<guest>"]),
    // What is told.
    post("/chat/", Guest, r#"{"message":"My name is Asha Example and I live in Springfield"}"#, 200, "chat about the profile"),
    get("/consumers/me/profile", Guest, 200, "guest's profile"),
    post("/chat/", Guest, r#"{"message":"what do you know about me?"}"#, 200, "chat about the profile"),
    post("/chat/", Guest, r#"{"message":"my shoe size is 42"}"#, 200, "chat about the profile"),
    // Products and the cart.
    post("/chat/", Guest, r#"{"message":"show me jackets"}"#, 200, "chat with cards"),
    post("/chat/", Guest, r#"{"message":"add the first one to my cart","session_id":"<guest session>"}"#, 200, "chat with cart"),
    // A conversation of somebody else counts as none.
    with(post("/chat/", Nobody, r#"{"message":"Hello","session_id":"<guest session>"}"#, 200, "chat"), OTHER),
    post("/chat/", Nobody, r#"{"message":"Hello","session_id":"<guest session>"}"#, 200, "new guest's chat"),
    // Requests for staff.
    post("/chat/", Guest, r#"{"message":"Can someone bring me size 44?"}"#, 200, "chat with draft"),
    post("/chat/", Guest, r#"{"action":"edit_request"}"#, 200, "chat with open draft"),
    post("/chat/", Guest, r#"{"message":"size 45 tomorrow"}"#, 200, "chat with draft"),
    post("/chat/", Guest, r#"{"action":"cancel_request"}"#, 200, "chat"),
    post("/chat/", Guest, r#"{"message":"I need a tailor"}"#, 200, "chat with draft"),
    post("/chat/", Guest, r#"{"action":"approve_request"}"#, 200, "chat with request"),
    // Accounts, staff, enrolment.
    keep(
        post(
            "/api/auth/register",
            Nobody,
            r#"{"email":"ravi@example.com","password":"walking by the river","display_name":"Ravi Sample"}"#,
            201,
            "registered",
        ),
        &[("account cookie", "cookie sessionid"), ("csrf", "/csrf_token"), ("account", "/id")],
    ),
    with(post("/chat/", Nobody, "{}", 200, "chat"), SIGNED_IN),
    with(post("/chat/", Nobody, "{}", 403, "csrf_failed"), &["Cookie: sessionid=<account cookie>"]),
    post("/chat/", Guest, r#"{"message":"leads","role":"provider"}"#, 401, "authentication_required"),
    with(post("/chat/", Nobody, r#"{"message":"leads","role":"provider"}"#, 403, "role_required"), SIGNED_IN),
    post("/chat/", Guest, r#"{"message":"hello","role":"enrollment"}"#, 200, "chat with buttons"),
    with(post("/chat/", Nobody, r#"{"message":"hello","role":"enrollment"}"#, 200, "chat with enrolment"), SIGNED_IN),
    with(post("/chat/", Nobody, r#"{"message":"Ravi Sample","role":"enrollment"}"#, 200, "chat with enrolment"), SIGNED_IN),
    with(post("/chat/", Nobody, r#"{"action":"submit_enrollment","role":"enrollment"}"#, 200, "chat with submitted"), SIGNED_IN),
    with(post("/chat/", Nobody, r#"{"message":"leads","role":"provider"}"#, 403, "not_verified"), SIGNED_IN),
    role("<account>", "staff"),
    with(post("/chat/", Nobody, r#"{"message":"leads","role":"provider"}"#, 200, "chat with leads"), SIGNED_IN),
    with(post("/chat/", Nobody, r#"{"message":"the first one","role":"provider"}"#, 200, "chat with lead"), SIGNED_IN),
    // Tasks.
    keep(
        post("/chat/?async_mode=true", Guest, r#"{"message":"show me shoes"}"#, 200, "chat being processed"),
        &[("task", "/task_id")],
    ),
    get("/chat/task/<task>", Guest, 200, "task"),
    with(get("/chat/task/<task>", Nobody, 404, "not_found"), OTHER),
    get("/chat/task/<task>", Nobody, 404, "not_found"),
    get("/chat/task/k0", Guest, 404, "not_found"),
    // Refusals.
    post("/chat/", Guest, r#"{"message":"x","action":"submit_offer"}"#, 404, "not_found"),
    post("/chat/", Guest, r#"{"message":"x","action":"pay"}"#, 422, "validation_error"),
    post("/chat/", Guest, r#"{"message":"x","role":"admin"}"#, 422, "validation_error"),
    post("/chat/", Guest, r#"{"message":7}"#, 422, "validation_error"),
    post("/chat/", Guest, r#"{"message":"x","consumer_id":"asha"}"#, 422, "validation_error"),
    post("/chat/", Guest, "{", 422, "malformed_json"),
    post("/chat/?async_mode=x", Guest, r#"{"message":"x"}"#, 422, "validation_error"),
    with(post("/chat/", Nobody, r#"{"message":"x"}"#, 401, "invalid_token"), &["Authorization: Bearer x.y.z"]),
    with(
        post("/chat/", Nobody, r#"{"message":"x"}"#, 403, "csrf_failed"),
        &["Cookie: guest_session=<guest>", "Origin: https://evil.example"],
    ),
    with(post("/chat/", Nobody, r#"{"message":"x"}"#, 200, "new guest's chat"), &["Cookie: sessionid=long-gone"]),
    // Photos and videos.
    keep(post("/media/upload", Guest, DOT, 200, "media"), &[("photo", "/url"), ("photo id", "/id")]),
    get("<photo>", Guest, 200, "file"),
    with(get("<photo>", Nobody, 404, "not_found"), OTHER),
    get("<photo>", Nobody, 404, "not_found"),
    get("/media/..%2f..%2fserver.key", Guest, 404, "not_found"),
    post("/media/upload", Nobody, DOT, 200, "new guest's media"),
    post("/media/upload", Guest, PAGE, 415, "unsupported_media_type"),
    post("/media/upload", Guest, r#"{"type":"image","mime_type":"image/gif","data":"%"}"#, 422, "validation_error"),
    post("/media/upload", Guest, r#"{"type":"image"}"#, 422, "validation_error"),
    with(
        post("/media/upload-file", Guest, FORM, 415, "unsupported_media_type"),
        &["Content-Type: multipart/form-data; boundary=b"],
    ),
    post("/media/upload-file", Guest, "{}", 422, "validation_error"),
    with(delete("/media/<photo id>", Nobody, 404, "not_found"), OTHER),
    delete("/media/<photo id>", Guest, 200, "media deleted"),
    delete("/media/<photo id>", Guest, 404, "not_found"),
    get("<photo>", Guest, 404, "not_found"),
    get("/chat/", Guest, 405, "method_not_allowed"),
];

pub fn shape(name: &str) -> Option<Value> {
    let chat = json!({"session_id": "uuid", "message": "string", "data": "object", "draft": "null|object", "awaiting_approval": "bool",
        "task_id": "null"});
    let with = |changes: Value| {
        let mut shape = chat.clone();
        for (name, value) in changes.as_object().into_iter().flatten() {
            shape[name] = value.clone();
        }
        shape
    };
    let draft = json!({"service_type": "string", "service_category": "string", "description": "string", "details": "object",
        "location": {"city": "string|null"}, "budget": {"min": "number|null", "max": "number|null"}, "media": "list"});
    let button =
        json!({"label": "string", "action": "=approve_request|=edit_request|=cancel_request|=submit_enrollment|=connect_now"});
    let profile = json!({"id": "uuid", "name": "string|null", "email": "string|null", "phone": "string|null",
        "profile_photo_url": "string|null", "default_location": {"city": "string|null", "state": "string|null", "zip": "string|null",
        "address": "string|null", "lat": "number|null", "lng": "number|null"},
        "notification_preferences": {"email": "bool", "sms": "bool", "push": "bool"}, "preferences": "object",
        "created_at": "time|null", "version": "int", "guest": "bool"});
    let enrolment = json!({"id": "uuid", "account_id": "uuid", "status": "string", "data": "object"});
    let lead = json!({"id": "uuid", "raw_input": "string", "service_category": "string", "service_type": "string",
        "requirements": "object", "location": "null|object", "timing": "null|string", "budget": "null|object", "status": "string",
        "status_history": [{"status": "string", "timestamp": "time", "note": "null|string"}], "created_at": "time",
        "viewed_by_current_provider": "bool"});
    let media = json!({"id": "uuid", "url": "string", "type": "=image|=video", "mime_type": "string", "size_bytes": "int",
        "created_at": "time", "session_id": "uuid"});
    Some(match name {
        "chat" => chat,
        "new guest's chat" => with(json!({"session_token": "hex32"})),
        "chat about the profile" => with(json!({"data": {"consumer_profile": profile, "buttons": [button]}})),
        "guest's profile" => profile,
        "chat with cards" => {
            with(json!({"data": {"cards": [{"sku": "string", "name": "string", "price": "number", "image_url": "string"}]}}))
        }
        "chat with cart" => with(json!({"data": {"cart": [{"sku": "string", "quantity": "int", "price": "number"}]}})),
        "chat with buttons" => with(json!({"data": {"buttons": [button]}})),
        "chat with draft" => with(json!({"draft": draft, "awaiting_approval": true, "data": {"buttons": [button]}})),
        "chat with open draft" => with(json!({"draft": draft, "awaiting_approval": false})),
        "chat with request" => with(json!({"draft": "null", "data": {"request_id": "uuid", "ui_hint": "=request_created"}})),
        "chat with enrolment" => with(json!({"data": {"enrollment_summary": enrolment}})),
        "chat with submitted" => with(json!({"data": {"enrollment_summary": enrolment,
            "enrollment_result": {"status": "=pending|=pending_verification", "message": "string", "can_auto_verify": false}}})),
        "chat with leads" => with(json!({"data": {"requests": [lead], "ui_hint": "=show_leads"}})),
        "chat with lead" => with(json!({"data": {"lead": lead}})),
        "chat being processed" => with(json!({"task_id": "string", "message": "=Processing your message...",
            "data": {"task_id": "string", "status": "=processing"}})),
        "task" => json!({"task_id": "string", "status": "=PENDING|=STARTED|=SUCCESS"}),
        "media" => media,
        "new guest's media" => {
            let mut media = media;
            media["session_token"] = json!("hex32");
            media
        }
        "media deleted" => json!({"deleted": true}),
        "registered" => {
            json!({"id": "uuid", "email": "string", "display_name": "string", "created_at": "time", "csrf_token": "string"})
        }
        _ => return None,
    })
}
