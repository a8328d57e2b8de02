//! Every documented request, as tables: who sends what, and the status and shape that come back. Each table runs on each
//! database, in a place of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod accounts;
mod people;
mod place;
mod shape;
mod table;

use place::{Database, Place};
use table::Row;

const TABLES: &[&[Row]] = &[table::ROWS, people::ROWS, accounts::ROWS];

async fn run(database: Database, rows: &[Row]) {
    let mut place = Place::open(database).await;
    for row in rows {
        place.send(row).await;
    }
}

#[tokio::test]
async fn contract_omni_channel_on_sqlite() {
    run(Database::Sqlite, table::ROWS).await;
}

#[tokio::test]
async fn contract_omni_channel_on_postgres() {
    run(Database::Postgres, table::ROWS).await;
}

#[tokio::test]
async fn contract_people_on_sqlite() {
    run(Database::Sqlite, people::ROWS).await;
}

#[tokio::test]
async fn contract_people_on_postgres() {
    run(Database::Postgres, people::ROWS).await;
}

#[tokio::test]
async fn contract_accounts_on_sqlite() {
    run(Database::Sqlite, accounts::ROWS).await;
}

#[tokio::test]
async fn contract_accounts_on_postgres() {
    run(Database::Postgres, accounts::ROWS).await;
}

#[test]
fn contract_every_status_and_code_of_a_refusal_is_in_the_closed_list() {
    for row in TABLES.iter().copied().flatten().filter(|row| row.status >= 400) {
        let code: protocol::ErrorCode = serde_json::from_value(row.shape.into()).unwrap();
        assert_ne!(code, protocol::ErrorCode::Unknown, "{} {}: {}", row.method, row.path, row.shape);
    }
}
