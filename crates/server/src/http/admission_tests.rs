//! The limit on calls that bring no credential.

use std::time::Duration;

use protocol::{Clock as _, routes};
use serde_json::json;

use crate::testing::{Reply, TestServer};

async fn server(reads: u32, changes: u32) -> TestServer {
    TestServer::start_with(|config| {
        config.bounds.anonymous_reads = reads;
        config.bounds.anonymous_changes = changes;
        config.proxies = vec![[192, 0, 2, 1].into()];
    })
    .await
}

fn number(reply: &Reply, name: &str) -> Option<i64> {
    reply.headers.get(name).map(|value| value.to_str().unwrap().parse().unwrap())
}

#[track_caller]
fn standing(reply: &Reply) -> (i64, i64) {
    (number(reply, "x-ratelimit-limit").unwrap(), number(reply, "x-ratelimit-remaining").unwrap())
}

const HERE: (&str, &str) = ("x-forwarded-for", "203.0.113.7");
const THERE: (&str, &str) = ("x-forwarded-for", "203.0.113.8");

#[tokio::test]
async fn an_address_is_told_what_it_has_left_and_when_it_may_come_again() {
    let server = server(3, 2).await;
    let now = server.clock.now().unix_seconds();
    for left in [2, 1, 0] {
        let reply = server.get("/products", &[HERE]).await;
        assert_eq!((reply.status.as_u16(), standing(&reply)), (200, (3, left)));
        assert_eq!(number(&reply, "x-ratelimit-reset"), Some(now + 20 * (3 - left)));
    }
    let reply = server.get("/health", &[HERE]).await;
    assert_eq!(standing(&reply), (3, 0));
    assert_eq!(reply.headers["retry-after"], "20");
    let body = reply.expect(429);
    assert_eq!((&body["code"], &body["retry_after"]), (&json!("rate_limited"), &json!(20)));
    assert_eq!(body["detail"], json!("Too many requests from this address. Try again in 20 s."));

    assert_eq!(standing(&server.get("/nothing", &[THERE]).await), (3, 2), "another address, and addresses that are not there");
    let login = json!({"phone_number": "2025550101", "password": "wrong"});
    assert_eq!(standing(&server.post(routes::AUTH_LOGIN, &[HERE], &login).await), (2, 1), "changes are counted apart");
    server.pass(Duration::from_secs(20));
    server.get("/products", &[HERE]).await.expect(200);
}

#[tokio::test]
async fn who_shows_a_credential_is_not_counted_with_those_who_do_not() {
    let server = server(1, 10).await;
    let token = server.guest().await;
    for _ in 0..3 {
        let reply = server.get(routes::SESSION_RESTORE, &[HERE, ("x-session-token", &token)]).await;
        assert_eq!(reply.status, 200);
        assert_eq!(number(&reply, "x-ratelimit-limit"), None);
    }
    // A header that the address does not take is no credential there.
    server.get("/products", &[HERE, ("x-session-token", &token)]).await.expect(200);
    server.get("/products", &[HERE, ("x-session-token", &token)]).await.expect(429);
}

#[tokio::test]
async fn who_tries_tokens_is_counted_and_holds_nobody_up() {
    let server = server(2, 10).await;
    let token = server.guest().await;
    let guess = async |last: u8| {
        let token = format!("{last:032x}");
        server.get(routes::SESSION_RESTORE, &[HERE, ("x-session-token", &token)]).await
    };
    for last in 1..=2 {
        guess(last).await.expect(404);
    }
    let reply = guess(3).await;
    assert_eq!(standing(&reply), (2, 0));
    reply.expect(429);
    server.get(routes::SESSION_RESTORE, &[HERE, ("x-session-token", &token)]).await.expect(200);
}

#[tokio::test]
async fn an_operator_may_switch_the_limit_off() {
    let server = server(0, 0).await;
    for _ in 0..20 {
        let reply = server.get("/products", &[HERE]).await;
        assert_eq!((reply.status.as_u16(), number(&reply, "x-ratelimit-limit")), (200, None));
    }
}

#[tokio::test]
async fn a_listed_proxy_names_the_request_and_nobody_else_does() {
    let server = server(100, 100).await;
    let given = "0b0c7a3e-3f0e-4f57-9d0a-8f4b8f3f1b11";
    assert_eq!(server.get("/health", &[("x-request-id", given)]).await.headers["x-request-id"], given);
    for wrong in ["x", "two words here", "{\"a\":1,\"b\":2}"] {
        assert_ne!(server.get("/health", &[("x-request-id", wrong)]).await.headers["x-request-id"], wrong);
    }
    let without = TestServer::start().await;
    assert_ne!(without.get("/health", &[("x-request-id", given)]).await.headers["x-request-id"], given);
}
