use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{HoldId, Sku},
};
use sqlx::{Row as _, postgres::PgRow};

use super::{
    PostgresTx,
    column::{Columns as _, clean, failed, instant},
};
use crate::{
    Result, StoreError,
    records::{InventoryRecord, StockHoldRecord, StockRead, StockWrite},
};

/// Free pieces of each location, with `$1` for the instant up to which holds are over.
const FREE: &str = "SELECT sku, location, greatest(0, quantity - held + coalesce((SELECT sum(stock_holds.quantity) FROM stock_holds \
                    WHERE stock_holds.sku = inventory.sku AND stock_holds.location = inventory.location \
                    AND stock_holds.expires_at <= $1), 0))::bigint AS free FROM inventory";

fn free(row: &PgRow) -> Result<InventoryRecord> {
    Ok(InventoryRecord { sku: Sku(row.text("sku")?), location: row.text("location")?, quantity: row.integer("free")? })
}

fn hold(row: &PgRow) -> Result<StockHoldRecord> {
    Ok(StockHoldRecord {
        id: HoldId(row.uuid("hold_id")?),
        sku: Sku(row.text("sku")?),
        location: row.text("location")?,
        quantity: u32::try_from(row.integer("quantity")?)
            .map_err(|error| StoreError::Unreadable { what: "quantity", cause: error.to_string() })?,
        owner: row.text("owner")?,
        created_at: row.at("created_at")?,
        expires_at: row.at("expires_at")?,
    })
}

impl PostgresTx {
    /// What no location has counted is online, from the first time that somebody takes of it.
    async fn count_listed_stock(&mut self, sku: &Sku) -> Result<()> {
        sqlx::query(
            "INSERT INTO inventory (sku, location, quantity) SELECT sku, 'online', greatest(0, listed_stock) FROM products \
             WHERE sku = $1 AND NOT EXISTS (SELECT 1 FROM inventory WHERE inventory.sku = products.sku)",
        )
        .bind(clean(&sku.0))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn let_go(&mut self, id: HoldId) -> Result<Option<StockHoldRecord>> {
        let row = sqlx::query("DELETE FROM stock_holds WHERE hold_id = $1 RETURNING *")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(hold).transpose()
    }
}

#[async_trait]
impl StockRead for PostgresTx {
    async fn free_stock(&mut self, sku: &Sku, now: Timestamp) -> Result<Vec<InventoryRecord>> {
        let counted = sqlx::query(sqlx::AssertSqlSafe(format!("{FREE} WHERE sku = $2 ORDER BY location")))
            .bind(instant(now))
            .bind(clean(&sku.0))
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        if !counted.is_empty() {
            return counted.iter().map(free).collect();
        }
        let listed =
            sqlx::query("SELECT sku, 'online' AS location, greatest(0, listed_stock) AS free FROM products WHERE sku = $1")
                .bind(clean(&sku.0))
                .fetch_all(self.connection())
                .await
                .map_err(failed)?;
        listed.iter().map(free).collect()
    }

    async fn list_stock(&mut self, now: Timestamp, limit: u32, offset: u32) -> Result<(u64, Vec<(Sku, Vec<InventoryRecord>)>)> {
        let total: i64 =
            sqlx::query_scalar("SELECT count(*) FROM products").fetch_one(self.connection()).await.map_err(failed)?;
        let skus: Vec<String> = sqlx::query_scalar("SELECT sku FROM products ORDER BY sku LIMIT $1 OFFSET $2")
            .bind(i64::from(limit))
            .bind(i64::from(offset))
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        let mut page = Vec::with_capacity(skus.len());
        for sku in skus {
            let sku = Sku(sku);
            let counts = self.free_stock(&sku, now).await?;
            page.push((sku, counts));
        }
        Ok((u64::try_from(total).unwrap_or_default(), page))
    }

    async fn stock_hold(&mut self, id: HoldId) -> Result<Option<StockHoldRecord>> {
        let row = sqlx::query("SELECT * FROM stock_holds WHERE hold_id = $1")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(hold).transpose()
    }

    async fn stock_holds_of(&mut self, owner: &str) -> Result<Vec<StockHoldRecord>> {
        let rows = sqlx::query("SELECT * FROM stock_holds WHERE owner = $1 ORDER BY hold_id")
            .bind(clean(owner))
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(hold).collect()
    }

