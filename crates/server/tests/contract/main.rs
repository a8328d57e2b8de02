//! Every documented request, as tables: who sends what, and the status and shape that come back. Each table runs on each
//! database, in a place of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod absurd;
mod accounts;
mod away;
mod bad_input;
mod chat;
mod coverage;
mod kiosks;
mod people;
mod place;
mod refusals;
mod repeated;
mod sentences;
mod shape;
mod shop;
mod spoken;
mod table;
mod voice;

use place::{Database, Place};
use table::Row;

const TABLES: &[&[Row]] = &[
    table::ROWS,
    people::ROWS,
    accounts::ROWS,
    spoken::ROWS,
    shop::ROWS,
    absurd::ROWS,
    chat::ROWS,
    voice::ROWS,
    refusals::ROWS,
    sentences::ROWS,
    kiosks::ROWS,
];

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
async fn contract_voice_on_sqlite() {
    run(Database::Sqlite, voice::ROWS).await;
}

#[tokio::test]
async fn contract_voice_on_postgres() {
    run(Database::Postgres, voice::ROWS).await;
}

#[tokio::test]
async fn contract_accounts_on_sqlite() {
    run(Database::Sqlite, accounts::ROWS).await;
}

#[tokio::test]
async fn contract_accounts_on_postgres() {
    run(Database::Postgres, accounts::ROWS).await;
}

#[tokio::test]
async fn contract_spoken_on_sqlite() {
    run(Database::Sqlite, spoken::ROWS).await;
}

#[tokio::test]
async fn contract_spoken_on_postgres() {
    run(Database::Postgres, spoken::ROWS).await;
}

#[tokio::test]
async fn contract_shop_on_sqlite() {
    run(Database::Sqlite, shop::ROWS).await;
}

#[tokio::test]
async fn contract_shop_on_postgres() {
    run(Database::Postgres, shop::ROWS).await;
}

#[tokio::test]
async fn contract_absurd_values_on_sqlite() {
    run(Database::Sqlite, absurd::ROWS).await;
}

#[tokio::test]
async fn contract_absurd_values_on_postgres() {
    run(Database::Postgres, absurd::ROWS).await;
}

#[tokio::test]
async fn contract_refusals_on_sqlite() {
    run(Database::Sqlite, refusals::ROWS).await;
}

#[tokio::test]
async fn contract_refusals_on_postgres() {
    run(Database::Postgres, refusals::ROWS).await;
}

#[tokio::test]
async fn contract_sentences_on_sqlite() {
    run(Database::Sqlite, sentences::ROWS).await;
}

#[tokio::test]
async fn contract_sentences_on_postgres() {
    run(Database::Postgres, sentences::ROWS).await;
}

#[tokio::test]
async fn contract_kiosks_on_sqlite() {
    run(Database::Sqlite, kiosks::ROWS).await;
}

#[tokio::test]
async fn contract_kiosks_on_postgres() {
    run(Database::Postgres, kiosks::ROWS).await;
}

#[tokio::test]
async fn contract_repeated_requests_on_sqlite() {
    repeated::twice(Database::Sqlite).await;
    repeated::reordered(Database::Sqlite).await;
}

#[tokio::test]
async fn contract_repeated_requests_on_postgres() {
    repeated::twice(Database::Postgres).await;
    repeated::reordered(Database::Postgres).await;
}

#[tokio::test]
async fn contract_bad_input_on_sqlite() {
    bad_input::run(Database::Sqlite).await;
}

#[tokio::test]
async fn contract_bad_input_on_postgres() {
    bad_input::run(Database::Postgres).await;
}

#[tokio::test]
async fn contract_chat_on_sqlite() {
    run(Database::Sqlite, chat::ROWS).await;
}

#[tokio::test]
async fn contract_chat_on_postgres() {
    run(Database::Postgres, chat::ROWS).await;
}

#[test]
fn contract_every_status_and_code_of_a_refusal_is_in_the_closed_list() {
    for row in TABLES.iter().copied().flatten().filter(|row| row.status >= 400) {
        let code: protocol::ErrorCode = serde_json::from_value(row.shape.into()).unwrap();
        assert_ne!(code, protocol::ErrorCode::Unknown, "{} {}: {}", row.method, row.path, row.shape);
    }
}
