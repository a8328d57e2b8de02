//! Entries of conversations that come at the same time, stored by one change for all of them.
//!
//! A change of its own for each would cost every one of them a turn at the writing connection, with several ways to its thread
//! and back, while all others wait. Here whoever comes first takes the turn for all who have come until it begins; those who
//! come meanwhile are next.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use protocol::ids::Cursor;
use sqlx::{AssertSqlSafe, Row as _, Sqlite, query::Query, sqlite::SqliteArguments};
use tokio::sync::oneshot;

use super::{
    SqliteStore,
    column::{failed, json, micros, word},
    event::kind_and_text,
    writer::{Turn, Undone, Writer},
};
use crate::{
    Result, StoreError, Together,
    records::{SeenEntry, Topic},
    value::unreadable,
};

/// Entries of one turn.
const MOST: usize = 64;
/// Entries of one call; one for fewer is filled up with rows that concern no session.
const SIZES: [usize; 7] = [1, 2, 4, 8, 16, 32, MOST];
static CALLS: LazyLock<[String; SIZES.len()]> = LazyLock::new(|| SIZES.map(call));

/// Keeps so many entries, each if its session still is as it was seen, which its version says. That is asked three times, and
/// the sessions are changed last, so that the answer is the same each time. A status that is not written out would be compared
/// with that of an index, and the statement be planned anew each time.
///
/// The rows come first and their sessions are found by their ids, whatever the database believes about the size of its tables;
/// for that, a session is changed as one that is there already. All cursors come in one row, because each row and each statement
/// wakes whoever waits for them.
fn call(size: usize) -> String {
    let seen = |columns: usize| {
        let row = format!("({})", vec!["?"; columns].join(", "));
        format!(
            "(VALUES {}) AS seen CROSS JOIN sessions ON session_id = seen.column1 AND version = seen.column2 \
                AND generation = seen.column3 AND status = 'active'",
            vec![row; size].join(", ")
        )
    };
    format!(
        "INSERT INTO chat_entries (session_id, entry_id, sender, message, channel, metadata, at) \
            SELECT session_id, seen.column4, seen.column5, seen.column6, seen.column7, seen.column8, seen.column9 FROM {}; \
        INSERT INTO events (topic, kind, body, at) SELECT seen.column4, seen.column5, seen.column6, seen.column7 FROM {}; \
        SELECT json_group_object(topic, cursor) AS cursors FROM events \
            WHERE changes() > 0 AND cursor > last_insert_rowid() - changes(); \
        INSERT INTO sessions (session_id, generation, token_hash, customer_id, phone, guest, status, created_at, \
                channel, user_id, telegram_chat_id, assurance, state, version, updated_at, expires_at) \
            SELECT session_id, generation, token_hash, customer_id, phone, guest, status, created_at, \
                seen.column4, seen.column5, seen.column6, seen.column7, seen.column8, seen.column9, seen.column10, seen.column11 \
            FROM {} WHERE true \
            ON CONFLICT DO UPDATE SET channel = excluded.channel, user_id = excluded.user_id, \
                telegram_chat_id = excluded.telegram_chat_id, assurance = excluded.assurance, state = excluded.state, \
                version = excluded.version, updated_at = excluded.updated_at, expires_at = excluded.expires_at; ",
        seen(9),
        seen(7),
        seen(11),
    )
}

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
                let undone = Undone::from(&error);
                for pending in some {
                    let _ = pending.told.send(Err(undone.clone().into()));
                }
            }
        }
    }
}

/// Stores all of them durably; answers with the cursor of each, and none for those whose session was changed by somebody else.
async fn store(mut turn: Turn, entries: &[Pending]) -> Result<Vec<Option<Cursor>>> {
    // Of two for one session, the second has not seen the first.
    let mut sessions = HashSet::with_capacity(entries.len());
    let is_first: Vec<bool> = entries.iter().map(|pending| sessions.insert(pending.entry.session.id)).collect();
    let firsts = entries.iter().zip(&is_first).filter(|(_, first)| **first);
    let firsts: Vec<&SeenEntry> = firsts.map(|(pending, _)| &pending.entry).collect();
    let call = SIZES.into_iter().zip(CALLS.iter()).find(|(size, _)| *size >= firsts.len());
    let (size, call) = call.ok_or_else(|| StoreError::Database("too many entries for one call".into()))?;
    let query = bound(sqlx::query(AssertSqlSafe(call.as_str())), &firsts, size - firsts.len())?;
    // All rows, although it is one, because what comes after it is to be done as well.
    let rows = query.fetch_all(turn.connection()).await.map_err(failed)?;
    let mut cursors = HashMap::<String, i64>::new();
    for row in rows {
        let text: String = row.try_get("cursors").map_err(failed)?;
        cursors = serde_json::from_str(&text).map_err(|error| unreadable("event", &error))?;
    }
    turn.commit().await?;
    let cursor = |(pending, first): (&Pending, bool)| {
        let topic = Topic::Session(pending.entry.session.id).to_string();
        cursors.get(&topic).copied().filter(|_| first).map(Cursor)
    };
    Ok(entries.iter().zip(is_first).map(cursor).collect())
}

type Arguments<'q> = Query<'q, Sqlite, SqliteArguments>;

/// With the entries' values, and with as many rows of nothing as are `missing`.
fn bound<'q>(mut query: Arguments<'q>, entries: &[&SeenEntry], missing: usize) -> Result<Arguments<'q>> {
    let seen =
        |query: Arguments<'q>, seen: &SeenEntry| query.bind(seen.session.id.0).bind(seen.version).bind(seen.session.generation);
    let nothing = |mut query: Arguments<'q>, columns: usize| {
        for _ in 0..columns * missing {
            query = query.bind(None::<i64>);
        }
        query
    };
    for entry in entries {
        let said = &entry.entry;
        query = seen(query, entry)
            .bind(said.id.0)
            .bind(word(said.sender)?)
            .bind(said.message.clone())
            .bind(word(said.channel)?)
            .bind(said.metadata.as_ref().map(json).transpose()?)
            .bind(micros(said.timestamp));
    }
    query = nothing(query, 9);
    for entry in entries {
        let (kind, text) = kind_and_text(&entry.body)?;
        let topic = Topic::Session(entry.session.id).to_string();
        query = seen(query, entry).bind(topic).bind(kind).bind(text).bind(micros(entry.at));
    }
    query = nothing(query, 7);
    for entry in entries {
        let session = &entry.session;
        query = seen(query, entry)
            .bind(word(session.channel)?)
            .bind(session.user_id.clone())
            .bind(session.telegram_chat_id.clone())
            .bind(word(session.assurance)?)
            .bind(json(&session.state)?)
            .bind(session.version)
            .bind(micros(session.updated_at))
            .bind(micros(session.expires_at));
    }
    Ok(nothing(query, 11))
}
