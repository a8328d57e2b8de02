//! Entries of conversations that come at the same time, stored by one change for all of them.
//!
//! A change of its own for each would cost every one of them a turn at the writing connection, with several ways to its thread
//! and back, while all others wait. Here whoever comes first takes the turn for all who have come until it begins; those who
//! come meanwhile are next.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use protocol::ids::Cursor;
use sqlx::{AssertSqlSafe, Either, Executor as _, Row as _, Sqlite, query::Query, sqlite::SqliteArguments};
use tokio::sync::oneshot;

use super::{
    SqliteStore,
    column::{failed, json, micros, word},
    event::kind_and_text,
    writer::{Turn, Writer},
};
use crate::{
    Result, StoreError, Together,
    records::{SeenEntry, Topic},
};

/// Entries of one turn.
const MOST: usize = 64;

/// The session is changed if it still is as it was seen, which its version says, and the rest follows only from that. A status
/// that is not written out would be compared with that of an index, and the statement be planned anew each time.
const KEEP: &str = "\
    UPDATE sessions SET channel = ?, user_id = ?, telegram_chat_id = ?, assurance = ?, state = ?, version = ?, updated_at = ?, \
        expires_at = ? \
        WHERE session_id = ? AND version = ? AND generation = ? AND status = 'active'; \
    INSERT INTO chat_entries (entry_id, session_id, sender, message, channel, metadata, at) \
        SELECT ?, ?, ?, ?, ?, ?, ? WHERE changes() = 1; \
    INSERT INTO events (topic, kind, body, at) SELECT ?, ?, ?, ? WHERE changes() = 1 RETURNING cursor; ";
/// Statements of it.
const STATEMENTS: usize = 3;
/// So many entries in one call, largest first.
const SIZES: [usize; 4] = [32, 8, 3, 1];
static CALLS: LazyLock<[String; SIZES.len()]> = LazyLock::new(|| SIZES.map(|size| KEEP.repeat(size)));

/// Those who wait to be stored.
#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    entries: Vec<Pending>,
    /// Somebody takes turns for them.
    led: bool,
}

#[derive(Debug)]
struct Pending {
    entry: SeenEntry,
    told: oneshot::Sender<Result<Option<Cursor>>>,
}

#[async_trait]
impl Together for SqliteStore {
    async fn append(&self, entry: SeenEntry) -> Result<Option<Cursor>> {
        let (told, answer) = oneshot::channel();
        if self.queue.push(Pending { entry, told }) {
            tokio::spawn(lead(self.queue.clone(), self.writer.clone()));
        }
        answer.await.map_err(|error| StoreError::Database(Box::new(error)))?
    }
}

impl Queue {
    /// Answers whether nobody takes turns yet, and the caller has to.
    fn push(&self, pending: Pending) -> bool {
        let mut waiting = self.waiting();
        waiting.entries.push(pending);
        !std::mem::replace(&mut waiting.led, true)
    }

    /// Whether there is nobody left; then somebody else will have to take turns.
    fn is_done(&self) -> bool {
        let mut waiting = self.waiting();
        waiting.led = !waiting.entries.is_empty();
        !waiting.led
    }

    fn take(&self) -> Vec<Pending> {
        let mut waiting = self.waiting();
        let some = waiting.entries.len().min(MOST);
        waiting.entries.drain(..some).collect()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes turns until nobody waits.
async fn lead(queue: Arc<Queue>, writer: Arc<Writer>) {
    while !queue.is_done() {
        let turn = writer.turn().await;
        let some = queue.take();
        let stored = match turn {
            Ok(turn) => store(turn, &some).await,
            Err(error) => Err(error),
        };
        match stored {
            Ok(cursors) => {
                for (pending, cursor) in some.into_iter().zip(cursors) {
                    // Who has gone away reads it again.
                    let _ = pending.told.send(Ok(cursor));
                }
            }
            Err(error) => {
                let cause = error.to_string();
                for pending in some {
                    let _ = pending.told.send(Err(StoreError::Database(cause.clone().into())));
                }
            }
        }
    }
}

/// Stores all of them durably; answers with the cursor of each, and none for those whose session was changed by somebody else.
async fn store(mut turn: Turn, mut entries: &[Pending]) -> Result<Vec<Option<Cursor>>> {
    let mut cursors = Vec::with_capacity(entries.len());
    while !entries.is_empty() {
        let Some((size, call)) = SIZES.into_iter().zip(CALLS.iter()).find(|(size, _)| *size <= entries.len()) else { break };
        let (now, later) = entries.split_at(size);
        let mut query = sqlx::query(AssertSqlSafe(call.as_str()));
        for pending in now {
            query = bound(query, &pending.entry)?;
        }
        let mut of_these = vec![None; size];
        let mut results = turn.connection().fetch_many(query);
        let mut done = 0;
        while let Some(result) = results.try_next().await.map_err(failed)? {
            match result {
                Either::Left(_) => done += 1,
                Either::Right(row) => {
                    if let Some(cursor) = of_these.get_mut(done / STATEMENTS) {
                        *cursor = Some(Cursor(row.try_get("cursor").map_err(failed)?));
                    }
                }
            }
        }
        drop(results);
        cursors.append(&mut of_these);
        entries = later;
    }
    turn.commit().await?;
    Ok(cursors)
}

fn bound<'q>(query: Query<'q, Sqlite, SqliteArguments>, seen: &SeenEntry) -> Result<Query<'q, Sqlite, SqliteArguments>> {
    let SeenEntry { session, version, entry, body, at } = seen;
    let (kind, text) = kind_and_text(body)?;
    Ok(query
        .bind(word(session.channel)?)
        .bind(session.user_id.clone())
        .bind(session.telegram_chat_id.clone())
        .bind(word(session.assurance)?)
        .bind(json(&session.state)?)
        .bind(session.version)
        .bind(micros(session.updated_at))
        .bind(micros(session.expires_at))
        .bind(session.id.0)
        .bind(*version)
        .bind(session.generation)
        .bind(entry.id.0)
        .bind(session.id.0)
        .bind(word(entry.sender)?)
        .bind(entry.message.clone())
        .bind(word(entry.channel)?)
        .bind(entry.metadata.as_ref().map(json).transpose()?)
        .bind(micros(entry.timestamp))
        .bind(Topic::Session(session.id).to_string())
        .bind(kind)
        .bind(text)
        .bind(micros(*at)))
}
