//! What holds for every address.

use axum::body::Body;
use protocol::routes;
use serde_json::json;

use crate::testing::{TestServer, request};

#[tokio::test]
async fn health_is_told_with_and_without_a_slash() {
    let server = TestServer::start().await;
    for path in ["/health", "/health/"] {
        assert_eq!(
            server.get(path, &[]).await.expect(200),
            json!({"status": "healthy", "ready": true, "samples": true}),
            "{path}"
        );
    }
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_refused_as_json() {
    let server = TestServer::start().await;
    server.get("/nothing/here", &[]).await.refused(404, "not_found", "Not Found");
    server.get("/session/session/start", &[]).await.refused(404, "not_found", "Not Found");
    server.get(routes::SESSION_START, &[]).await.refused(405, "method_not_allowed", "Method Not Allowed");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let server = TestServer::start().await;
    let send = async |kind: Option<&str>, body: &str| {
        let headers: Vec<(&str, &str)> = kind.map(|kind| ("content-type", kind)).into_iter().collect();
        server.send(request("POST", routes::AUTH_LOGIN, &headers).body(Body::from(body.to_owned())).unwrap()).await
    };
    let json = Some("application/json; charset=utf-8");
    send(json, "{").await.refused(422, "malformed_json", "The body is not JSON; check its quotes and commas.");
    send(json, "[]").await.refused(422, "validation_error", "The body must be a JSON object.");
    send(json, "{}").await.refused(422, "validation_error", "phone_number is required");
    let sentence = "Send the body as JSON, with Content-Type: application/json.";
    send(Some("text/plain"), "{}").await.refused(422, "validation_error", sentence);
    send(None, "{}").await.refused(422, "validation_error", sentence);
    let push = request("POST", routes::SYNC_PUSH, &[("content-type", "text/plain")]).body(Body::from("{}")).unwrap();
    let body = server.send(push).await.expect(401);
    assert_eq!(body["code"], json!("invalid_proof"), "who calls is asked before what is said");
    let reply = send(json, r#"{"phone_number": 7, "password": "x"}"#).await.expect(422);
    assert_eq!(reply["errors"][0]["field"], json!("phone_number"));
    let large = format!(r#"{{"phone_number": "{}"}}"#, "1".repeat(300 * 1024));
    assert_eq!(send(json, &large).await.expect(413)["code"], json!("payload_too_large"));
}

#[tokio::test]
async fn every_answer_carries_its_request_id_and_security_headers() {
    let server = TestServer::start().await;
    let (one, two) = (server.get("/health", &[]).await, server.get("/nothing", &[]).await);
    assert_ne!(one.headers["x-request-id"], two.headers["x-request-id"]);
    for reply in [one, two] {
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
        assert_eq!(reply.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn a_proxy_that_is_trusted_names_the_caller() {
    let proxy = std::net::IpAddr::from([192, 0, 2, 1]);
    let server = TestServer::start_with(|config| config.proxies = vec![proxy]).await;
    let wrong = json!({"phone_number": "2025550101", "password": "wrong password"});
    for last in 1..=8 {
        // Each is another caller and another account, so nobody waits.
        let from = format!("203.0.113.7, 198.51.100.{last}");
        let wrong = json!({"phone_number": format!("202555017{last}"), "password": "wrong password"});
        server.post(routes::AUTH_LOGIN, &[("x-forwarded-for", &from)], &wrong).await.expect(401);
    }
    let distrusted = TestServer::start().await;
    for last in 1..=3 {
        let from = format!("198.51.100.{last}");
        distrusted.post(routes::AUTH_LOGIN, &[("x-forwarded-for", &from)], &wrong).await.expect(401);
    }
    distrusted.post(routes::AUTH_LOGIN, &[("x-forwarded-for", "198.51.100.4")], &wrong).await.expect(429);
}

#[tokio::test]
async fn what_the_router_itself_refuses_is_json_too() {
    let server = TestServer::start().await;
    for path in ["/products/%FF", "/products?limit=1&limit=2"] {
        let reply = server.get(path, &[]).await;
        assert_eq!(reply.headers["content-type"], "application/json", "{path}");
        assert_eq!(reply.expect(400)["code"], json!("bad_request"), "{path}");
    }
}
