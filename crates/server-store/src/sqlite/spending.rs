use async_trait::async_trait;
use protocol::Timestamp;
use uuid::Uuid;

use super::{
    SqliteTx,
    column::{Columns as _, failed, micros},
};
use crate::{
    Result,
    records::{SpendingRead, SpendingWrite},
};

#[async_trait]
impl SpendingRead for SqliteTx {
    async fn spent(&mut self, who: Uuid, day: i64) -> Result<i64> {
        let row = sqlx::query("SELECT micro_usd FROM assistant_spending WHERE who = ? AND day = ?")
            .bind(who)
            .bind(day)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.map_or(Ok(0), |row| row.integer("micro_usd"))
    }
}

#[async_trait]
impl SpendingWrite for SqliteTx {
    async fn spend(&mut self, who: Uuid, day: i64, micro_usd: i64, at: Timestamp) -> Result<()> {
        sqlx::query(
            "INSERT INTO assistant_spending (who, day, micro_usd, at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (who, day) DO UPDATE SET micro_usd = assistant_spending.micro_usd + excluded.micro_usd, at = excluded.at",
        )
        .bind(who)
        .bind(day)
        .bind(micro_usd)
        .bind(micros(at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn forget_spending(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM assistant_spending WHERE at < ?")
            .bind(micros(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
