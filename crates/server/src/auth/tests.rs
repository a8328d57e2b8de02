//! The password endpoints as their documents describe them.

use std::time::Duration;

use protocol::routes;
use serde_json::{Value, json};

use crate::testing::TestServer;

const TOKEN: &str = "x-session-token";
const PASSWORD: &str = "walking by the river";

fn form() -> Value {
    json!({"name": "Ravi Sample", "phone_number": "(202) 555-0150", "password": PASSWORD, "age": "29", "city": "Shelbyville"})
}

fn with(changes: Value) -> Value {
    let mut form = form();
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (name, value) in changes {
        form[name] = value;
    }
    form
}

#[tokio::test]
async fn a_sign_up_makes_a_customer_with_the_documented_defaults() {
    let server = TestServer::start().await;
    let body = server.post(routes::AUTH_SIGNUP, &[], &form()).await.expect(201);
    assert_eq!((&body["success"], &body["message"]), (&json!(true), &json!("Account created successfully")));
    let customer = json!({"customer_id": "902", "name": "Ravi Sample", "age": 29, "gender": "", "phone_number": "+12025550150",
        "city": "Shelbyville", "building_name": "", "address_landmark": "", "loyalty_tier": "Bronze", "loyalty_points": 0,
        "device_preference": "web", "total_spend": 0.0, "items_purchased": 0, "average_rating": 0.0, "days_since_last_purchase": 0,
        "satisfaction": "Neutral", "purchase_history": []});
    assert_eq!(body["customer"], customer);
    let session = &body["session"];
    assert_eq!(session["customer_profile"], customer);
    assert_eq!(session["session_token"], body["session_token"]);
    assert_eq!(
        (&session["customer_id"], &session["guest"], &session["assurance"]),
        (&json!("902"), &json!(false), &json!("password"))
    );
    assert_eq!(session["data"]["channels"], json!(["web"]));
    let mut tx = server.state.read().await.unwrap();
    let account = tx.account_by_phone("+12025550150").await.unwrap().unwrap();
    assert!(!account.phone_verified, "signing up proves no phone");
}

#[tokio::test]
async fn a_bad_sign_up_is_refused_with_the_documented_sentence() {
    let server = TestServer::start().await;
    let cases = [
        (json!({"phone_number": " "}), 400, "bad_request", "Phone number is required"),
        (json!({"password": ""}), 400, "bad_request", "Password is required"),
        (json!({"password": "short"}), 400, "weak_password", "Password must be at least 8 characters"),
        (json!({"password": "80461937"}), 400, "weak_password", "Password must not be digits alone"),
        (json!({"password": "password123"}), 400, "weak_password", "This password is too common; choose another"),
        (json!({"name": "  "}), 400, "bad_request", "Name is required"),
        (json!({"phone_number": "+1 202 555 0101"}), 400, "phone_exists", "Phone number +12025550101 already registered"),
        (json!({"phone_number": 2_025_550_150_u64}), 422, "validation_error", "phone_number has the wrong type or value"),
        (json!({"age": 29.5}), 422, "validation_error", "age has the wrong type or value"),
        (json!({"age": 151}), 422, "validation_error", "age has the wrong type or value"),
        (json!({"channel": "fax"}), 400, "bad_request", "channel must be web, kiosk, whatsapp or telegram"),
    ];
    for (changes, status, code, detail) in cases {
        server.post(routes::AUTH_SIGNUP, &[], &with(changes)).await.refused(status, code, detail);
    }
    let body = server.post(routes::AUTH_SIGNUP, &[], &with(json!({"phone_number": "guest"}))).await.expect(400);
    assert_eq!(body["code"], json!("invalid_phone"));
    let mut tx = server.state.read().await.unwrap();
    assert_eq!(tx.customer_count().await.unwrap(), 1, "a refused sign-up makes no customer");
}

#[tokio::test]
async fn a_password_is_never_repeated_in_an_answer() {
    let server = TestServer::start().await;
    for body in [
        json!({"phone_number": ["secret words"], "password": "secret words"}),
        json!({"password": "secret words"}),
        with(json!({"password": "aaaabbbb"})),
    ] {
        let reply = server.post(routes::AUTH_SIGNUP, &[], &body).await;
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(reply.status.is_client_error());
        assert!(!text.contains("secret words") && !text.contains("aaaabbbb"), "{text}");
    }
}

