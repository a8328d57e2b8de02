//! A code on a phone brings its session to a kiosk.

use std::time::Duration;

use protocol::{routes, session::Assurance};
use serde_json::{Value, json};

use crate::testing::TestServer;

const TOKEN: &str = "x-session-token";

async fn init(server: &TestServer, token: &str) -> Value {
    server.post(routes::AUTH_QR_INIT, &[(TOKEN, token)], &json!({"phone_number": "2025550150"})).await.expect(200)
}

#[tokio::test]
async fn a_scanned_code_brings_the_session_to_the_kiosk() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    let token = server.signed_up("2025550150").await;
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    let code = init(&server, &token).await;
    let qr_token = code["qr_token"].as_str().unwrap();
    assert!(qr_token.len() == 64 && qr_token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{qr_token}");
    let expires_at = server.state.lifetimes.now().plus(Duration::from_mins(1)).to_string();
    assert_eq!(
        code,
        json!({"success": true, "qr_token": qr_token, "customer_id": "902", "message": "QR token generated successfully",
            "expires_in": 60, "expires_at": expires_at})
    );
    for file in std::fs::read_dir(&server.state.config.data).unwrap() {
        let path = file.unwrap().path();
        assert!(path.is_dir() || !std::fs::read(&path).unwrap().windows(64).any(|window| window == qr_token.as_bytes()));
    }

    let body = json!({"qr_token": qr_token, "channel": "kiosk", "phone_number": "+1 202 555 0150"});
    let verified = server.post_from(&kiosk, routes::AUTH_QR_VERIFY, None, &body).await.expect(200);
    assert_eq!((&verified["success"], &verified["message"]), (&json!(true), &json!("QR authentication successful")));
    assert_eq!((&verified["session_token"], &verified["customer"]["name"]), (&json!(token), &json!("Ravi Sample")));
    assert_eq!(verified["session"]["data"]["channels"], json!(["web", "kiosk"]));
    assert_eq!(verified["session"]["data"]["cart"][0]["sku"], json!("SKU-1"));
    assert_eq!(verified["session"]["assurance"], json!("qr"));
    let hold = server.state.read().await.unwrap().kiosk_session_of(kiosk.id).await.unwrap().unwrap();
    assert_eq!(hold.assurance, Assurance::Qr);
    server.get_from(&kiosk, routes::SESSION_RESTORE, Some(&token)).await.expect(200);
    let again = server.post_from(&kiosk, routes::AUTH_QR_VERIFY, None, &body).await;
    again.refused(401, "invalid_qr_token", "Invalid QR token");
}

#[tokio::test]
async fn only_an_enrolled_kiosk_uses_a_code_up() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let code = init(&server, &token).await;
    let body = json!({"qr_token": code["qr_token"]});
    let reply = server.post(routes::AUTH_QR_VERIFY, &[(TOKEN, &token)], &body).await;
    assert_eq!(reply.expect(403)["code"], json!("kiosk_not_enrolled"));
    let kiosk = server.kiosk("S01").await;
    let mut tx = server.state.write().await.unwrap();
    tx.remove_device(kiosk.id).await.unwrap();
    tx.commit().await.unwrap();
    let reply = server.post_from(&kiosk, routes::AUTH_QR_VERIFY, None, &body).await;
    assert_eq!(reply.expect(403)["code"], json!("kiosk_not_enrolled"));
    let kiosk = server.kiosk("S01").await;
    let other = json!({"qr_token": code["qr_token"], "phone_number": "2025550101"});
    let reply = server.post_from(&kiosk, routes::AUTH_QR_VERIFY, None, &other).await;
    assert_eq!(reply.expect(403)["code"], json!("phone_mismatch"));
    server.post_from(&kiosk, routes::AUTH_QR_VERIFY, None, &body).await.expect(200);
}

#[tokio::test]
async fn unknown_used_replaced_and_expired_codes_look_alike() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    let token = server.signed_up("2025550150").await;
    let refused = async |qr_token: &Value| {
        let reply = server.post_from(&kiosk, routes::AUTH_QR_VERIFY, None, &json!({"qr_token": qr_token})).await;
        reply.refused(401, "invalid_qr_token", "Invalid QR token");
    };
    refused(&json!("f".repeat(64))).await;
    refused(&json!("x".repeat(5_000))).await;
    let first = init(&server, &token).await["qr_token"].clone();
    let second = init(&server, &token).await["qr_token"].clone();
    refused(&first).await;
    server.pass(Duration::from_mins(1));
    refused(&second).await;
    let third = init(&server, &token).await["qr_token"].clone();
    server.post(routes::SESSION_END, &[(TOKEN, &token)], &json!({})).await.expect(200);
    refused(&third).await;
    let blank = server.post_from(&kiosk, routes::AUTH_QR_VERIFY, None, &json!({"qr_token": " "})).await;
    blank.refused(400, "bad_request", "QR token is required");
    let absent = server.post_from(&kiosk, routes::AUTH_QR_VERIFY, None, &json!({})).await;
    absent.refused(422, "validation_error", "qr_token is required");
}

#[tokio::test]
async fn two_kiosks_that_scan_at_once_are_one_too_many() {
    let server = TestServer::start().await;
    let (one, two) = (server.kiosk("S01").await, server.kiosk("S02").await);
    let token = server.signed_up("2025550150").await;
    let body = json!({"qr_token": init(&server, &token).await["qr_token"]});
    let scan = async |kiosk| server.post_from(kiosk, routes::AUTH_QR_VERIFY, None, &body).await.status.as_u16();
    let (first, second) = tokio::join!(scan(&one), scan(&two));
    assert_eq!((first.min(second), first.max(second)), (200, 401));
}

#[tokio::test]
async fn a_code_is_for_a_customer_who_is_signed_in() {
    let server = TestServer::start().await;
    let ask = async |headers: &[(&str, &str)], body: Value| server.post(routes::AUTH_QR_INIT, headers, &body).await;
    let nobody = ask(&[], json!({})).await;
    nobody.refused(401, "authentication_required", "Must be logged in to generate QR code");
    ask(&[(TOKEN, "made up")], json!({})).await.refused(401, "session_not_found", "Invalid session");
    let guest = server.guest().await;
    ask(&[(TOKEN, &guest)], json!({})).await.refused(400, "customer_required", "Customer ID not found in session");
    let token = server.signed_up("2025550150").await;
    let other = ask(&[(TOKEN, &token)], json!({"phone_number": "2025550101"})).await.expect(403);
    assert_eq!(other["code"], json!("phone_mismatch"));
    let wrong = ask(&[(TOKEN, &token)], json!({"phone_number": "5550101"})).await.expect(400);
    assert_eq!(wrong["code"], json!("invalid_phone"));
    ask(&[(TOKEN, &token)], json!({})).await.expect(200);
    server.post(routes::SESSION_END, &[(TOKEN, &token)], &json!({})).await.expect(200);
    ask(&[(TOKEN, &token)], json!({})).await.refused(401, "session_expired", "Session is not active");
}
