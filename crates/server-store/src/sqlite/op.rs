use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{DeviceId, OpKey},
};

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_json, json, micros},
};
use crate::{
    Result,
    records::{OpRead, OpRecord, OpWrite},
};

#[async_trait]
impl OpRead for SqliteTx {
    async fn op(&mut self, device: DeviceId, key: OpKey) -> Result<Option<OpRecord>> {
        let row = sqlx::query("SELECT refusal, at FROM ops WHERE device_id = ? AND op_key = ?")
            .bind(device.0)
            .bind(key.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let refusal = row.text_or_none("refusal")?.map(|text| from_json("refusal", &text)).transpose()?;
        Ok(Some(OpRecord { key, device_id: device, refusal, at: row.at("at")? }))
    }
}

#[async_trait]
impl OpWrite for SqliteTx {
    async fn insert_op(&mut self, op: &OpRecord) -> Result<()> {
        sqlx::query("INSERT INTO ops (device_id, op_key, refusal, at) VALUES (?, ?, ?, ?)")
            .bind(op.device_id.0)
            .bind(op.key.0)
            .bind(op.refusal.as_ref().map(json).transpose()?)
            .bind(micros(op.at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn forget_ops(&mut self, before: Timestamp) -> Result<u64> {
        let result =
            sqlx::query("DELETE FROM ops WHERE at < ?").bind(micros(before)).execute(self.connection()).await.map_err(failed)?;
        Ok(result.rows_affected())
    }
}