#[tokio::test]
async fn a_login_goes_on_with_the_live_session() {
    let server = TestServer::start().await;
    let signed_up = server.post(routes::AUTH_SIGNUP, &[], &form()).await.expect(201);
    let login = json!({"phone_number": "+12025550150", "password": PASSWORD, "channel": "website"});
    let body = server.post(routes::AUTH_LOGIN, &[], &login).await.expect(200);
    assert_eq!((&body["success"], &body["message"]), (&json!(true), &json!("Login successful")));
    assert_eq!(body["session_token"], signed_up["session_token"]);
    let login = json!({"phone_number": "+12025550150", "password": PASSWORD, "channel": "kiosk"});
    let body = server.post(routes::AUTH_LOGIN, &[], &login).await.expect(200);
    assert_eq!(body["session"]["data"]["channels"], json!(["web", "kiosk"]));
    assert_eq!(body["customer"]["customer_id"], json!("902"));
}

#[tokio::test]
async fn unknown_account_wrong_password_and_no_password_are_told_alike() {
    let server = TestServer::start().await;
    server.post(routes::AUTH_SIGNUP, &[], &form()).await.expect(201);
    for (phone, password) in
        [("2025550150", "wrong password"), ("2025550101", PASSWORD), ("2025550177", PASSWORD), ("guest", PASSWORD)]
    {
        let reply = server.post(routes::AUTH_LOGIN, &[], &json!({"phone_number": phone, "password": password})).await;
        reply.refused(401, "invalid_credentials", "Invalid phone number or password");
        server.pass(Duration::from_hours(1));
    }
    for body in [json!({"phone_number": " ", "password": PASSWORD}), json!({"phone_number": "2025550150", "password": ""})] {
        server.post(routes::AUTH_LOGIN, &[], &body).await.refused(400, "bad_request", "Phone and password are required");
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_and_says_how_long() {
    let server = TestServer::start().await;
    server.post(routes::AUTH_SIGNUP, &[], &form()).await.expect(201);
    let guess = async |password: &str| {
        server.post(routes::AUTH_LOGIN, &[], &json!({"phone_number": "2025550150", "password": password})).await
    };
    for _ in 0..3 {
        assert_eq!(guess("wrong password").await.status.as_u16(), 401);
    }
    let reply = guess(PASSWORD).await;
    assert_eq!(reply.expect(429)["code"], json!("rate_limited"));
    assert_eq!(reply.headers["retry-after"], "7");
    server.pass(Duration::from_secs(6));
    guess(PASSWORD).await.expect(200);
    guess("wrong password").await.expect(401);
    guess(PASSWORD).await.expect(200);
}

#[tokio::test]
async fn logout_is_final_and_may_be_repeated() {
    let server = TestServer::start().await;
    let body = server.post(routes::AUTH_SIGNUP, &[], &form()).await.expect(201);
    let token = body["session_token"].as_str().unwrap();
    let session_id = &body["session"]["session_id"];
    for _ in 0..2 {
        let request =
            crate::testing::request("POST", routes::AUTH_LOGOUT, &[(TOKEN, token)]).body(axum::body::Body::empty()).unwrap();
        let reply = server.send(request).await.expect(200);
        assert_eq!(reply, json!({"success": true, "message": "Logged out successfully", "session_id": session_id}));
    }
    server.get(routes::SESSION_RESTORE, &[(TOKEN, token)]).await.refused(404, "session_expired", "Session not found");
    server.post(routes::AUTH_LOGOUT, &[], &json!({})).await.refused(400, "bad_request", "Missing X-Session-Token header");
    let sentence = "Session not found or already logged out";
    server.post(routes::AUTH_LOGOUT, &[(TOKEN, "nobody")], &json!({})).await.refused(404, "session_not_found", sentence);
}

#[tokio::test]
async fn the_health_of_sign_in_is_told() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/auth/health", &[]).await.expect(200), json!({"status": "healthy", "service": "auth"}));
}
