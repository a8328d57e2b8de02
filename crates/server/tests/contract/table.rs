//! The documented requests, in the order in which they are sent. `<name>` stands for what an earlier answer gave.

use serde_json::{Value, json};

/// Who sends a request.
#[derive(Clone, Copy, Debug)]
pub enum Who {
    /// Somebody without any proof.
    Nobody,
    /// Who signed up.
    Customer,
    /// A guest.
    Guest,
    /// A WhatsApp bot: `resume` and `agent`.
    Whatsapp,
    /// A Telegram bot: `resume`.
    Telegram,
    /// A service: `agent`, `stock`, `loyalty` and `payments`.
    Service,
    /// A key that is none.
    DeadKey,
    /// An enrolled kiosk where a typed number is allowed.
    Kiosk,
    /// A kiosk that nobody enrolled.
    Stranger,
    /// A browser that keeps its cookies and sends their anti-forgery token.
    Browser,
    /// A foreign page in that browser: it sends the cookies, and knows no anti-forgery token.
    Forger,
    /// A browser in which a manager is signed in.
    Manager,
}

/// One request, and what comes back.
#[derive(Clone, Copy)]
pub struct Row {
    pub method: &'static str,
    pub path: &'static str,
    pub who: Who,
    pub headers: &'static [&'static str],
    pub body: &'static str,
    pub status: u16,
    /// The name of a shape; of a refusal, its code.
    pub shape: &'static str,
    /// What to keep of the answer: a name, and where it stands: a place in the body, or `cookie` and its name.
    pub keep: &'static [(&'static str, &'static str)],
    /// The sentence of a refusal or the message of a success; empty where it may be any.
    pub says: &'static str,
}

/// The method of a row that is no request: it gives the account of `path` the role of `body`.
pub const ROLE: &str = "ROLE";

pub const fn role(account: &'static str, role: &'static str) -> Row {
    Row { method: ROLE, path: account, who: Nobody, headers: &[], body: role, status: 200, shape: "", keep: &[], says: "" }
}

/// The method of a row that is no request: it keeps the token of the last mail to `path` under the name in `body`.
pub const MAILED: &str = "MAILED";

pub const fn mailed(to: &'static str, name: &'static str) -> Row {
    Row { method: MAILED, path: to, who: Nobody, headers: &[], body: name, status: 200, shape: "", keep: &[], says: "" }
}

pub const fn get(path: &'static str, who: Who, status: u16, shape: &'static str) -> Row {
    Row { method: "GET", path, who, headers: &[], body: "", status, shape, keep: &[], says: "" }
}

pub const fn post(path: &'static str, who: Who, body: &'static str, status: u16, shape: &'static str) -> Row {
    Row { method: "POST", path, who, headers: &[], body, status, shape, keep: &[], says: "" }
}

pub const fn send(
    method: &'static str,
    path: &'static str,
    who: Who,
    body: &'static str,
    status: u16,
    shape: &'static str,
) -> Row {
    Row { method, path, who, headers: &[], body, status, shape, keep: &[], says: "" }
}

pub const fn with(row: Row, headers: &'static [&'static str]) -> Row {
    Row { headers, ..row }
}

pub const fn keep(row: Row, keep: &'static [(&'static str, &'static str)]) -> Row {
    Row { keep, ..row }
}

pub const fn says(row: Row, says: &'static str) -> Row {
    Row { says, ..row }
}

use Who::{Customer, DeadKey, Guest, Kiosk, Nobody, Service, Telegram, Whatsapp};

