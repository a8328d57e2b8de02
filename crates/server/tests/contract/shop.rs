//! Checkout, payment and what staff sees of them, in the order in which it is sent.

use serde_json::{Value, json};

use super::table::{
    Row,
    Who::{Browser, Customer, DeadKey, Guest, Kiosk, Manager, Nobody, Service, Whatsapp},
    get, keep, post, with,
};

const PICTURE: &str = "--edge\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.gif\"\r\nContent-Type: image/gif\r\n\r\nGIF89a\r\n--edge--\r\n";
const TEXT: &str = "--edge\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.gif\"\r\nContent-Type: image/gif\r\n\r\nno picture\r\n--edge--\r\n";
const OTHER: &str = "--edge\r\nContent-Disposition: form-data; name=\"picture\"\r\n\r\nGIF89a\r\n--edge--\r\n";
const FORM: &str = "content-type: multipart/form-data; boundary=edge";

pub const ROWS: &[Row] = &[
    keep(
        post(
            "/auth/signup",
            Nobody,
            r#"{"name":"Ravi Sample","phone_number":"9820000150","password":"walking by the river"}"#,
            201,
            "signed in",
        ),
        &[("customer", "/session_token"), ("id", "/customer/customer_id")],
    ),
    keep(post("/session/start", Nobody, r#"{"phone":"9820000101"}"#, 200, "guest started"), &[("guest", "/session_token")]),
    keep(
        post("/session/start", Kiosk, r#"{"phone":"9820000102","channel":"kiosk"}"#, 200, "started"),
        &[("by number", "/session_token")],
    ),
    post(
        "/session/update",
        Customer,
        r#"{"action":"add_to_cart","payload":{"item":{"sku":"SKU-1001","quantity":2}}}"#,
        200,
        "updated",
    ),
    // POST /api/checkout.
    keep(
        post(
            "/api/checkout",
            Customer,
            r#"{"customer_id":"<id>","items":[{"sku":"SKU-1001","quantity":1,"price":1.0}],"payment_method":{"type":"card"},"shipping_address":{"city":"Pune","building":"Block A"},"session_token":"<customer>"}"#,
            200,
            "order placed",
        ),
        &[("order", "/order_id"), ("payment", "/steps/payment/payment_id"), ("amount", "/total_amount")],
    ),
    with(
        keep(
            post(
                "/api/checkout",
                Nobody,
                r#"{"items":[{"sku":"SKU-1002"}],"payment_method":{"method":"UPI"},"session_token":"<customer>"}"#,
                200,
                "order placed",
            ),
            &[("second order", "/order_id"), ("second payment", "/steps/payment/payment_id"), ("second amount", "/total_amount")],
        ),
        &["idempotency-key: once"],
    ),
    with(
        post(
            "/api/checkout",
            Nobody,
            r#"{"items":[{"sku":"SKU-1002"}],"payment_method":{"method":"UPI"},"session_token":"<customer>"}"#,
            200,
            "same order",
        ),
        &["x-idempotency-key: once"],
    ),
    with(
        post(
            "/api/checkout",
            Nobody,
            r#"{"items":[{"sku":"SKU-1003"}],"payment_method":{"method":"UPI"},"session_token":"<customer>"}"#,
            422,
            "idempotency_mismatch",
        ),
        &["idempotency-key: once"],
    ),
    post(
        "/api/checkout",
        Customer,
        r#"{"items":[{"sku":"SKU-1001","quantity":99}],"payment_method":{"type":"card"}}"#,
        200,
        "order failed",
    ),
    post(
        "/api/checkout",
        Customer,
        r#"{"items":[{"sku":"SKU-404"}],"payment_method":{"type":"card"}}"#,
        404,
        "product_not_found",
    ),
    post("/api/checkout", Customer, r#"{"items":[],"payment_method":{"type":"card"}}"#, 422, "validation_error"),
    post(
        "/api/checkout",
        Customer,
        r#"{"items":[{"sku":"SKU-1001","quantity":0}],"payment_method":{"type":"card"}}"#,
        422,
        "validation_error",
    ),
    post(
        "/api/checkout",
        Customer,
        r#"{"items":[{"sku":"SKU-1001"}],"payment_method":{"type":"gold"}}"#,
        422,
        "validation_error",
    ),
    post("/api/checkout", Customer, r#"{"items":[{"sku":"SKU-1001"}]}"#, 422, "validation_error"),
    post("/api/checkout", Customer, "{", 422, "malformed_json"),
    post("/api/checkout", Guest, r#"{"items":[{"sku":"SKU-1001"}],"payment_method":{"type":"card"}}"#, 400, "customer_required"),
    post(
        "/api/checkout",
        Nobody,
        r#"{"items":[{"sku":"SKU-1001"}],"payment_method":{"type":"card"}}"#,
        401,
        "authentication_required",
    ),
    post(
        "/api/checkout",
        Nobody,
        r#"{"items":[{"sku":"SKU-1001"}],"payment_method":{"type":"card"},"session_token":"made up"}"#,
        404,
        "session_not_found",
    ),
    post("/api/checkout", Whatsapp, r#"{"items":[{"sku":"SKU-1001"}],"payment_method":{"type":"card"}}"#, 403, "forbidden"),
    post("/api/checkout", DeadKey, r#"{"items":[{"sku":"SKU-1001"}],"payment_method":{"type":"card"}}"#, 401, "invalid_token"),
    with(
        post(
            "/api/checkout",
            Kiosk,
            r#"{"items":[{"sku":"SKU-1001"}],"payment_method":{"type":"card"}}"#,
            403,
            "stronger_login_required",
        ),
        &["x-session-token: <by number>"],
    ),
    // POST /api/post-payment.
    post(
        "/api/post-payment",
        Service,
        r#"{"order_id":"<order>","customer_id":"<id>","session_token":"<customer>","amount_paid":1.5,"payment_id":"<payment>"}"#,
        409,
        "conflict",
    ),
    post(
        "/api/post-payment",
        Service,
        r#"{"order_id":"<order>","customer_id":"101","amount_paid":<amount>,"payment_id":"<payment>"}"#,
        409,
        "conflict",
    ),
    post(
        "/api/post-payment",
        Service,
        r#"{"order_id":"<order>","customer_id":"<id>","amount_paid":<amount>,"payment_id":"<second payment>"}"#,
        409,
        "conflict",
    ),
    post(
        "/api/post-payment",
        Service,
        r#"{"order_id":"<order>","customer_id":"<id>","session_token":"<customer>","amount_paid":<amount>,"payment_id":"<payment>","transaction_id":"tx_77"}"#,
        200,
        "payment received",
    ),
    post(
        "/api/post-payment",
        Service,
        r#"{"order_id":"<order>","customer_id":"<id>","session_token":"<customer>","amount_paid":<amount>,"payment_id":"<payment>","transaction_id":"tx_77"}"#,
        200,
        "payment received",
    ),
    post(
        "/api/post-payment",
        Service,
        r#"{"order_id":"<second order>","customer_id":"<id>","amount_paid":0,"payment_id":"<second payment>","status":"failed"}"#,
        200,
        "payment failed",
    ),
    post(
        "/api/post-payment",
        Service,
        r#"{"order_id":"<second order>","customer_id":"<id>","amount_paid":<second amount>,"payment_id":"<second payment>"}"#,
        409,
        "conflict",
    ),
    post("/api/post-payment", Service, r#"{"order_id":"<order>","payment_id":"<payment>"}"#, 422, "validation_error"),
    post(
        "/api/post-payment",
        Service,
        r#"{"order_id":"<order>","payment_id":"<payment>","amount_paid":-1}"#,
        422,
        "validation_error",
    ),
    post(
        "/api/post-payment",
        Customer,
        r#"{"order_id":"<order>","payment_id":"<payment>","amount_paid":1}"#,
        401,
        "authentication_required",
    ),
    post("/api/post-payment", Whatsapp, r#"{"order_id":"<order>","payment_id":"<payment>","amount_paid":1}"#, 403, "forbidden"),
    get("/orders/<order>", Customer, 200, "order"),
    get("/orders/<order>", Guest, 404, "not_found"),
    // POST /api/visual-search.
    with(post("/api/visual-search", Nobody, PICTURE, 503, "service_unavailable"), &[FORM]),
    with(post("/api/visual-search", Nobody, TEXT, 415, "unsupported_media_type"), &[FORM]),
    with(post("/api/visual-search", Nobody, OTHER, 422, "validation_error"), &[FORM]),
    post("/api/visual-search", Nobody, "{}", 422, "validation_error"),
    // Named by settings of clients, and served by nobody.
    post("/api/resume_session", Nobody, "{}", 404, "not_found"),
    post("/api/recommendations", Nobody, "{}", 404, "not_found"),
    post("/api/gift-suggestions", Nobody, "{}", 404, "not_found"),
    post("/api/verify-inventory", Nobody, "{}", 404, "not_found"),
    get("/api/seasonal-trends", Nobody, 404, "not_found"),
    post("/api/payment/initiate", Nobody, "{}", 404, "not_found"),
    // What staff may see, and somebody signed in of their own.
    post(
        "/api/auth/register",
        Browser,
        r#"{"email":"asha@example.com","password":"walking by the river","display_name":"Asha Example"}"#,
        201,
        "user",
    ),
    get("/customers", Manager, 200, "customers"),
    get("/customers/101", Manager, 200, "customer"),
    get("/orders?customer_id=101", Manager, 200, "orders"),
    get("/orders/<order>", Manager, 200, "order"),
    get("/payments", Manager, 200, "payments"),
    get("/inventory?limit=1", Manager, 200, "stock list"),
    get("/loyalty/tier/101", Manager, 200, "tier"),
    post("/loyalty/add-points", Manager, r#"{"user_id":"<id>","points":5,"order_id":"<order>"}"#, 200, "points added"),
    post("/recommend", Manager, r#"{"customer_id":"101"}"#, 200, "recommended"),
    get("/payments", Browser, 403, "role_required"),
    get("/inventory", Browser, 403, "role_required"),
    get("/customers/101", Browser, 404, "customer_not_found"),
    get("/orders", Browser, 200, "orders"),
    post("/loyalty/add-points", Browser, r#"{"user_id":"<id>","points":5,"order_id":"x"}"#, 403, "role_required"),
    get("/session/restore", Browser, 404, "session_not_found"),
    post("/session/start", Browser, r#"{"channel":"web"}"#, 200, "started"),
    get("/session/restore", Browser, 200, "restored"),
    post("/session/update", Browser, r#"{"action":"clear_cart"}"#, 200, "updated"),
    post("/session/end", Browser, "", 200, "ended"),
];

/// The shape of that name; none where it is of another area.
pub fn shape(name: &str) -> Option<Value> {
    let step = |status: &str| json!({"status": status});
    let placed = |order: &str| {
        json!({"status": "=completed", "order_id": order, "message": "=Order placed successfully", "total_amount": "number",
            "total_amount_minor": "int", "currency": "string", "steps": {
                "verify_inventory": {"status": "=completed", "items": [{"sku": "string", "quantity": "int", "available": true}]},
                "holds": {"status": "=completed", "hold_ids": ["string"], "expires_at": "time"},
                "payment": {"status": "=pending", "payment_id": "string", "method": "=card|=upi"},
                "orders_csv": step("=completed"), "fulfillment": step("=pending")}})
    };
    let told = |started: bool, outcome: &str| {
        json!({"status": "=success", "order_id": "string", "message": "string", "processing_started": started,
            "agents_triggered": ["string"], "payment_status": outcome})
    };
    Some(match name {
        "guest restored" => json!({"session_token": "hex32", "session": {"session_id": "uuid", "guest": true}}),
        "order placed" | "same order" => placed("string"),
        "order failed" => json!({"status": "=failed", "order_id": "null", "message": "=Order failed", "steps": {
            "verify_inventory": {"status": "=failed", "items": [{"sku": "string", "quantity": "int", "available": "bool"}]},
            "holds": step("=skipped"), "payment": step("=skipped"), "orders_csv": step("=skipped"),
            "fulfillment": step("=skipped")}}),
        "payment received" => told(true, "=completed"),
        "payment failed" => told(false, "=failed"),
        _ => return None,
    })
}
