//! What can still be read of a damaged outbox goes into the new one; the rest stays in the file that is set aside.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use sqlx::{
    Connection as _, Row as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

use super::outbox;
use crate::StoreError;

/// Rows of a damaged outbox.
#[derive(Default)]
pub(super) struct Salvage {
    rows: Vec<Row>,
    settings: Vec<(String, String)>,
}

/// A row as it stands in the file, whether this program understands it or not.
struct Row {
    seq: i64,
    key: Vec<u8>,
    kiosk_session_id: Vec<u8>,
    made_at: String,
    body: String,
    state: String,
    reason: Option<String>,
}

impl Salvage {
    /// How many changes were saved.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }
}

/// Reads from both ends towards the damage. Each page carries a seal of its own, so what can be read is right.
pub(super) async fn salvage(options: &SqliteConnectOptions) -> Salvage {
    let mut saved = Salvage::default();
    for statement in ["SELECT * FROM outbox ORDER BY seq", "SELECT * FROM outbox ORDER BY seq DESC"] {
        let known: BTreeSet<i64> = saved.rows.iter().map(|row| row.seq).collect();
        saved.rows.extend(
            rows(options, statement).await.iter().filter_map(|row| read(row).ok()).filter(|row| !known.contains(&row.seq)),
        );
    }
    saved.rows.sort_by_key(|row| row.seq);
    for row in rows(options, "SELECT name, value FROM setting").await {
        if let (Ok(name), Ok(value)) = (row.try_get("name"), row.try_get("value")) {
            saved.settings.push((name, value));
        }
    }
    saved
}

/// The rows up to the first that cannot be read. A connection that came upon damage reads nothing any more, so each gets its own.
async fn rows(options: &SqliteConnectOptions, statement: &'static str) -> Vec<SqliteRow> {
    let Ok(mut connection) = SqliteConnection::connect_with(options).await else { return Vec::new() };
    let mut found = Vec::new();
    let mut rows = sqlx::query(statement).fetch(&mut connection);
    while let Ok(Some(row)) = rows.try_next().await {
        found.push(row);
    }
    drop(rows);
    // The file is moved next, so nothing must hold it any more; whether it closes well is no matter.
    let _ = connection.close().await;
    found
}

fn read(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    Ok(Row {
        seq: row.try_get("seq")?,
        key: row.try_get("key")?,
        kiosk_session_id: row.try_get("kiosk_session_id")?,
        made_at: row.try_get("made_at")?,
        body: row.try_get("body")?,
        state: row.try_get("state")?,
        reason: row.try_get("reason")?,
    })
}

/// Puts what was saved into a new outbox, at the places it had.
pub(super) async fn restore(connection: &mut SqliteConnection, saved: &Salvage) -> Result<(), StoreError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    for row in &saved.rows {
        sqlx::query(
            "INSERT INTO main.outbox (seq, key, kiosk_session_id, made_at, body, state, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(row.seq)
        .bind(&row.key)
        .bind(&row.kiosk_session_id)
        .bind(&row.made_at)
        .bind(&row.body)
        .bind(&row.state)
        .bind(&row.reason)
        .execute(&mut *tx)
        .await?;
    }
    for (name, value) in &saved.settings {
        outbox::set(&mut tx, name, value).await?;
    }
    tx.commit().await?;
    Ok(())
}
