//! What browsers are told of pages of other sites.

use axum::{body::Body, http::HeaderMap};
use protocol::routes;
use serde_json::json;

use crate::testing::{TestServer, request};

const SHOP: &str = "https://shop.example";

async fn server() -> TestServer {
    TestServer::start_with(|config| config.origins = vec![SHOP.into()]).await
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// A page may read the answer, with cookies.
#[track_caller]
fn readable(headers: &HeaderMap, origin: &str) {
    assert_eq!(text(headers, "access-control-allow-origin"), origin);
    assert_eq!(text(headers, "access-control-allow-credentials"), "true");
    assert_eq!(text(headers, "vary"), "Origin");
}

#[track_caller]
fn unreadable(headers: &HeaderMap) {
    assert!(!headers.keys().any(|name| name.as_str().starts_with("access-control")), "{headers:?}");
}

#[tokio::test]
async fn a_site_that_is_named_reads_every_answer_whatever_its_status() {
    let server = server().await;
    let from = [("origin", SHOP)];
    for (path, status) in
        [("/products", 200), ("/products/SKU-9", 404), ("/nothing", 404), ("/session/start", 405), ("/session/restore", 400)]
    {
        let reply = server.get(path, &from).await;
        assert_eq!(reply.status.as_u16(), status, "{path}");
        readable(&reply.headers, SHOP);
        assert_eq!(
            text(&reply.headers, "access-control-expose-headers"),
            "X-Session-Auth, X-Request-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
        );
    }
    let body = json!({"phone": "2025550199"});
    readable(&server.post(routes::SESSION_START, &from, &body).await.headers, SHOP);
    server.state.store.close().await;
    let reply = server.get("/products", &from).await;
    assert!(reply.status.is_server_error(), "{}", reply.status);
    readable(&reply.headers, SHOP);
}

#[tokio::test]
async fn other_sites_read_nothing() {
    let server = server().await;
    for origin in ["https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null"] {
        let reply = server.get("/products", &[("origin", origin)]).await;
        assert_eq!(reply.status, 200, "other programs may send what they like");
        unreadable(&reply.headers);
        assert_eq!(text(&reply.headers, "vary"), "Origin", "a cache must not mix them up");
    }
    let without = TestServer::start().await;
    unreadable(&without.get("/products", &[("origin", SHOP)]).await.headers);
    unreadable(&without.get("/products", &[("origin", "http://localhost:3000")]).await.headers);
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told_what_it_may_send() {
    let server = server().await;
    let ask = async |origin: &str, headers: &str| {
        let asked = [("origin", origin), ("access-control-request-method", "POST"), ("access-control-request-headers", headers)];
        server.send(request("OPTIONS", routes::SESSION_UPDATE, &asked).body(Body::empty()).unwrap()).await
    };
    let reply = ask(SHOP, "content-type, x-session-token").await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (204, 0));
    assert_eq!(text(&reply.headers, "access-control-allow-origin"), SHOP);
    assert_eq!(text(&reply.headers, "access-control-allow-methods"), "GET, POST, PUT, PATCH, DELETE");
    let taken = text(&reply.headers, "access-control-allow-headers").to_ascii_lowercase();
    for name in
        ["content-type", "x-session-token", "x-phone", "idempotency-key", "x-idempotency-key", "x-csrftoken", "authorization"]
    {
        assert!(taken.split(", ").any(|taken| taken == name), "{name}");
    }
    for name in ["x-channel-key", "dpop", "x-forwarded-for", "x-ingest-token"] {
        assert!(!taken.contains(name), "{name}");
    }
    let vary: Vec<_> = reply.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(vary.join(", ").contains("Access-Control-Request-Headers") && vary.contains(&"Origin"), "{vary:?}");

    let reply = ask("https://evil.example", "content-type").await;
    assert_eq!(reply.expect(405)["code"], json!("method_not_allowed"));
    unreadable(&reply.headers);
}

#[tokio::test]
async fn keys_are_not_taken_from_pages_of_other_sites() {
    let server = server().await;
    let key = server.key(None, &[server_store::records::Scope::Stock]).await;
    let hold = json!({"sku": "SKU-1", "quantity": 1, "location": "online"});
    for origin in [SHOP, "https://evil.example"] {
        let reply = server.post(routes::HOLD, &[("origin", origin), ("x-channel-key", &key)], &hold).await;
        assert_eq!(reply.expect(403)["code"], json!("forbidden"), "{origin}");
        let reply = server.get("/products", &[("origin", origin), ("dpop", "x")]).await;
        assert_eq!(reply.expect(403)["code"], json!("forbidden"), "{origin}");
    }
    server.post(routes::HOLD, &[("x-channel-key", &key)], &hold).await.expect(200);
}

#[tokio::test]
async fn a_demonstration_lets_pages_of_this_machine_call() {
    let server = TestServer::start_with(|config| config.demo = true).await;
    let reply = server.get("/products", &[("origin", "http://localhost:3000")]).await;
    readable(&reply.headers, "http://localhost:3000");
    assert_eq!(text(&reply.headers, "x-vitrine-demo"), "1");
    unreadable(&server.get("/products", &[("origin", "http://localhost.evil.example")]).await.headers);
}

#[tokio::test]
async fn a_site_that_is_named_signs_its_visitors_in_and_others_do_not() {
    let server = server().await;
    let body = json!({"display_name": "Asha", "email": "asha@shop.example", "password": "walking by the river"});
    let register = async |origin: &str| {
        server.post(routes::ACCOUNT_REGISTER, &[("origin", origin), ("sec-fetch-site", "cross-site")], &body).await
    };
    assert_eq!(register("https://evil.example").await.expect(403)["code"], json!("csrf_failed"));
    assert!(register(SHOP).await.expect(201)["csrf_token"].is_string());
}
