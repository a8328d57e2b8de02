//! Statements on `cache.db`, which is attached to the writing connection as `cache`.

use std::path::Path;

use protocol::{
    ids::{Cursor, KioskSessionId, SessionId},
    kiosk_session::KioskSession,
    session::{CartLine, ChatEntry},
};
use sqlx::{Row as _, SqliteConnection};
use uuid::Uuid;

use super::files;
use crate::{CacheChange, CachedSession, Key, StoreError};

const SCHEMA: &str = "
    PRAGMA cache.journal_mode = WAL;
    PRAGMA cache.synchronous = OFF;
    PRAGMA cache.secure_delete = ON;
    PRAGMA cache.journal_size_limit = 1048576;
    CREATE TABLE IF NOT EXISTS cache.holder (
        only             INTEGER PRIMARY KEY CHECK (only = 1),
        kiosk_session_id BLOB NOT NULL,
        session_id       BLOB NOT NULL,
        customer         TEXT,
        profile          TEXT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS cache.entry (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id       BLOB NOT NULL UNIQUE,
        body     TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS cache.cart (
        position INTEGER PRIMARY KEY,
        body     TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS cache.place (
        only   INTEGER PRIMARY KEY CHECK (only = 1),
        cursor INTEGER NOT NULL
    ) STRICT;
";

/// Attaches the file; where there is none it is made.
pub(super) async fn attach(connection: &mut SqliteConnection, folder: &Path, key: &Key) -> Result<(), StoreError> {
    let file = files::cache(folder);
    sqlx::query("ATTACH DATABASE ? AS cache KEY ?")
        .bind(file.to_string_lossy().into_owned())
        .bind(key.raw().as_str())
        // A cached statement would keep the key.
        .persistent(false)
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql(SCHEMA).execute(connection).await?;
    Ok(())
}

/// Lets the file go. Where that fails there was nothing attached.
pub(super) async fn detach(connection: &mut SqliteConnection) {
    if let Err(error) = sqlx::query("DETACH DATABASE cache").persistent(false).execute(connection).await {
        tracing::debug!(%error, "no cache was attached");
    }
}

/// Moves the place in the log forward. It is here and not in the outbox so that an event costs no wait for the disk.
pub(super) async fn advance(connection: &mut SqliteConnection, cursor: Cursor) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO cache.place (only, cursor) VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET cursor = excluded.cursor
         WHERE excluded.cursor > place.cursor",
    )
    .bind(cursor.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// The place in the log.
pub(super) async fn cursor(connection: &mut SqliteConnection) -> Result<Option<Cursor>, StoreError> {
    Ok(sqlx::query_scalar("SELECT cursor FROM cache.place").fetch_optional(connection).await?.map(Cursor))
}

pub(super) async fn forget_cursor(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM cache.place").execute(connection).await?;
    Ok(())
}

pub(super) async fn replace(connection: &mut SqliteConnection, session: &KioskSession) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM cache.holder").execute(&mut *connection).await?;
    // Entries that still wait are in the outbox and stay at the end of the conversation.
    sqlx::query("DELETE FROM cache.entry WHERE id NOT IN (SELECT key FROM main.outbox WHERE state = 'waiting')")
        .execute(&mut *connection)
        .await?;
    let waiting: Vec<(Vec<u8>, String)> =
        sqlx::query_as("DELETE FROM cache.entry RETURNING id, body").fetch_all(&mut *connection).await?;
    sqlx::query("INSERT INTO cache.holder (only, kiosk_session_id, session_id, customer, profile) VALUES (1, ?, ?, ?, ?)")
        .bind(session.kiosk_session_id.0)
        .bind(session.session_id.0)
        .bind(session.customer.as_ref().map(serde_json::to_string).transpose()?)
        .bind(session.profile.as_ref().map(serde_json::to_string).transpose()?)
        .execute(&mut *connection)
        .await?;
    for entry in &session.chat {
        put_entry(connection, entry).await?;
    }
    for (id, body) in waiting {
        sqlx::query("INSERT INTO cache.entry (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING")
            .bind(id)
            .bind(body)
            .execute(&mut *connection)
            .await?;
    }
    put_cart(connection, &session.cart).await
}

pub(super) async fn change(connection: &mut SqliteConnection, change: Option<&CacheChange>) -> Result<(), StoreError> {
    match change {
        None => Ok(()),
        Some(CacheChange::Cart(lines)) => put_cart(connection, lines).await,
        Some(CacheChange::Profile(profile)) => {
            let profile = serde_json::to_string(profile)?;
            sqlx::query("UPDATE cache.holder SET profile = ?").bind(profile).execute(connection).await?;
            Ok(())
        }
        Some(CacheChange::Entry { op, entry }) => {
            if let Some(op) = op
                && op.0 != entry.id.0
            {
                sqlx::query("DELETE FROM cache.entry WHERE id = ?").bind(op.0).execute(&mut *connection).await?;
            }
            put_entry(connection, entry).await
        }
    }
}

async fn put_entry(connection: &mut SqliteConnection, entry: &ChatEntry) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO cache.entry (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body")
        .bind(entry.id.0)
        .bind(serde_json::to_string(entry)?)
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_cart(connection: &mut SqliteConnection, lines: &[CartLine]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM cache.cart").execute(&mut *connection).await?;
    for line in lines {
        sqlx::query("INSERT INTO cache.cart (body) VALUES (?)")
            .bind(serde_json::to_string(line)?)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn empty(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for statement in ["DELETE FROM cache.holder", "DELETE FROM cache.entry", "DELETE FROM cache.cart"] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    Ok(())
}

pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Option<CachedSession>, StoreError> {
    let Some(holder) = sqlx::query("SELECT kiosk_session_id, session_id, customer, profile FROM cache.holder")
        .fetch_optional(&mut *connection)
        .await?
    else {
        return Ok(None);
    };
    let entries: Vec<String> =
        sqlx::query_scalar("SELECT body FROM cache.entry ORDER BY position").fetch_all(&mut *connection).await?;
    let cart: Vec<String> =
        sqlx::query_scalar("SELECT body FROM cache.cart ORDER BY position").fetch_all(&mut *connection).await?;
    Ok(Some(CachedSession {
        kiosk_session_id: KioskSessionId(holder.try_get::<Uuid, _>("kiosk_session_id")?),
        session_id: SessionId(holder.try_get::<Uuid, _>("session_id")?),
        customer: holder.try_get::<Option<&str>, _>("customer")?.map(serde_json::from_str).transpose()?,
        profile: holder.try_get::<Option<&str>, _>("profile")?.map(serde_json::from_str).transpose()?,
        entries: entries.iter().map(|body| serde_json::from_str::<ChatEntry>(body)).collect::<Result<_, _>>()?,
        cart: cart.iter().map(|body| serde_json::from_str::<CartLine>(body)).collect::<Result<_, _>>()?,
    }))
}