    async fn live_holds_of(&mut self, owner: &str, now: Timestamp) -> Result<u64> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM stock_holds WHERE owner = $1 AND expires_at > $2")
            .bind(clean(owner))
            .bind(instant(now))
            .fetch_one(self.connection())
            .await
            .map_err(failed)?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn next_stock_expiry(&mut self) -> Result<Option<Timestamp>> {
        let next: Option<time::OffsetDateTime> =
            sqlx::query_scalar("SELECT min(expires_at) FROM stock_holds").fetch_one(self.connection()).await.map_err(failed)?;
        Ok(next.map(Timestamp::from))
    }
}

#[async_trait]
impl StockWrite for PostgresTx {
    async fn hold_stock(&mut self, hold: &StockHoldRecord) -> Result<Option<i64>> {
        self.end_overdue_holds(hold.created_at).await?;
        self.count_listed_stock(&hold.sku).await?;
        let left: Option<i64> = sqlx::query_scalar(
            "UPDATE inventory SET held = held + $1 WHERE sku = $2 AND location = $3 AND quantity - held >= $1 \
             RETURNING quantity - held",
        )
        .bind(i64::from(hold.quantity))
        .bind(clean(&hold.sku.0))
        .bind(clean(&hold.location))
        .fetch_optional(self.connection())
        .await
        .map_err(failed)?;
        if left.is_none() {
            return Ok(None);
        }
        sqlx::query(
            "INSERT INTO stock_holds (hold_id, sku, location, quantity, owner, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(hold.id.0)
        .bind(clean(&hold.sku.0))
        .bind(clean(&hold.location))
        .bind(i64::from(hold.quantity))
        .bind(clean(&hold.owner))
        .bind(instant(hold.created_at))
        .bind(instant(hold.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(left)
    }

    async fn release_stock(&mut self, id: HoldId) -> Result<Option<i64>> {
        let Some(hold) = self.let_go(id).await? else { return Ok(None) };
        let free = sqlx::query_scalar(
            "UPDATE inventory SET held = greatest(0, held - $1) WHERE sku = $2 AND location = $3 RETURNING greatest(0, quantity - held)",
        )
        .bind(i64::from(hold.quantity))
        .bind(clean(&hold.sku.0))
        .bind(clean(&hold.location))
        .fetch_optional(self.connection())
        .await
        .map_err(failed)?;
        Ok(Some(free.unwrap_or_default()))
    }

    async fn sell_held(&mut self, id: HoldId) -> Result<bool> {
        let Some(hold) = self.let_go(id).await? else { return Ok(false) };
        // A count may have been corrected downwards since; what was promised is sold all the same.
        sqlx::query(
            "UPDATE inventory SET held = greatest(0, held - $1), quantity = greatest(0, quantity - $1) WHERE sku = $2 AND location = $3",
        )
        .bind(i64::from(hold.quantity))
        .bind(clean(&hold.sku.0))
        .bind(clean(&hold.location))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(true)
    }

    async fn sell_stock(&mut self, sku: &Sku, location: &str, quantity: u32, now: Timestamp) -> Result<Option<i64>> {
        self.end_overdue_holds(now).await?;
        self.count_listed_stock(sku).await?;
        sqlx::query_scalar(
            "UPDATE inventory SET quantity = quantity - $1 WHERE sku = $2 AND location = $3 AND quantity - held >= $1 \
             RETURNING quantity - held",
        )
        .bind(i64::from(quantity))
        .bind(clean(&sku.0))
        .bind(clean(location))
        .fetch_optional(self.connection())
        .await
        .map_err(failed)
    }

    async fn end_overdue_holds(&mut self, now: Timestamp) -> Result<u64> {
        let over = sqlx::query("DELETE FROM stock_holds WHERE expires_at <= $1 RETURNING sku, location, quantity")
            .bind(instant(now))
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        for row in &over {
            let quantity: i64 = row.try_get("quantity").map_err(failed)?;
            sqlx::query("UPDATE inventory SET held = greatest(0, held - $1) WHERE sku = $2 AND location = $3")
                .bind(quantity)
                .bind(row.text("sku")?)
                .bind(row.text("location")?)
                .execute(self.connection())
                .await
                .map_err(failed)?;
        }
        Ok(over.len() as u64)
    }
}
