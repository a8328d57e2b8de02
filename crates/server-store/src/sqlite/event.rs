use std::borrow::Cow;

use async_trait::async_trait;
use protocol::{
    Timestamp,
    event::{EventBody, StreamEvent},
    ids::Cursor,
};
use serde::Deserialize;
use sqlx::{QueryBuilder, Sqlite, sqlite::SqliteRow};

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_json, json, micros},
};
use crate::{
    Result,
    records::{EventRead, EventWrite, LogEntry, Topic},
    value::unreadable,
};

/// The kind of what is sent to nobody.
const TOUCHED: &str = "touched";

fn event(row: &SqliteRow) -> Result<StreamEvent> {
    Ok(StreamEvent { cursor: Cursor(row.integer("cursor")?), at: row.at("at")?, body: from_json("event", &row.text("body")?)? })
}

fn entry(row: &SqliteRow) -> Result<LogEntry> {
    let sent = row.text("kind")? != TOUCHED;
    Ok(LogEntry {
        cursor: Cursor(row.integer("cursor")?),
        at: row.at("at")?,
        topic: Topic::parse(&row.text("topic")?),
        body: if sent { Some(row.text("body")?) } else { None },
    })
}

/// An event's kind, which is the first member of its JSON, and that JSON.
pub(super) fn kind_and_text(body: &EventBody) -> Result<(String, String)> {
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow)]
        kind: Cow<'a, str>,
    }
    let text = json(body)?;
    let Kind { kind } = serde_json::from_str(&text).map_err(|error| unreadable("event", &error))?;
    let kind = kind.into_owned();
    Ok((kind, text))
}

#[async_trait]
impl EventRead for SqliteTx {
    async fn newest_cursor(&mut self) -> Result<Cursor> {
        let newest: i64 = sqlx::query_scalar(
            "SELECT max(coalesce((SELECT max(cursor) FROM events), 0), (SELECT cursor FROM forgotten_events))",
        )
        .fetch_one(self.connection())
        .await
        .map_err(failed)?;
        Ok(Cursor(newest))
    }

    async fn forgotten_cursor(&mut self) -> Result<Cursor> {
        let cursor =
            sqlx::query_scalar("SELECT cursor FROM forgotten_events").fetch_one(self.connection()).await.map_err(failed)?;
        Ok(Cursor(cursor))
    }

    async fn log_after(&mut self, after: Cursor, limit: u32) -> Result<Vec<LogEntry>> {
        let rows = sqlx::query("SELECT cursor, topic, kind, body, at FROM events WHERE cursor > ? ORDER BY cursor LIMIT ?")
            .bind(after.0)
            .bind(limit)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(entry).collect()
    }

    async fn events_after(&mut self, topics: &[Topic], after: Cursor, limit: u32) -> Result<Vec<StreamEvent>> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT cursor, at, body FROM events WHERE cursor > ");
        query.push_bind(after.0).push(" AND topic IN (");
        let mut list = query.separated(", ");
        for topic in topics {
            list.push_bind(topic.to_string());
        }
        query.push(") AND kind <> ").push_bind(TOUCHED).push(" ORDER BY cursor LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(self.connection()).await.map_err(failed)?;
        rows.iter().map(event).collect()
    }
}

#[async_trait]
impl EventWrite for SqliteTx {
    async fn append_event(&mut self, topic: Topic, body: &EventBody, at: Timestamp) -> Result<Cursor> {
        let (kind, text) = kind_and_text(body)?;
        let cursor = sqlx::query_scalar("INSERT INTO events (topic, kind, body, at) VALUES (?, ?, ?, ?) RETURNING cursor")
            .bind(topic.to_string())
            .bind(kind)
            .bind(text)
            .bind(micros(at))
            .fetch_one(self.connection())
            .await
            .map_err(failed)?;
        Ok(Cursor(cursor))
    }

    async fn forget_events(&mut self, before: Timestamp) -> Result<u64> {
        let newest: Option<i64> = sqlx::query_scalar("SELECT max(cursor) FROM events WHERE at < ?")
            .bind(micros(before))
            .fetch_one(self.connection())
            .await
            .map_err(failed)?;
        let Some(newest) = newest else { return Ok(0) };
        sqlx::query("UPDATE forgotten_events SET cursor = max(cursor, ?)")
            .bind(newest)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        let result =
            sqlx::query("DELETE FROM events WHERE cursor <= ?").bind(newest).execute(self.connection()).await.map_err(failed)?;
        Ok(result.rows_affected())
    }
}
