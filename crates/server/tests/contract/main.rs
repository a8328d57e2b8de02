//! Every documented request of the omni-channel API, as a table: who sends what, and the status and shape that come back.
//! The table runs on each database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod place;
mod shape;
mod table;

use place::{Database, Place};

async fn run(database: Database) {
    let mut place = Place::open(database).await;
    for row in table::ROWS {
        place.send(row).await;
    }
}

#[tokio::test]
async fn contract_omni_channel_on_sqlite() {
    run(Database::Sqlite).await;
}

#[tokio::test]
async fn contract_omni_channel_on_postgres() {
    run(Database::Postgres).await;
}

#[test]
fn contract_every_status_and_code_of_a_refusal_is_in_the_closed_list() {
    for row in table::ROWS.iter().filter(|row| row.status >= 400) {
        let code: protocol::ErrorCode = serde_json::from_value(row.shape.into()).unwrap();
        assert_ne!(code, protocol::ErrorCode::Unknown, "{} {}: {}", row.method, row.path, row.shape);
    }
}
