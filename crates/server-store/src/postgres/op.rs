use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{DeviceId, OpKey},
};

use super::{
    PostgresTx,
    column::{Columns as _, failed, instant, json},
};
use crate::{
    Result,
    records::{OpRead, OpRecord, OpWrite},
};

#[async_trait]
impl OpRead for PostgresTx {
    async fn op(&mut self, device: DeviceId, key: OpKey) -> Result<Option<OpRecord>> {
        let row = sqlx::query("SELECT refusal, at FROM ops WHERE device_id = $1 AND op_key = $2")
            .bind(device.0)
            .bind(key.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let refusal = row.json_or_none("refusal", "refusal")?;
        Ok(Some(OpRecord { key, device_id: device, refusal, at: row.at("at")? }))
    }
}

#[async_trait]
impl OpWrite for PostgresTx {
    async fn insert_op(&mut self, op: &OpRecord) -> Result<()> {
        sqlx::query("INSERT INTO ops (device_id, op_key, refusal, at) VALUES ($1, $2, $3, $4)")
            .bind(op.device_id.0)
            .bind(op.key.0)
            .bind(op.refusal.as_ref().map(json).transpose()?)
            .bind(instant(op.at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn forget_ops(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM ops WHERE at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
