use protocol::routes;
use serde_json::json;

use crate::testing::TestServer;

#[tokio::test]
async fn a_server_with_its_database_is_ready() {
    let server = TestServer::start().await;
    for path in ["/ready", "/ready/"] {
        assert_eq!(server.get(path, &[]).await.expect(200), json!({"status": "ready"}), "{path}");
    }
}

#[tokio::test]
async fn a_server_that_is_stopping_sends_callers_elsewhere_and_lives_on() {
    let server = TestServer::start().await;
    server.state.shutdown.cancel();
    server.get(routes::READY, &[]).await.refused(503, "service_unavailable", "The server is stopping.");
    assert_eq!(server.get(routes::HEALTH, &[]).await.expect(200)["ready"], json!(false));
}

#[tokio::test]
async fn a_server_without_its_database_is_alive_but_not_ready() {
    let server = TestServer::start().await;
    server.state.store.close().await;
    server.get(routes::READY, &[]).await.refused(503, "service_unavailable", "The database does not answer.");
    assert_eq!(server.get(routes::HEALTH, &[]).await.expect(200), json!({"status": "healthy", "ready": false, "samples": false}));
}
