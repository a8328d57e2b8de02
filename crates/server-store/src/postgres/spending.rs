use async_trait::async_trait;
use protocol::Timestamp;
use uuid::Uuid;

use super::{
    PostgresTx,
    column::{Columns as _, failed, instant},
};
use crate::{
    Result,
    records::{SpendingRead, SpendingWrite},
};

#[async_trait]
impl SpendingRead for PostgresTx {
    async fn spent(&mut self, who: Uuid, day: i64) -> Result<i64> {
        let row = sqlx::query("SELECT micro_usd FROM assistant_spending WHERE who = $1 AND day = $2")
            .bind(who)
            .bind(day)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.map_or(Ok(0), |row| row.integer("micro_usd"))
    }
}

#[async_trait]
impl SpendingWrite for PostgresTx {
    async fn spend(&mut self, who: Uuid, day: i64, micro_usd: i64, at: Timestamp) -> Result<()> {
        sqlx::query(
            "INSERT INTO assistant_spending (who, day, micro_usd, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (who, day) DO UPDATE SET micro_usd = assistant_spending.micro_usd + excluded.micro_usd, at = excluded.at",
        )
        .bind(who)
        .bind(day)
        .bind(micro_usd)
        .bind(instant(at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn forget_spending(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM assistant_spending WHERE at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
