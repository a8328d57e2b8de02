//! Who is refused where: each address without a credential, with one that opens something else, and with one that is dead.

use super::{
    place::ARRIVAL,
    table::{
        Row,
        Who::{self, Browser, Customer, DeadKey, Forger, Guest, Manager, Nobody, Service, Telegram},
        get, keep, post, send, with,
    },
};

const BEARER: &[&str] = &["Authorization: Bearer made.up.token"];
/// With a picture of one dot, all of whose bytes are letters or control characters.
const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"dot.gif\"\r\nContent-Type: image/gif\r\n\r\nGIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;\r\n--b--\r\n";
const DOT: &str = r#"{"type":"image","mime_type":"image/gif","data":"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"}"#;

const fn strange(row: Row) -> Row {
    with(row, BEARER)
}

const fn patch(path: &'static str, who: Who, body: &'static str, status: u16, shape: &'static str) -> Row {
    send("PATCH", path, who, body, status, shape)
}

pub const ROWS: &[Row] = &[
    ARRIVAL,
    keep(post("/chat/", Nobody, "{}", 200, "new guest's chat"), &[("guest", "/session_token"), ("guest session", "/session_id")]),
    keep(
        post(
            "/api/auth/register",
            Browser,
            r#"{"email":"asha@example.com","password":"walking by the river","display_name":"Asha Example"}"#,
            201,
            "user",
        ),
        &[("account", "/id")],
    ),
    // A bearer token that proves nothing is refused also where none is needed.
    strange(post("/auth/logout", Nobody, "", 401, "invalid_token")),
    strange(post("/session/end", Nobody, "", 401, "invalid_token")),
    strange(get("/session/restore", Nobody, 401, "invalid_token")),
    strange(post("/session/update", Nobody, r#"{"action":"clear_cart"}"#, 401, "invalid_token")),
    strange(get("/chat/task/k0", Nobody, 401, "invalid_token")),
    strange(post("/media/upload", Nobody, DOT, 401, "invalid_token")),
    with(
        post("/media/upload-file", Nobody, FORM, 401, "invalid_token"),
        &["Authorization: Bearer made.up.token", "Content-Type: multipart/form-data; boundary=b"],
    ),
    strange(get("/media/7", Nobody, 401, "invalid_token")),
    strange(send("DELETE", "/media/7", Nobody, "", 401, "invalid_token")),
    // A page of another site that sends the browser's cookies.
    post("/media/upload", Forger, DOT, 403, "csrf_failed"),
    with(post("/media/upload-file", Forger, FORM, 403, "csrf_failed"), &["Content-Type: multipart/form-data; boundary=b"]),
    send("DELETE", "/media/7", Forger, "", 403, "csrf_failed"),
    patch("/consumers/me/location", Forger, "{}", 403, "csrf_failed"),
    patch("/consumers/me/profile", Forger, "{}", 403, "csrf_failed"),
    patch("/enrollment/7", Forger, "{}", 403, "csrf_failed"),
    post("/enrollment/7/submit", Forger, "{}", 403, "csrf_failed"),
    patch("/requests/7", Forger, "{}", 403, "csrf_failed"),
    post("/requests/7/cancel", Forger, "{}", 403, "csrf_failed"),
    post(
        "/api/users/change-password",
        Nobody,
        r#"{"current_password":"a","new_password":"walking by the lake"}"#,
        401,
        "authentication_required",
    ),
    patch("/api/users/preferences", Nobody, "{}", 401, "authentication_required"),
    patch("/api/users/preferences", Forger, "{}", 403, "csrf_failed"),
    patch("/consumers/me/profile", Nobody, "{}", 401, "authentication_required"),
    patch("/consumers/me/profile", Guest, r#"{"phone":"5550101"}"#, 400, "invalid_phone"),
    patch("/enrollment/7", Nobody, "{}", 401, "authentication_required"),
    send("PUT", "/requests/7/view", Nobody, "", 401, "authentication_required"),
    // Lists of others.
    // Somebody signed in who is no customer yet: a list of nobody.
    get("/customers", Browser, 200, "customers"),
    get("/customers", Telegram, 403, "forbidden"),
    get("/customers?limit=0", Service, 422, "validation_error"),
    get("/customers/101", Nobody, 401, "authentication_required"),
    get("/customers/101", Telegram, 403, "forbidden"),
    get("/customers/101", DeadKey, 401, "invalid_token"),
    get("/customers/101", Guest, 404, "customer_not_found"),
    get("/orders", Nobody, 401, "authentication_required"),
    get("/orders", Telegram, 403, "forbidden"),
    get("/orders?customer_id=101", Customer, 404, "customer_not_found"),
    get("/orders?limit=0", Service, 422, "validation_error"),
    get("/orders/ORD000103", Nobody, 401, "authentication_required"),
    get("/orders/ORD000103", Telegram, 403, "forbidden"),
    get("/payments?offset=-1", Service, 422, "validation_error"),
    get("/inventory?limit=0", Service, 422, "validation_error"),
    get("/inventory?limit=1", Telegram, 403, "forbidden"),
    get("/api/sessions/?limit=ten", Manager, 400, "validation_error"),
    get("/api/utterances/?limit=ten", Manager, 400, "validation_error"),
    // Stock.
    post("/hold", Telegram, r#"{"sku":"SKU-1001","quantity":1}"#, 403, "forbidden"),
    with(post("/hold", Nobody, r#"{"sku":"SKU-1001","quantity":1}"#, 404, "session_not_found"), &["X-Session-Token: made-up"]),
    post("/release", Nobody, r#"{"hold_id":"hold-7"}"#, 401, "authentication_required"),
    post("/release", Telegram, r#"{"hold_id":"hold-7"}"#, 403, "forbidden"),
    post("/simulate/sale", Telegram, r#"{"sku":"SKU-1001","quantity":1}"#, 403, "forbidden"),
    post("/simulate/sale", Manager, r#"{"sku":"SKU-1001","quantity":1}"#, 403, "forbidden"),
    // Points of others.
    get("/loyalty/points/<id>", Customer, 200, "points"),
    get("/loyalty/points/<id>", Nobody, 401, "authentication_required"),
    get("/loyalty/points/<id>", Telegram, 403, "forbidden"),
    get("/loyalty/points/101", Customer, 404, "customer_not_found"),
    get("/loyalty/points/101", Guest, 404, "customer_not_found"),
    get("/loyalty/tier/<id>", Telegram, 403, "forbidden"),
    get("/loyalty/validate-coupon/save15", Nobody, 401, "authentication_required"),
    get("/loyalty/validate-coupon/save15", Telegram, 403, "forbidden"),
    with(get("/loyalty/validate-coupon/save15", Nobody, 404, "session_not_found"), &["X-Session-Token: made-up"]),
    get("/loyalty/validate-coupon/none", Customer, 200, "coupon"),
    post("/loyalty/apply", Nobody, r#"{"user_id":"<id>","cart_total":5000}"#, 401, "authentication_required"),
    post("/loyalty/apply", Telegram, r#"{"user_id":"<id>","cart_total":5000}"#, 403, "forbidden"),
    post("/loyalty/apply", Customer, r#"{"user_id":"101","cart_total":5000}"#, 404, "customer_not_found"),
    post("/loyalty/check-promotions", Nobody, r#"{"user_id":"<id>","cart_total":5000}"#, 401, "authentication_required"),
    post("/loyalty/check-promotions", Telegram, r#"{"user_id":"<id>","cart_total":5000}"#, 403, "forbidden"),
    post("/loyalty/check-promotions", Customer, r#"{"user_id":"101","cart_total":5000}"#, 404, "customer_not_found"),
    post("/loyalty/check-promotions", Customer, r#"{"user_id":"<id>"}"#, 422, "validation_error"),
    post(
        "/loyalty/calculate-points",
        Nobody,
        r#"{"user_id":"<id>","purchase_amount":5,"items_count":1}"#,
        401,
        "authentication_required",
    ),
    post("/loyalty/calculate-points", Telegram, r#"{"user_id":"<id>","purchase_amount":5,"items_count":1}"#, 403, "forbidden"),
    post(
        "/loyalty/calculate-points",
        Customer,
        r#"{"user_id":"101","purchase_amount":5,"items_count":1}"#,
        404,
        "customer_not_found",
    ),
    post("/loyalty/calculate-discounts", Nobody, r#"{"user_id":"<id>","cart_total":5000}"#, 401, "authentication_required"),
    post("/loyalty/calculate-discounts", Telegram, r#"{"user_id":"<id>","cart_total":5000}"#, 403, "forbidden"),
    post("/loyalty/calculate-discounts", Customer, r#"{"user_id":"101","cart_total":5000}"#, 404, "customer_not_found"),
    post("/loyalty/calculate-discounts", Customer, r#"{"user_id":"<id>"}"#, 422, "validation_error"),
    // Nobody credits points to themselves.
    post("/loyalty/add-points", Customer, r#"{"user_id":"<id>","points":5,"order_id":"a"}"#, 401, "authentication_required"),
    post("/loyalty/earn-from-purchase?user_id=<id>&amount_spent=5&order_id=a", Customer, "", 401, "authentication_required"),
    post("/loyalty/earn-from-purchase?user_id=<id>&amount_spent=5&order_id=a", Nobody, "", 401, "authentication_required"),
    post("/loyalty/earn-from-purchase?user_id=<id>&amount_spent=5&order_id=a", Telegram, "", 403, "forbidden"),
    post("/loyalty/earn-from-purchase?user_id=999&amount_spent=5&order_id=a", Service, "", 404, "customer_not_found"),
    post("/loyalty/earn-from-purchase?user_id=<id>&amount_spent=5", Service, "", 400, "bad_request"),
    post("/loyalty/earn-from-purchase?user_id=<id>&amount_spent=500&order_id=b", Service, "", 200, "earned"),
    post("/loyalty/earn-from-purchase?user_id=<id>&amount_spent=500&order_id=b", Service, "", 409, "conflict"),
    // The memory of agents.
    get("/session/<session>/cart", Nobody, 401, "authentication_required"),
    get("/session/<session>/cart", Guest, 404, "session_not_found"),
    get("/session/<session>/cart", Telegram, 403, "forbidden"),
    get("/session/<session>/recommendations", Nobody, 401, "authentication_required"),
    get("/session/<session>/recommendations", Guest, 404, "session_not_found"),
    get("/session/<session>/recommendations", Telegram, 403, "forbidden"),
    get("/session/<session>/summary", Nobody, 401, "authentication_required"),
    get("/session/<session>/summary", Guest, 404, "session_not_found"),
    get("/session/<session>/summary", Telegram, 403, "forbidden"),
    post("/session/<session>/summary", Nobody, r#"{"summary":"x"}"#, 401, "authentication_required"),
    post("/session/<session>/summary", Guest, r#"{"summary":"x"}"#, 404, "session_not_found"),
    post("/session/<session>/summary", Telegram, r#"{"summary":"x"}"#, 403, "forbidden"),
    get("/session/<session>/context", Browser, 404, "session_not_found"),
    get("/session/<session>/context", Manager, 200, "context"),
    // Codes to sign in with.
    with(post("/auth/qr-init", Nobody, "{}", 401, "session_not_found"), &["X-Session-Token: made-up"]),
    // Pictures of products.
    get("/images/SKU-1001.svg", Nobody, 200, "file"),
    get("/images/none.svg", Nobody, 404, "not_found"),
    get("/images/..%2fvitrine.db", Nobody, 404, "not_found"),
    // A photo as a file.
    with(
        keep(post("/media/upload-file", Guest, FORM, 200, "media"), &[("photo id", "/id")]),
        &["Content-Type: multipart/form-data; boundary=b"],
    ),
];
