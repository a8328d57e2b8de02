//! Statements on `outbox.db`.

use protocol::{
    ApiError, Timestamp,
    ids::{KioskSessionId, OpKey},
    sync::{Op, Refusal},
};
use sqlx::{Executor, Row as _, Sqlite, SqliteConnection, SqlitePool, sqlite::SqliteRow};
use uuid::Uuid;

use crate::{Stats, StoreError, Wedged};

/// The hold that was begun and not ended.
pub(super) const HOLD: &str = "hold";
/// Refused changes that are kept for staff to see.
const WEDGED_KEPT: i64 = 200;

/// Reads the whole file once. A wrong key or a damaged page shows here, not when connecting.
pub(super) async fn probe(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("SELECT count(*) FROM main.sqlite_master").fetch_one(&mut *connection).await?;
    let verdict: String = sqlx::query_scalar("PRAGMA main.quick_check(1)").fetch_one(&mut *connection).await?;
    if verdict == "ok" { Ok(()) } else { Err(damage()) }
}

/// What was found without SQLite's own error, in the shape of one.
pub(super) fn damage() -> StoreError {
    StoreError::Database(sqlx::Error::Database(Box::new(Damage)))
}

#[derive(Debug, thiserror::Error)]
#[error("the file is damaged")]
struct Damage;

impl sqlx::error::DatabaseError for Damage {
    fn message(&self) -> &'static str {
        "the file is damaged"
    }

    fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some("11".into())
    }

    fn kind(&self) -> sqlx::error::ErrorKind {
        sqlx::error::ErrorKind::Other
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }
}

pub(super) async fn get(readers: &SqlitePool, name: &str) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar("SELECT value FROM setting WHERE name = ?").bind(name).fetch_optional(readers).await?)
}

pub(super) async fn set(connection: &mut SqliteConnection, name: &str, value: &str) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name)
        .bind(value)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn unset(connection: &mut SqliteConnection, name: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM setting WHERE name = ?").bind(name).execute(connection).await?;
    Ok(())
}

pub(super) async fn insert(connection: &mut SqliteConnection, op: &Op) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO outbox (key, kiosk_session_id, made_at, body) VALUES (?, ?, ?, ?)")
        .bind(op.key.0)
        .bind(op.kiosk_session_id.0)
        .bind(op.made_at.to_string())
        .bind(serde_json::to_string(&op.body)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Which conversations' changes are wanted.
pub(super) enum Which<'a> {
    /// All but these.
    Without(&'a [KioskSessionId]),
    /// This one's.
    Of(KioskSessionId),
}

/// The oldest readable changes of the conversations, and the places of those that this program cannot read.
pub(super) async fn pending(readers: &SqlitePool, limit: usize, which: &Which<'_>) -> Result<(Vec<Op>, Vec<i64>), StoreError> {
    let (of, without) = match which {
        Which::Without(held_up) => (None, *held_up),
        Which::Of(conversation) => (Some(conversation.0), &[][..]),
    };
    let without = serde_json::to_string(&without.iter().map(|hold| hold.0.simple().to_string()).collect::<Vec<_>>())?;
    let (mut ops, mut unreadable, mut last) = (Vec::new(), Vec::new(), 0_i64);
    while ops.len() < limit {
        let wanted = limit - ops.len();
        let rows = sqlx::query(
            "SELECT seq, key, kiosk_session_id, made_at, body FROM outbox
             WHERE state = 'waiting' AND seq > ?1 AND (?2 IS NULL OR kiosk_session_id = ?2)
             AND kiosk_session_id NOT IN (SELECT unhex(value) FROM json_each(?3))
             ORDER BY seq LIMIT ?4",
        )
        .bind(last)
        .bind(of)
        .bind(&without)
        .bind(i64::try_from(wanted).unwrap_or(i64::MAX))
        .fetch_all(readers)
        .await?;
        for row in &rows {
            last = row.try_get("seq")?;
            match read(row) {
                Some(op) => ops.push(op),
                None => unreadable.push(last),
            }
        }
        if rows.len() < wanted {
            break;
        }
    }
    Ok((ops, unreadable))
}

/// A change, or none where the row is one of a newer program: it waits for that program and blocks nothing.
fn read(row: &SqliteRow) -> Option<Op> {
    Some(Op {
        key: OpKey(row.try_get("key").ok()?),
        kiosk_session_id: KioskSessionId(row.try_get("kiosk_session_id").ok()?),
        made_at: timestamp(row.try_get("made_at").ok()?).ok()?,
        body: serde_json::from_str(row.try_get("body").ok()?).ok()?,
    })
}

pub(super) async fn settle(connection: &mut SqliteConnection, applied: &[OpKey], refused: &[Refusal]) -> Result<(), StoreError> {
    for key in applied {
        sqlx::query("DELETE FROM outbox WHERE key = ?").bind(key.0).execute(&mut *connection).await?;
    }
    for Refusal { key, error, .. } in refused {
        sqlx::query("UPDATE outbox SET state = 'wedged', reason = ?, body = '' WHERE key = ?")
            .bind(serde_json::to_string(error)?)
            .bind(key.0)
            .execute(&mut *connection)
            .await?;
    }
    if !refused.is_empty() {
        sqlx::query(
            "DELETE FROM outbox WHERE state = 'wedged'
             AND seq NOT IN (SELECT seq FROM outbox WHERE state = 'wedged' ORDER BY seq DESC LIMIT ?)",
        )
        .bind(WEDGED_KEPT)
        .execute(connection)
        .await?;
    }
    Ok(())
}

pub(super) async fn truncate_logs(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for statement in ["PRAGMA cache.wal_checkpoint(TRUNCATE)", "PRAGMA main.wal_checkpoint(TRUNCATE)"] {
        // Busy is reported in the row, not as an error: a reader of the outbox may hold the log a moment longer.
        sqlx::query(statement).fetch_one(&mut *connection).await?;
    }
    Ok(())
}

/// How the outbox is doing, as far as the file tells.
pub(super) async fn stats(readers: &SqlitePool) -> Result<Stats, StoreError> {
    let row = sqlx::query("SELECT count(*) AS waiting, min(made_at) AS oldest FROM outbox WHERE state = 'waiting'")
        .fetch_one(readers)
        .await?;
    Ok(Stats {
        waiting: row.try_get::<i64, _>("waiting")?.unsigned_abs(),
        oldest: row.try_get::<Option<&str>, _>("oldest")?.map(timestamp).transpose()?,
        wedged: wedged(readers).await?,
        ..Stats::default()
    })
}

async fn wedged(executor: impl Executor<'_, Database = Sqlite>) -> Result<Vec<Wedged>, StoreError> {
    sqlx::query("SELECT key, made_at, reason FROM outbox WHERE state = 'wedged' ORDER BY seq DESC")
        .try_map(|row: SqliteRow| {
            let reason: ApiError =
                serde_json::from_str(row.try_get("reason")?).map_err(|_| sqlx::Error::Decode("a refusal's reason".into()))?;
            Ok(Wedged { key: OpKey(row.try_get::<Uuid, _>("key")?), made_at: timestamp(row.try_get("made_at")?)?, reason })
        })
        .fetch_all(executor)
        .await
        .map_err(StoreError::from)
}

fn timestamp(text: &str) -> Result<Timestamp, sqlx::Error> {
    Timestamp::parse(text).map_err(|error| sqlx::Error::Decode(error.into()))
}
