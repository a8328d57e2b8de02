//! The session endpoints as their documents describe them.

mod action;
mod life;
mod live;
mod memory;
mod trusted;

use std::time::Duration;

use protocol::routes;
use serde_json::Value;

use crate::testing::TestServer;

const DAY: Duration = Duration::from_hours(24);
const TOKEN: &str = "x-session-token";

async fn restored(server: &TestServer, token: &str) -> Value {
    server.get(routes::SESSION_RESTORE, &[(TOKEN, token)]).await.expect(200)["session"].clone()
}
