use async_trait::async_trait;
use protocol::Timestamp;

use super::{
    SqliteTx,
    column::{Columns as _, failed, micros},
};
use crate::{
    Result, StoreError,
    records::{IdempotencyRead, IdempotencyRecord, IdempotencyWrite},
};

#[async_trait]
impl IdempotencyRead for SqliteTx {
    async fn kept_answer(&mut self, slot: &[u8]) -> Result<Option<IdempotencyRecord>> {
        let row = sqlx::query("SELECT * FROM kept_answers WHERE slot = ?")
            .bind(slot)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let status = u16::try_from(row.integer("status")?)
            .map_err(|error| StoreError::Unreadable { what: "status", cause: error.to_string() })?;
        Ok(Some(IdempotencyRecord {
            slot: row.bytes("slot")?,
            body_mac: row.bytes("body_mac")?,
            status,
            sealed_answer: row.bytes("sealed_answer")?,
            at: row.at("at")?,
        }))
    }
}

#[async_trait]
impl IdempotencyWrite for SqliteTx {
    async fn keep_answer(&mut self, record: &IdempotencyRecord) -> Result<()> {
        sqlx::query("INSERT OR REPLACE INTO kept_answers (slot, body_mac, status, sealed_answer, at) VALUES (?, ?, ?, ?, ?)")
            .bind(&record.slot)
            .bind(&record.body_mac)
            .bind(i64::from(record.status))
            .bind(&record.sealed_answer)
            .bind(micros(record.at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn forget_answers(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM kept_answers WHERE at < ?")
            .bind(micros(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
