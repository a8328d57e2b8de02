use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{CustomerId, EntryId, SessionId},
    session::ChatEntry,
};
use serde_json::{Map, Value};
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteTx, ahead,
    column::{Columns as _, failed, from_json, from_word, json, micros, one_row, word},
};
use crate::{
    Result,
    records::{SessionRead, SessionRecord, SessionWrite},
};

pub(super) fn session(row: &SqliteRow) -> Result<SessionRecord> {
    Ok(SessionRecord {
        id: SessionId(row.uuid("session_id")?),
        generation: row.integer("generation")?,
        token_hash: row.bytes("token_hash")?,
        customer_id: CustomerId(row.text("customer_id")?),
        phone: row.text("phone")?,
        telegram_chat_id: row.text_or_none("telegram_chat_id")?,
        channel: from_word("channel", row.text("channel")?)?,
        user_id: row.text("user_id")?,
        guest: row.flag("guest")?,
        assurance: from_word("assurance", row.text("assurance")?)?,
        state: from_json("session state", &row.text("state")?)?,
        version: row.integer("version")?,
        status: from_word("session status", row.text("status")?)?,
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
        expires_at: row.at("expires_at")?,
    })
}

pub(super) fn entry(row: &SqliteRow) -> Result<ChatEntry> {
    Ok(ChatEntry {
        id: EntryId(row.uuid("entry_id")?),
        sender: from_word("sender", row.text("sender")?)?,
        message: row.text("message")?,
        timestamp: row.at("at")?,
        channel: from_word("channel", row.text("channel")?)?,
        metadata: row.text_or_none("metadata")?.map(|text| from_json("metadata", &text)).transpose()?,
    })
}

#[async_trait]
impl SessionRead for SqliteTx {
    async fn session(&mut self, id: SessionId) -> Result<Option<SessionRecord>> {
        let row = sqlx::query("SELECT * FROM sessions WHERE session_id = ?")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(session).transpose()
    }

    async fn session_by_token_hash(&mut self, hash: &[u8]) -> Result<Option<SessionRecord>> {
        let row = sqlx::query("SELECT * FROM sessions WHERE token_hash = ?")
            .bind(hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(session).transpose()
    }

    async fn session_to_show(&mut self, hash: &[u8], entries: u32) -> Result<Option<SessionRecord>> {
        ahead::look(self, hash, entries).await
    }

    async fn active_session_of(&mut self, customer: &CustomerId) -> Result<Option<SessionRecord>> {
        let row = sqlx::query("SELECT * FROM sessions WHERE customer_id = ? AND status = 'active'")
            .bind(&customer.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(session).transpose()
    }

    async fn chat_entries(&mut self, session: SessionId, limit: u32) -> Result<Vec<ChatEntry>> {
        if let Some(entries) = self.ahead.entries(session, limit) {
            return entries;
        }
        let rows = sqlx::query("SELECT * FROM chat_entries WHERE session_id = ? ORDER BY number DESC LIMIT ?")
            .bind(session.0)
            .bind(limit)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().rev().map(entry).collect()
    }

    async fn chat_entry(&mut self, id: EntryId) -> Result<Option<ChatEntry>> {
        let row = sqlx::query("SELECT * FROM chat_entries WHERE entry_id = ?")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(entry).transpose()
    }

    async fn chat_length(&mut self, session: SessionId) -> Result<u64> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM chat_entries WHERE session_id = ?")
            .bind(session.0)
            .fetch_one(self.connection())
            .await
            .map_err(failed)?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn demo_sessions(&mut self) -> Result<Vec<SessionId>> {
        let ids: Vec<uuid::Uuid> =
            sqlx::query_scalar("SELECT session_id FROM demo_sessions").fetch_all(self.connection()).await.map_err(failed)?;
        Ok(ids.into_iter().map(SessionId).collect())
    }
}

#[async_trait]
impl SessionWrite for SqliteTx {
    async fn insert_session(&mut self, session: &SessionRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO sessions (session_id, generation, token_hash, customer_id, phone, telegram_chat_id, channel, user_id, guest, \
             assurance, state, version, status, created_at, updated_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(session.id.0)
        .bind(session.generation)
        .bind(&session.token_hash)
        .bind(&session.customer_id.0)
        .bind(&session.phone)
        .bind(&session.telegram_chat_id)
        .bind(word(session.channel)?)
        .bind(&session.user_id)
        .bind(session.guest)
        .bind(word(session.assurance)?)
        .bind(json(&session.state)?)
        .bind(session.version)
        .bind(word(session.status)?)
        .bind(micros(session.created_at))
        .bind(micros(session.updated_at))
        .bind(micros(session.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn update_session(&mut self, session: &SessionRecord) -> Result<()> {
        let result = sqlx::query(
            "UPDATE sessions SET generation = ?, token_hash = ?, customer_id = ?, phone = ?, telegram_chat_id = ?, channel = ?, user_id = ?, \
             guest = ?, assurance = ?, state = ?, version = ?, status = ?, updated_at = ?, expires_at = ? WHERE session_id = ?",
        )
        .bind(session.generation)
        .bind(&session.token_hash)
        .bind(&session.customer_id.0)
        .bind(&session.phone)
        .bind(&session.telegram_chat_id)
        .bind(word(session.channel)?)
        .bind(&session.user_id)
        .bind(session.guest)
        .bind(word(session.assurance)?)
        .bind(json(&session.state)?)
        .bind(session.version)
        .bind(word(session.status)?)
        .bind(micros(session.updated_at))
        .bind(micros(session.expires_at))
        .bind(session.id.0)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        one_row(&result)
    }

    async fn mark_demo_session(&mut self, id: SessionId) -> Result<()> {
        sqlx::query("INSERT INTO demo_sessions (session_id) VALUES (?) ON CONFLICT (session_id) DO NOTHING")
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn forget_demo_sessions(&mut self) -> Result<()> {
        sqlx::query("DELETE FROM demo_sessions").execute(self.connection()).await.map_err(failed)?;
        Ok(())
    }

    async fn extend_session(&mut self, id: SessionId, expires_at: Timestamp) -> Result<()> {
        let result = sqlx::query("UPDATE sessions SET expires_at = ? WHERE session_id = ?")
            .bind(micros(expires_at))
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }

    async fn append_chat_entry(&mut self, session: SessionId, entry: &ChatEntry) -> Result<()> {
        sqlx::query("INSERT INTO chat_entries (entry_id, session_id, sender, message, channel, metadata, at) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(entry.id.0)
            .bind(session.0)
            .bind(word(entry.sender)?)
            .bind(&entry.message)
            .bind(word(entry.channel)?)
            .bind(entry.metadata.as_ref().map(json).transpose()?)
            .bind(micros(entry.timestamp))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn set_chat_metadata(&mut self, entry: EntryId, metadata: Option<&Map<String, Value>>) -> Result<()> {
        let result = sqlx::query("UPDATE chat_entries SET metadata = ? WHERE entry_id = ?")
            .bind(metadata.map(json).transpose()?)
            .bind(entry.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }
}
