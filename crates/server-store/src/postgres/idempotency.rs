use async_trait::async_trait;
use protocol::Timestamp;

use super::{
    PostgresTx,
    column::{Columns as _, failed, instant},
};
use crate::{
    Result, StoreError,
    records::{IdempotencyRead, IdempotencyRecord, IdempotencyWrite},
};

#[async_trait]
impl IdempotencyRead for PostgresTx {
    async fn kept_answer(&mut self, slot: &[u8]) -> Result<Option<IdempotencyRecord>> {
        let row = sqlx::query("SELECT * FROM kept_answers WHERE slot = $1")
            .bind(slot)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let status = u16::try_from(row.small("status")?)
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
impl IdempotencyWrite for PostgresTx {
    async fn keep_answer(&mut self, record: &IdempotencyRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO kept_answers (slot, body_mac, status, sealed_answer, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (slot) DO UPDATE SET body_mac = excluded.body_mac, status = excluded.status, \
             sealed_answer = excluded.sealed_answer, at = excluded.at",
        )
        .bind(&record.slot)
        .bind(&record.body_mac)
        .bind(i32::from(record.status))
        .bind(&record.sealed_answer)
        .bind(instant(record.at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn forget_answers(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM kept_answers WHERE at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
