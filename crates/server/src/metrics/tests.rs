use axum::response::IntoResponse as _;
use protocol::routes;
use serde_json::json;
use server_store::StoreError;

use super::Trouble;
use crate::{
    http::Failure,
    testing::{TestServer, request},
};

/// The value of a figure, as this machine reads it.
async fn figure(server: &TestServer, name: &str) -> Option<f64> {
    let text = text(server).await;
    let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
    line.and_then(|line| line.rsplit(' ').next()).map(|value| value.parse().unwrap())
}

async fn text(server: &TestServer) -> String {
    let mut request = request("GET", routes::METRICS, &[]).body(axum::body::Body::empty()).unwrap();
    request.extensions_mut().insert(axum::extract::ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 40_000))));
    let reply = server.send(request).await;
    assert_eq!(reply.status, 200);
    assert!(reply.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    String::from_utf8(reply.body.to_vec()).unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_route_method_and_status_and_nobody_is_named() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550148").await;
    for _ in 0..3 {
        server.get(routes::SESSION_RESTORE, &[("x-session-token", &token)]).await.expect(200);
    }
    server.get("/products/SKU-9", &[]).await.expect(404);
    server.get("/nothing/2025550148", &[]).await.expect(404);
    let restored = r#"vitrine_http_requests_total{method="GET",route="/session/restore",status="200"}"#;
    assert_eq!(figure(&server, restored).await, Some(3.0));
    let timed = r#"vitrine_http_request_seconds_count{method="GET",route="/session/restore"}"#;
    assert_eq!(figure(&server, timed).await, Some(3.0));
    let product = r#"vitrine_http_requests_total{method="GET",route="/products/{sku}",status="404"}"#;
    assert_eq!(figure(&server, product).await, Some(1.0));
    assert_eq!(figure(&server, r#"vitrine_http_requests_total{method="-",route="-",status="404"}"#).await, Some(1.0));
    let text = text(&server).await;
    for secret in ["2025550148", "Ravi", "SKU-9", &token] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_goes_wrong_is_counted() {
    let server = TestServer::start_with(|config| config.bounds.anonymous_changes = 5).await;
    let token = server.signed_up("2025550148").await;
    let wrong = json!({"phone_number": "2025550101", "password": "wrong password"});
    for _ in 0..6 {
        server.post(routes::AUTH_LOGIN, &[], &wrong).await;
    }
    assert_eq!(figure(&server, "vitrine_sign_ins_refused_total").await, Some(1.0));
    assert_eq!(figure(&server, "vitrine_anonymous_calls_refused_total").await, Some(2.0));

    let body = json!({"action": "chat_message", "payload": {"sender": "user", "message": "Hello"}});
    for _ in 0..2 {
        server.post(routes::SESSION_UPDATE, &[("x-session-token", &token), ("idempotency-key", "one")], &body).await.expect(200);
    }
    assert_eq!(figure(&server, "vitrine_answers_replayed_total").await, Some(1.0));
    assert!(figure(&server, "vitrine_events_total").await.is_some());

    assert_eq!(figure(&server, "vitrine_database_up").await, Some(1.0));
    server.state.store.close().await;
    assert_eq!(figure(&server, "vitrine_database_up").await, Some(0.0));
    server.state.metrics.troubled(Trouble::Away);
    assert_eq!(figure(&server, r#"vitrine_database_troubles_total{kind="away"}"#).await, Some(1.0));
    assert_eq!(figure(&server, r#"vitrine_database_troubles_total{kind="busy"}"#).await, Some(0.0));
}

#[test]
fn an_answer_says_what_the_database_did_to_whoever_counts() {
    let trouble = |error: StoreError| Failure::from(error).into_response().extensions().get::<Trouble>().copied();
    assert_eq!(trouble(StoreError::Busy("held".into())), Some(Trouble::Busy));
    assert_eq!(trouble(StoreError::Unreachable("gone".into())), Some(Trouble::Away));
    assert_eq!(trouble(StoreError::Missing), None);
}

#[tokio::test]
async fn the_state_of_the_program_is_shown() {
    let server = TestServer::start().await;
    assert!(figure(&server, "process_resident_memory_bytes").await.is_some_and(|bytes| bytes > 1e6));
    assert!(figure(&server, "process_open_fds").await.is_some_and(|files| files > 2.0));
    assert_eq!(figure(&server, &format!(r#"vitrine_build_info{{version="{}"}}"#, env!("CARGO_PKG_VERSION"))).await, Some(1.0));
    for name in [
        "vitrine_http_requests_under_way",
        "vitrine_connections_open",
        "vitrine_streams_open",
        "vitrine_sessions_in_memory",
        "vitrine_passwords_waiting",
        "vitrine_stopping",
    ] {
        assert!(figure(&server, name).await.is_some(), "{name}");
    }
}

#[tokio::test]
async fn others_find_no_figures() {
    let server = TestServer::start().await;
    server.get(routes::METRICS, &[]).await.refused(404, "not_found", "Not Found");
}