pub const ROWS: &[Row] = &[
    // Health.
    get("/health", Nobody, 200, "health"),
    get("/health/", Nobody, 200, "health"),
    get("/auth/health", Nobody, 200, "auth health"),
    get("/session/session/start", Nobody, 404, "not_found"),
    get("/session/start", Nobody, 405, "method_not_allowed"),
    // POST /auth/signup.
    keep(
        post(
            "/auth/signup",
            Nobody,
            r#"{"name":"Ravi Sample","phone_number":"9820000150","password":"walking by the river","age":"29","city":"Pune"}"#,
            201,
            "signed in",
        ),
        &[("customer", "/session_token"), ("session", "/session/session_id"), ("id", "/customer/customer_id")],
    ),
    post(
        "/auth/signup",
        Nobody,
        r#"{"name":"A","phone_number":"9820000150","password":"walking by the river"}"#,
        400,
        "phone_exists",
    ),
    post("/auth/signup", Nobody, r#"{"name":"A","phone_number":"9820000151","password":"short"}"#, 400, "weak_password"),
    post(
        "/auth/signup",
        Nobody,
        r#"{"name":"A","phone_number":"5550101","password":"walking by the river"}"#,
        400,
        "invalid_phone",
    ),
    post(
        "/auth/signup",
        Nobody,
        r#"{"name":"","phone_number":"9820000151","password":"walking by the river"}"#,
        400,
        "bad_request",
    ),
    post(
        "/auth/signup",
        Nobody,
        r#"{"name":"A","phone_number":9820000151,"password":"walking by the river"}"#,
        422,
        "validation_error",
    ),
    // POST /auth/login.
    post("/auth/login", Nobody, r#"{"phone_number":"+91 98200 00150","password":"walking by the river"}"#, 200, "signed in"),
    post("/auth/login", Nobody, r#"{"phone_number":"9820000150","password":"wrong"}"#, 401, "invalid_credentials"),
    post("/auth/login", Nobody, r#"{"phone_number":"","password":""}"#, 400, "bad_request"),
    post("/auth/login", Nobody, r#"{"password":"x"}"#, 422, "validation_error"),
    // POST /session/start.
    keep(
        post("/session/start", Nobody, r#"{"phone":"9820000101","channel":"kiosk","customer_id":101}"#, 200, "guest started"),
        &[("guest", "/session_token"), ("guest session", "/session/session_id")],
    ),
    keep(
        post("/session/start", Whatsapp, r#"{"phone":"9820000101","customer_id":101}"#, 200, "started"),
        &[("asha", "/session_token"), ("asha session", "/session/session_id")],
    ),
    post("/session/start", Telegram, r#"{"phone":"9820000101","telegram_chat_id":"77"}"#, 200, "started"),
    post("/session/start", Telegram, r#"{"telegram_chat_id":"77"}"#, 200, "started"),
    post("/session/start", Kiosk, r#"{"phone":"9820000102","channel":"kiosk"}"#, 200, "started"),
    post("/session/start", Customer, r#"{"phone":"9820000150","channel":"web"}"#, 200, "started"),
    post("/session/start", Nobody, "{}", 400, "bad_request"),
    post("/session/start", Nobody, r#"{"phone":"guest"}"#, 400, "invalid_phone"),
    post("/session/start", Nobody, r#"{"phone":"9820000101","channel":"fax"}"#, 400, "bad_request"),
    post("/session/start", Nobody, r#"{"phone":7}"#, 422, "validation_error"),
    post("/session/start", Nobody, "[]", 422, "validation_error"),
    post("/session/start", Nobody, "{", 422, "malformed_json"),
    post("/session/start", Whatsapp, r#"{"phone":"9820000101","customer_id":"102"}"#, 400, "bad_request"),
    post("/session/start", Whatsapp, r#"{"phone":"9820000101","channel":"telegram"}"#, 403, "forbidden"),
    post("/session/start", DeadKey, r#"{"phone":"9820000101"}"#, 401, "invalid_token"),
    // POST /session/login.
    post("/session/login", Whatsapp, r#"{"phone_number":"9820000101","name":"Asha","channel":"whatsapp"}"#, 200, "logged in"),
    post("/session/login", Nobody, r#"{"phone_number":"9820000101","name":"Asha"}"#, 200, "guest logged in"),
    post("/session/login", Whatsapp, r#"{"phone_number":" ","name":"Asha"}"#, 400, "bad_request"),
    post("/session/login", Whatsapp, r#"{"phone_number":"9820000101","name":" "}"#, 400, "bad_request"),
    post("/session/login", Whatsapp, r#"{"phone_number":"9820000101"}"#, 422, "validation_error"),
    // GET /session/restore.
    get("/session/restore", Customer, 200, "restored"),
    with(get("/session/restore", Customer, 200, "restored"), &["x-phone: 9820000101"]),
    with(get("/session/restore", Whatsapp, 200, "restored"), &["x-phone: 9820000101"]),
    with(get("/session/restore", Telegram, 200, "restored"), &["x-telegram-chat-id: 77"]),
    with(get("/session/restore", Whatsapp, 200, "restored"), &["x-customer-id: 101"]),
    with(get("/session/restore", Nobody, 404, "session_not_found"), &["x-phone: 9820000101"]),
    with(get("/session/restore", Nobody, 404, "session_not_found"), &["x-telegram-chat-id: 77"]),
    with(get("/session/restore", Nobody, 404, "session_not_found"), &["x-customer-id: 101"]),
    with(get("/session/restore", Nobody, 404, "session_not_found"), &["x-session-token: 0f3c9a6be1d24c7f8a905b61c2d7e8f4"]),
    with(get("/session/restore", Nobody, 400, "bad_request"), &["x-session-token: "]),
    get("/session/restore", Nobody, 400, "bad_request"),
    // POST /session/update.
    post(
        "/session/update",
        Customer,
        r#"{"action":"add_to_cart","payload":{"item":{"sku":"SKU-1001","quantity":2}}}"#,
        200,
        "updated",
    ),
    post("/session/update", Customer, r#"{"action":"view_product","payload":{"product_id":"SKU-1002"}}"#, 200, "updated"),
    post("/session/update", Customer, r#"{"action":"chat_message","payload":{"message":"white shoes?"}}"#, 200, "updated"),
    post(
        "/session/update",
        Customer,
        r#"{"action":"chat_message","payload":{"sender":"agent","message":"Two ideas","metadata":{"cards":[{"sku":"SKU-1001"}]}}}"#,
        200,
        "updated",
    ),
    post("/session/update", Customer, r#"{"action":"set_user","payload":{"user_id":"<id>"}}"#, 200, "updated"),
    post("/session/update", Customer, r#"{"action":"set_quantity","payload":{"sku":"SKU-1001","quantity":3}}"#, 200, "updated"),
    post("/session/update", Customer, r#"{"action":"remove_from_cart","payload":{"sku":"SKU-1002"}}"#, 200, "updated"),
    post("/session/update", Customer, r#"{"action":"add_to_cart","payload":{}}"#, 400, "bad_request"),
    post(
        "/session/update",
        Customer,
        r#"{"action":"add_to_cart","payload":{"item":{"sku":"SKU-404"}}}"#,
        404,
        "product_not_found",
    ),
    post("/session/update", Customer, r#"{"action":"view_product","payload":{}}"#, 400, "bad_request"),
    post("/session/update", Customer, r#"{"action":"chat_message","payload":{}}"#, 400, "bad_request"),
    post("/session/update", Customer, r#"{"action":"set_user","payload":{}}"#, 400, "bad_request"),
    post("/session/update", Customer, r#"{"action":"set_user","payload":{"user_id":"101"}}"#, 403, "forbidden"),
    post("/session/update", Customer, r#"{"action":"dance"}"#, 400, "bad_request"),
    post("/session/update", Customer, r#"{"action":"clear_cart","payload":null}"#, 422, "validation_error"),
    post("/session/update", Customer, r#"{"action":"clear_cart","if_version":1}"#, 409, "version_conflict"),
    post("/session/update", Nobody, r#"{"action":"clear_cart"}"#, 400, "bad_request"),
    // Agent memory.
    get("/session/<session>/context", Customer, 200, "context"),
    get("/session/<asha session>/context", Whatsapp, 200, "context"),
    get("/session/<asha session>/summary", Service, 200, "summary"),
    get("/session/<asha session>/recommendations", Service, 200, "recommendations"),
    get("/session/<session>/cart", Service, 200, "cart"),
    post("/session/<session>/summary", Service, r#"{"summary":"Looks for white shoes."}"#, 200, "summary written"),
    post("/session/<session>/summary", Service, "{}", 422, "validation_error"),
    get("/session/<session>/context", Nobody, 401, "authentication_required"),
    get("/session/<session>/context", Guest, 404, "session_not_found"),
    get("/session/<session>/context", Telegram, 403, "forbidden"),
    get("/session/no-such-session/cart", Service, 404, "session_not_found"),
    // QR.
    keep(post("/auth/qr-init", Customer, r#"{"phone_number":"9820000150"}"#, 200, "qr"), &[("qr", "/qr_token")]),
    post("/auth/qr-init", Nobody, "{}", 401, "authentication_required"),
    post("/auth/qr-init", Guest, "{}", 400, "customer_required"),
    post("/auth/qr-init", Customer, r#"{"phone_number":"9820000101"}"#, 403, "phone_mismatch"),
    post("/auth/qr-verify", Nobody, r#"{"qr_token":"<qr>"}"#, 403, "kiosk_not_enrolled"),
    post("/auth/qr-verify", Kiosk, r#"{"qr_token":" "}"#, 400, "bad_request"),
    post("/auth/qr-verify", Kiosk, r#"{"qr_token":"<qr>","channel":"kiosk","phone_number":"9820000150"}"#, 200, "signed in"),
    post("/auth/qr-verify", Kiosk, r#"{"qr_token":"<qr>"}"#, 401, "invalid_qr_token"),
    // Data.
    get("/products?limit=2", Nobody, 200, "products"),
    get(
        "/products?category=outerwear&subcategory=jackets&gender=unisex&brand=harrowick&min_price=1000&max_price=9000&min_rating=4",
        Nobody,
        200,
        "products",
    ),
    get("/products?limit=0", Nobody, 422, "validation_error"),
    get("/products/SKU-1001", Nobody, 200, "product"),
    get("/products/SKU-404", Nobody, 404, "product_not_found"),
    get("/stores", Nobody, 200, "stores"),
    get("/customers", Service, 200, "customers"),
    get("/customers/101", Service, 200, "customer"),
    get("/customers/<id>", Customer, 200, "customer"),
    get("/customers/101", Customer, 404, "customer_not_found"),
    get("/customers", Nobody, 401, "authentication_required"),
    get("/orders?customer_id=101&status=delivered", Service, 200, "orders"),
    get("/orders", Customer, 200, "orders"),
    get("/orders/ORD000103", Service, 200, "order"),
    get("/orders/ORD000103", Customer, 404, "not_found"),
    get("/payments", Service, 200, "payments"),
    get("/payments", Customer, 401, "authentication_required"),
    get("/payments", Whatsapp, 403, "forbidden"),
    get("/inventory?limit=1", Service, 200, "stock list"),
    get("/inventory?limit=1", Kiosk, 200, "stock list"),
    get("/inventory", Nobody, 401, "authentication_required"),
    // Inventory.
    get("/inventory/SKU-1001", Nobody, 200, "stock"),
    get("/inventory/SKU-404", Nobody, 200, "stock"),
    keep(
        post("/hold", Customer, r#"{"sku":"SKU-1001","quantity":1,"location":"store:S01","ttl":60}"#, 200, "hold"),
        &[("hold", "/hold_id")],
    ),
    post("/hold", Customer, r#"{"sku":"SKU-1001","quantity":99}"#, 409, "insufficient_stock"),
    post("/hold", Customer, r#"{"sku":"SKU-1001","quantity":0}"#, 422, "validation_error"),
    post("/hold", Nobody, r#"{"sku":"SKU-1001","quantity":1}"#, 401, "authentication_required"),
    post("/release", Guest, r#"{"hold_id":"<hold>"}"#, 404, "not_found"),
    post("/release", Customer, r#"{"hold_id":"<hold>"}"#, 200, "released"),
    post("/release", Customer, r#"{"hold_id":"<hold>"}"#, 404, "not_found"),
    post("/simulate/sale", Service, r#"{"sku":"SKU-1001","quantity":1}"#, 200, "sold"),
    post("/simulate/sale", Service, r#"{"sku":"SKU-1001","quantity":99}"#, 409, "insufficient_stock"),
    post("/simulate/sale", Customer, r#"{"sku":"SKU-1001","quantity":1}"#, 401, "authentication_required"),
    // Loyalty.
    get("/loyalty/points/101", Service, 200, "points"),
    get("/loyalty/tier/101", Service, 200, "tier"),
    get("/loyalty/tier/999", Service, 200, "tier"),
    get("/loyalty/tier/101", Nobody, 401, "authentication_required"),
    get("/loyalty/tier/101", Customer, 404, "customer_not_found"),
    post("/loyalty/add-points", Service, r#"{"user_id":"<id>","points":600,"order_id":"ORD1"}"#, 200, "points added"),
    post("/loyalty/add-points", Service, r#"{"user_id":"<id>","points":600,"order_id":"ORD1"}"#, 409, "conflict"),
    post("/loyalty/add-points", Service, r#"{"user_id":"<id>","points":0,"order_id":"ORD2"}"#, 422, "validation_error"),
    post("/loyalty/earn-from-purchase?user_id=<id>&amount_spent=2500&order_id=ORD3", Service, "", 200, "earned"),
    get("/loyalty/validate-coupon/save15", Customer, 200, "coupon"),
    post(
        "/loyalty/apply",
        Customer,
        r#"{"user_id":"<id>","cart_total":5000,"applied_coupon":"save15","loyalty_points_used":100}"#,
        200,
        "applied",
    ),
    post(
        "/loyalty/apply",
        Customer,
        r#"{"user_id":"<id>","cart_total":5000,"applied_coupon":"SAVE15","loyalty_points_used":0}"#,
        400,
        "coupon_not_applicable",
    ),
    post("/loyalty/apply", Customer, r#"{"user_id":"<id>","cart_total":5000,"applied_coupon":"NOTHING"}"#, 400, "invalid_coupon"),
    post(
        "/loyalty/apply",
        Customer,
        r#"{"user_id":"<id>","cart_total":5000,"loyalty_points_used":100000}"#,
        400,
        "insufficient_points",
    ),
    post(
        "/loyalty/check-promotions",
        Customer,
        r#"{"user_id":"<id>","cart_total":5000,"category":"Outerwear"}"#,
        200,
        "promotions checked",
    ),
    get("/loyalty/active-promotions", Nobody, 200, "promotions"),
    get("/loyalty/available-promotions", Nobody, 200, "promotions"),
    post(
        "/loyalty/calculate-points",
        Customer,
        r#"{"user_id":"<id>","purchase_amount":1999.5,"items_count":2}"#,
        200,
        "points calculated",
    ),
    post("/loyalty/calculate-discounts", Customer, r#"{"user_id":"<id>","cart_total":5000}"#, 200, "discounts"),
    // Assistant.
    post("/api/message", Customer, r#"{"message":"Show me jackets","metadata":{"user_id":"9820000150"}}"#, 200, "message"),
    post("/api/message", Nobody, r#"{"message":"Hello","session_token":"<customer>"}"#, 200, "message"),
    post("/api/message", Nobody, r#"{"message":"Hello","session_token":null}"#, 200, "message"),
    post("/api/message", Nobody, r#"{"message":""}"#, 422, "validation_error"),
    post(
        "/recommend",
        Service,
        r#"{"customer_id":"101","mode":"normal","intent":{},"current_cart_skus":[],"limit":5}"#,
        200,
        "recommended",
    ),
    post("/recommend", Nobody, r#"{"customer_id":"101","mode":"trendseer"}"#, 200, "recommended"),
    post(
        "/recommend",
        Customer,
        r#"{"customer_id":"<id>","mode":"gifting_genius","recipient_relation":"sister"}"#,
        200,
        "recommended",
    ),
    post("/recommend", Service, r#"{"customer_id":"999"}"#, 404, "customer_not_found"),
    post("/recommend", Nobody, r#"{"customer_id":"101","limit":21}"#, 422, "validation_error"),
    // The end.
    post("/session/end", Customer, r#"{"scope":"channel"}"#, 200, "ended"),
    post("/session/end", Customer, "", 200, "ended"),
    post("/session/end", Customer, "", 404, "session_expired"),
    post("/session/end", Nobody, "", 400, "bad_request"),
    get("/session/restore", Customer, 404, "session_expired"),
    post("/auth/logout", Customer, "", 200, "logged out"),
    post("/auth/logout", Guest, "", 200, "logged out"),
    post("/auth/logout", Nobody, "", 400, "bad_request"),
    with(post("/auth/logout", Nobody, "", 404, "session_not_found"), &["x-session-token: made up"]),
];

/// The shape of that name.
#[expect(clippy::too_many_lines, reason = "one line for each shape")]
pub fn shape(name: &str) -> Value {
    let of_area = [
        super::people::shape,
        super::accounts::shape,
        super::spoken::shape,
        super::shop::shape,
        super::chat::shape,
        super::voice::shape,
        super::kiosks::shape,
    ];
    if let Some(shape) = of_area.iter().find_map(|shape| shape(name)) {
        return shape;
    }
    let purchase = json!({"order_id": "string", "sku": "string", "qty": "int", "amount": "number", "date": "string", "rating": "number|null"});
    let customer = json!({"customer_id": "string", "name": "string", "age": "int|null", "gender": "string", "phone_number": "string",
        "city": "string", "building_name": "string", "address_landmark": "string", "loyalty_tier": "=Bronze|=Silver|=Gold|=Platinum",
        "loyalty_points": "int", "device_preference": "string", "total_spend": "number", "items_purchased": "int",
        "average_rating": "number", "days_since_last_purchase": "int", "satisfaction": "string", "purchase_history": [purchase]});
    let line = json!({"sku": "string", "name": "string", "quantity": "int", "price": "number", "price_minor": "int", "currency": "string"});
    let entry = json!({"sender": "=user|=agent", "message": "string", "timestamp": "time"});
    let data = json!({"cart": [line], "recent": [{"product": "string", "viewed_at": "time"}], "chat_context": [entry],
        "last_action": "null|object", "channels": ["=web|=kiosk|=whatsapp|=telegram"], "conversation_summary": "string",
        "last_recommended_skus": ["string"]});
    let session = json!({"session_id": "uuid", "session_token": "hex32", "phone": "string", "telegram_chat_id": "null|string",
        "channel": "=web|=kiosk|=whatsapp|=telegram", "user_id": "string", "customer_id": "string", "data": data,
        "metadata": {"channels": ["string"], "chat_context": [], "conversation_summary": "string", "last_recommended_skus": ["string"]},
        "created_at": "time", "updated_at": "time", "is_active": "bool", "expires_at": "time", "version": "int", "guest": "bool",
        "assurance": "=guest|=phone|=channel|=qr|=code|=password"});
    let mut own = session.clone();
    own["customer_profile"] = customer.clone();
    own["data"]["customer_profile"] = customer.clone();
    let product = json!({"sku": "string", "name": "string", "description": "string", "price": "number", "price_minor": "int",
        "currency": "string", "rating": "number|null", "ratings": "number|null", "stock": "int", "category": "string",
        "image_url": "string", "product_url": "string", "brand": "string|null", "subcategory": "string|null", "gender": "string|null",
        "color": "string|null"});
    let order = json!({"order_id": "string", "customer_id": "string", "total_amount": "number", "total_amount_minor": "int",
        "currency": "string", "status": "=placed|=shipped|=delivered|=cancelled", "created_at": "time",
        "items": [{"sku": "string", "qty": "int", "unit_price": "number", "line_total": "number", "name": "string", "image": "string",
            "brand": "string|null", "category": "string", "color": "string|null"}]});
    let payment = json!({"payment_id": "string", "order_id": "string", "customer_id": "string", "amount": "number", "amount_minor": "int",
        "currency": "string", "method": "string", "status": "string", "created_at": "time"});
    let stock =
        json!({"sku": "string", "online_stock": "int", "store_stock": {"S01": "int", "S02": "int"}, "total_stock": "int"});
    let page = |list: &str, item: Value| json!({"total": "int", "limit": "int", "offset": "int", list: [item]});
    let about = json!({"session_id": "uuid", "customer_id": "string"});
    let of_session = |more: Value| merged(&about, more);
    let saving = json!({"name": "string", "discount": "int", "condition": "string", "savings": "number"});
    match name {
        "health" => json!({"status": "=healthy", "samples": "bool", "ready": "bool"}),
        "auth health" => json!({"status": "=healthy", "service": "=auth"}),
        "signed in" => {
            json!({"success": true, "message": "string", "session_token": "hex32", "session": own, "customer": customer})
        }
        "started" => json!({"success": true, "session_token": "hex32", "session": own}),
        "guest started" => json!({"success": true, "session_token": "hex32", "session": session}),
        "logged in" => json!({"success": true, "session_token": "hex32", "session": own, "customer": customer}),
        "guest logged in" => json!({"success": true, "session_token": "hex32", "session": session, "customer": customer}),
        "restored" => json!({"session_token": "hex32", "session": own}),
        "updated" => json!({"session": own}),
        "ended" => json!({"message": "=Session ended successfully", "session_id": "uuid", "phone": "string"}),
        "logged out" => json!({"success": true, "message": "=Logged out successfully", "session_id": "uuid"}),
        "context" => of_session(json!({"phone": "string", "channel": "string", "chat_context": [entry],
            "conversation_summary": "string", "last_recommended_skus": ["string"], "created_at": "time", "updated_at": "time",
            "cart": [line]})),
        "summary" => of_session(json!({"summary": "string", "total_messages": "int", "last_updated": "time"})),
        "summary written" => json!({"success": true, "session_id": "uuid", "summary": "string"}),
        "recommendations" => of_session(json!({"last_recommended_skus": ["string"], "total_recommendations": "int"})),
        "cart" => of_session(json!({"cart": [line], "cart_size": "int", "total_quantity": "int", "subtotal": "number"})),
        "qr" => {
            json!({"success": true, "qr_token": "hex64", "customer_id": "string", "message": "=QR token generated successfully",
            "expires_in": "int", "expires_at": "time"})
        }
        "products" => page("products", product),
        "product" => product,
        "stores" => {
            json!({"total": "int", "stores": [{"store_id": "string", "name": "string", "city": "string", "address": "string",
            "opening_hours": "string"}]})
        }
        "customers" => page("customers", customer),
        "customer" => customer,
        "orders" => page("orders", order),
        "order" => order,
        "payments" => page("payments", payment),
        "stock list" => page("inventory", stock),
        "stock" => stock,
        "hold" => json!({"hold_id": "string", "sku": "string", "quantity": "int", "location": "string", "remaining_stock": "int",
            "expires_at": "time", "status": "=active"}),
        "released" => json!({"hold_id": "string", "status": "=released", "restored_stock": "int"}),
        "sold" => {
            json!({"sku": "string", "quantity_sold": "int", "location": "string", "remaining_stock": "int", "status": "=sold"})
        }
        "points" => json!({"user_id": "string", "points": "int"}),
        "tier" => {
            json!({"user_id": "string", "points": "int", "tier": "string", "benefits": "object", "next_tier": "string|null",
            "points_to_next_tier": "int", "source": "=supabase|=default"})
        }
        "points added" => {
            json!({"success": true, "user_id": "string", "points_added": "int", "new_balance": "int", "reason": "string",
            "timestamp": "time"})
        }
        "earned" => json!({"success": true, "points_earned": "int", "bonus_points": "int", "tier_before": "string",
            "tier_after": "string", "message": "string"}),
        "coupon" => json!({"valid": "bool", "coupon_code": "string", "discount_percent": "int", "min_purchase": "number",
            "message": "string"}),
        "applied" => json!({"success": true, "original_total": "number", "discount_from_coupon": "number",
            "discount_from_points": "number", "final_total": "number", "coupon_applied": "string|null", "points_used": "int",
            "points_remaining": "int", "message": "string"}),
        "promotions checked" => {
            json!({"applicable_promotions": [saving], "best_promotion": "object|null", "total_savings": "number",
            "message": "string"})
        }
        "promotions" => json!({"promotions": ["object"], "active_count": "int", "timestamp": "time"}),
        "points calculated" => json!({"points_earned": "int", "tier_bonus": "int", "special_bonus": "int", "total_points": "int",
            "message": "string"}),
        "discounts" => json!({"success": true, "original_total": "number", "tier_discount_percent": "number",
            "tier_discount_amount": "number", "best_coupon": "string|null", "coupon_discount_amount": "number",
            "best_promotion": "string|null", "promotion_discount_amount": "number", "total_discount_amount": "number",
            "final_total": "number", "message": "string"}),
        "message" => json!({"reply": "string", "session_token": "hex32", "timestamp": "time",
            "metadata": {"processed": "bool", "worker": "string", "original_metadata": "object"},
            "intent_info": {"intent": "string", "confidence": "number", "entities": "object", "method": "string"},
            "cards": [{"type": "=product", "sku": "string", "name": "string", "price": "number", "image": "string",
                "description": "string", "personalized_reason": "string|null", "gift_message": "string|null",
                "gift_suitability": "string|null"}]}),
        "recommended" => json!({"recommended_products": [{"sku": "string", "name": "string", "brand": "string|null",
            "category": "string", "subcategory": "string|null", "price": "number", "rating": "number|null", "in_stock": "bool",
            "personalized_reason": "string|null", "gift_message": "string|null", "gift_suitability": "string|null",
            "trend_capsule": "string|null", "image": "string", "image_url": "string"}], "upsell": "object|null",
            "cross_sell": "object|null", "personalized_reasoning": "string", "metadata": {"customer_id": "string",
            "loyalty_tier": "string", "mode": "string", "past_purchases_count": "int", "intent": "object", "timestamp": "time"}}),
        other => panic!("there is no shape {other}"),
    }
}

fn merged(one: &Value, more: Value) -> Value {
    let (Value::Object(mut members), Value::Object(more)) = (one.clone(), more) else { panic!("shapes are objects") };
    members.extend(more);
    Value::Object(members)
}
