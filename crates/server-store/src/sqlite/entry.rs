//! A new entry of a conversation, the busiest of all changes, in one call of the database: each call costs a way to the
//! connection's thread and back, while all other writers wait.

use futures_util::TryStreamExt as _;
use protocol::{Timestamp, event::EventBody, ids::Cursor, session::ChatEntry};
use sqlx::{Either, Executor as _, Row as _};

use super::{
    SqliteTx,
    column::{failed, json, micros, word},
    event::kind_and_text,
};
use crate::{
    Result, StoreError,
    records::{SessionRecord, SessionWrite as _, Topic},
};

/// The session is changed where what identifies it is as it was, because those columns have indexes that would be written anew.
/// The `+` keeps the status from being compared with that of an index, for which the statement would be planned anew each time.
const KEEP: &str = "\
    INSERT INTO chat_entries (entry_id, session_id, sender, message, channel, metadata, at) VALUES (?, ?, ?, ?, ?, ?, ?); \
    UPDATE sessions SET channel = ?, user_id = ?, telegram_chat_id = ?, assurance = ?, state = ?, version = ?, \
        updated_at = ?, expires_at = ? \
        WHERE session_id = ? AND generation = ? AND token_hash = ? AND customer_id = ? AND phone = ? AND guest = ? AND +status = ?; \
    INSERT INTO events (topic, kind, body, at) VALUES (?, ?, ?, ?) RETURNING cursor";

/// Which of its results is that of the session.
const SESSION: usize = 1;

pub(super) async fn keep(
    tx: &mut SqliteTx,
    session: &SessionRecord,
    entry: &ChatEntry,
    body: &EventBody,
    at: Timestamp,
) -> Result<Cursor> {
    let (kind, text) = kind_and_text(body)?;
    let query = sqlx::query(KEEP)
        .bind(entry.id.0)
        .bind(session.id.0)
        .bind(word(entry.sender)?)
        .bind(&entry.message)
        .bind(word(entry.channel)?)
        .bind(entry.metadata.as_ref().map(json).transpose()?)
        .bind(micros(entry.timestamp))
        .bind(word(session.channel)?)
        .bind(&session.user_id)
        .bind(&session.telegram_chat_id)
        .bind(word(session.assurance)?)
        .bind(json(&session.state)?)
        .bind(session.version)
        .bind(micros(session.updated_at))
        .bind(micros(session.expires_at))
        .bind(session.id.0)
        .bind(session.generation)
        .bind(&session.token_hash)
        .bind(&session.customer_id.0)
        .bind(&session.phone)
        .bind(session.guest)
        .bind(word(session.status)?)
        .bind(Topic::Session(session.id).to_string())
        .bind(kind)
        .bind(text)
        .bind(micros(at));
    let (mut changed, mut cursor) = (Vec::with_capacity(3), None);
    tx.ahead.forget_entries();
    // Neither customers nor the shop are changed.
    let mut results = tx.connection_beside().fetch_many(query);
    while let Some(result) = results.try_next().await.map_err(failed)? {
        match result {
            Either::Left(done) => changed.push(done.rows_affected()),
            Either::Right(row) => cursor = Some(Cursor(row.try_get("cursor").map_err(failed)?)),
        }
    }
    drop(results);
    if changed.get(SESSION) != Some(&1) {
        tx.update_session(session).await?;
    }
    cursor.ok_or_else(|| StoreError::Unreadable { what: "cursor", cause: "the event was given none".into() })
}
