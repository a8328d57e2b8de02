//! The sentences that the documents write out: clients show them to people, and some look for them.

use super::{
    place::ARRIVAL,
    table::{
        Row,
        Who::{self, Browser, Customer, Guest, Kiosk, Nobody, Service, Whatsapp},
        get, keep, post, says, send, with,
    },
};

const NOBODYS: &[&str] = &["X-Session-Token: made-up"];

const fn told(path: &'static str, who: Who, body: &'static str, status: u16, code: &'static str, sentence: &'static str) -> Row {
    says(post(path, who, body, status, code), sentence)
}

const fn update(body: &'static str, sentence: &'static str) -> Row {
    told("/session/update", Customer, body, 400, "bad_request", sentence)
}

pub const ROWS: &[Row] = &[
    says(ARRIVAL, "Account created successfully"),
    keep(post("/chat/", Nobody, "{}", 200, "new guest's chat"), &[("guest", "/session_token")]),
    // POST /session/start, POST /session/login.
    told("/session/start", Nobody, "{}", 400, "bad_request", "Either phone or telegram_chat_id is required"),
    told(
        "/session/start",
        Whatsapp,
        r#"{"phone":"9820000101","customer_id":"102"}"#,
        400,
        "bad_request",
        "Customer lookup failed",
    ),
    told("/session/login", Whatsapp, r#"{"phone_number":" ","name":"A"}"#, 400, "bad_request", "phone_number is required"),
    told("/session/login", Whatsapp, r#"{"phone_number":"9820000101","name":" "}"#, 400, "bad_request", "name is required"),
    // GET /session/restore.
    says(get("/session/restore", Nobody, 400, "bad_request"), "Missing X-Session-Token or X-Phone header"),
    says(with(get("/session/restore", Nobody, 404, "session_not_found"), NOBODYS), "Session not found"),
    says(
        with(get("/session/restore", Nobody, 404, "session_not_found"), &["x-phone: 9820000101"]),
        "Session not found for this phone number",
    ),
    says(
        with(get("/session/restore", Nobody, 404, "session_not_found"), &["x-telegram-chat-id: 7"]),
        "Session not found for Telegram chat ID",
    ),
    says(
        with(get("/session/restore", Nobody, 404, "session_not_found"), &["x-customer-id: 101"]),
        "Session not found for Customer ID",
    ),
    // POST /session/update.
    told("/session/update", Nobody, r#"{"action":"clear_cart"}"#, 400, "bad_request", "Missing X-Session-Token header"),
    says(
        with(post("/session/update", Nobody, r#"{"action":"clear_cart"}"#, 404, "session_not_found"), NOBODYS),
        "Session not found",
    ),
    update(r#"{"action":"add_to_cart"}"#, "'item' is required for add_to_cart action"),
    update(r#"{"action":"view_product"}"#, "'product' or 'product_id' is required for view_product action"),
    update(r#"{"action":"chat_message"}"#, "'message' is required for chat_message action"),
    update(r#"{"action":"set_user"}"#, "'user_id' is required for set_user action"),
    update(r#"{"action":"dance"}"#, "Unsupported action: dance"),
    says(get("/session/none/context", Service, 404, "session_not_found"), "Session not found"),
    // /auth/*.
    told(
        "/auth/signup",
        Nobody,
        r#"{"name":"A","phone_number":" ","password":"x"}"#,
        400,
        "bad_request",
        "Phone number is required",
    ),
    told(
        "/auth/signup",
        Nobody,
        r#"{"name":"A","phone_number":"9820000151","password":""}"#,
        400,
        "bad_request",
        "Password is required",
    ),
    told(
        "/auth/signup",
        Nobody,
        r#"{"name":" ","phone_number":"9820000151","password":"walking by the river"}"#,
        400,
        "bad_request",
        "Name is required",
    ),
    told(
        "/auth/signup",
        Nobody,
        r#"{"name":"A","phone_number":"9820000151","password":"short"}"#,
        400,
        "weak_password",
        "Password must be at least 8 characters",
    ),
    told(
        "/auth/signup",
        Nobody,
        r#"{"name":"A","phone_number":"9820000150","password":"walking by the river"}"#,
        400,
        "phone_exists",
        "Phone number +919820000150 already registered",
    ),
    told(
        "/auth/login",
        Nobody,
        r#"{"phone_number":"9820000150","password":"walking by the river"}"#,
        200,
        "signed in",
        "Login successful",
    ),
    told("/auth/login", Nobody, r#"{"phone_number":"","password":""}"#, 400, "bad_request", "Phone and password are required"),
    told(
        "/auth/login",
        Nobody,
        r#"{"phone_number":"9820000150","password":"wrong"}"#,
        401,
        "invalid_credentials",
        "Invalid phone number or password",
    ),
    told("/auth/qr-init", Nobody, "{}", 401, "authentication_required", "Must be logged in to generate QR code"),
    says(with(post("/auth/qr-init", Nobody, "{}", 401, "session_not_found"), NOBODYS), "Invalid session"),
    told("/auth/qr-init", Guest, "{}", 400, "customer_required", "Customer ID not found in session"),
    keep(told("/auth/qr-init", Customer, "{}", 200, "qr", "QR token generated successfully"), &[("qr", "/qr_token")]),
    told("/auth/qr-verify", Kiosk, r#"{"qr_token":""}"#, 400, "bad_request", "QR token is required"),
    told("/auth/qr-verify", Kiosk, r#"{"qr_token":"<qr>"}"#, 200, "signed in", "QR authentication successful"),
    told("/auth/qr-verify", Kiosk, r#"{"qr_token":"<qr>"}"#, 401, "invalid_qr_token", "Invalid QR token"),
    // Data, stock, points.
    says(get("/products/SKU-404", Nobody, 404, "product_not_found"), "Product SKU-404 not found"),
    says(get("/customers/999", Service, 404, "customer_not_found"), "Customer not found"),
    says(get("/orders/ORD999", Service, 404, "not_found"), "Order not found"),
    told(
        "/hold",
        Customer,
        r#"{"sku":"SKU-404","quantity":1}"#,
        409,
        "insufficient_stock",
        "Insufficient stock for SKU-404 at online",
    ),
    told("/release", Customer, r#"{"hold_id":"hold-7"}"#, 404, "not_found", "Hold hold-7 not found or already expired"),
    told(
        "/simulate/sale",
        Service,
        r#"{"sku":"SKU-404","quantity":1,"location":"store:S01"}"#,
        409,
        "insufficient_stock",
        "Insufficient stock for SKU-404 at store:S01",
    ),
    told(
        "/loyalty/apply",
        Customer,
        r#"{"user_id":"<id>","cart_total":5000,"applied_coupon":"NONE"}"#,
        400,
        "invalid_coupon",
        "Invalid coupon code",
    ),
    told(
        "/loyalty/apply",
        Customer,
        r#"{"user_id":"<id>","cart_total":5000,"loyalty_points_used":5}"#,
        400,
        "insufficient_points",
        "Insufficient points. You have 0 points.",
    ),
    post("/loyalty/apply", Customer, r#"{"user_id":"<id>","cart_total":5000,"applied_coupon":"SAVE15"}"#, 200, "applied"),
    told(
        "/loyalty/apply",
        Customer,
        r#"{"user_id":"<id>","cart_total":5000,"applied_coupon":"SAVE15"}"#,
        400,
        "coupon_not_applicable",
        "You have already used this coupon",
    ),
    told("/recommend", Service, r#"{"customer_id":"999"}"#, 404, "customer_not_found", "Customer 999 not found"),
    // /api/auth/*, /api/users/*.
    post(
        "/api/auth/register",
        Browser,
        r#"{"email":"asha@example.com","password":"walking by the river","display_name":"Asha Example"}"#,
        201,
        "user",
    ),
    told(
        "/api/auth/register",
        Nobody,
        r#"{"email":"asha@example.com","password":"walking by the river","display_name":"Asha Example"}"#,
        400,
        "email_exists",
        "Email already registered",
    ),
    told(
        "/api/users/change-password",
        Browser,
        r#"{"current_password":"walking by the river","new_password":"sailing round the cape"}"#,
        200,
        "done",
        "Password changed successfully",
    ),
    told(
        "/api/auth/login",
        Nobody,
        r#"{"email":"asha@example.com","password":"wrong"}"#,
        401,
        "invalid_credentials",
        "Invalid credentials",
    ),
    says(get("/api/auth/me", Nobody, 401, "authentication_required"), "Authentication required"),
    says(
        with(get("/api/auth/me", Nobody, 401, "invalid_token"), &["Authorization: Bearer made.up.token"]),
        "Invalid or expired token",
    ),
    told(
        "/api/users/change-password",
        Browser,
        r#"{"current_password":"wrong","new_password":"sailing round the cape"}"#,
        400,
        "wrong_password",
        "Current password is incorrect",
    ),
    says(get("/api/users/history?limit=ten", Browser, 400, "validation_error"), "Invalid pagination parameters"),
    says(get("/api/users/history/7", Browser, 404, "session_not_found"), "Session not found"),
    says(with(post("/api/ingest", Nobody, "{}", 400, "bad_request"), &["X-INGEST-TOKEN: of-the-voice-agent"]), "Missing session"),
    says(
        with(post("/api/ingest", Nobody, r#"{"session":{}}"#, 400, "bad_request"), &["X-INGEST-TOKEN: of-the-voice-agent"]),
        "Missing session id",
    ),
    says(send("DELETE", "/session/7", Service, "", 404, "session_not_found"), "Session not found"),
    // Roles.
    says(get("/v1/enrollments", Browser, 403, "role_required"), "Resource requires 'manager' role. Your role: 'customer'"),
    told("/api/auth/logout", Browser, "", 200, "done", "Logged out successfully"),
    // The end.
    told("/session/end", Nobody, "", 400, "bad_request", "Missing X-Session-Token header"),
    told("/session/end", Customer, "", 200, "ended", "Session ended successfully"),
    told("/session/end", Customer, "", 404, "session_expired", "Session not found"),
    told("/auth/qr-init", Customer, "{}", 401, "session_expired", "Session is not active"),
    told("/auth/logout", Guest, "", 200, "logged out", "Logged out successfully"),
    told("/auth/logout", Nobody, "", 400, "bad_request", "Missing X-Session-Token header"),
    says(with(post("/auth/logout", Nobody, "", 404, "session_not_found"), NOBODYS), "Session not found or already logged out"),
    // What the server itself refuses.
    says(get("/nowhere", Nobody, 404, "not_found"), "Not Found"),
    says(get("/session/start", Nobody, 405, "method_not_allowed"), "Method Not Allowed"),
];
