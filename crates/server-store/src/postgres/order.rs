use async_trait::async_trait;
use protocol::ids::CustomerId;
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    column::{Columns as _, clean, failed, instant, json},
};
use crate::{
    Result,
    records::{OrderRead, OrderRecord, OrderWrite},
};

fn order(row: &PgRow) -> Result<OrderRecord> {
    Ok(OrderRecord {
        id: row.text("order_id")?,
        customer_id: CustomerId(row.text("customer_id")?),
        items: row.json("order", "items")?,
        total_minor: row.integer("total_minor")?,
        status: row.text("status")?,
        created_at: row.at("created_at")?,
    })
}

#[async_trait]
impl OrderRead for PostgresTx {
    async fn orders_of(&mut self, customer: &CustomerId, limit: u32) -> Result<Vec<OrderRecord>> {
        let rows = sqlx::query("SELECT * FROM orders WHERE customer_id = $1 ORDER BY created_at DESC, order_id DESC LIMIT $2")
            .bind(clean(&customer.0))
            .bind(i64::from(limit))
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(order).collect()
    }
}

#[async_trait]
impl OrderWrite for PostgresTx {
    async fn put_order(&mut self, order: &OrderRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO orders (order_id, customer_id, items, total_minor, status, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (order_id) DO UPDATE SET customer_id = excluded.customer_id, items = excluded.items, \
             total_minor = excluded.total_minor, status = excluded.status, created_at = excluded.created_at",
        )
        .bind(clean(&order.id))
        .bind(clean(&order.customer_id.0))
        .bind(json(&order.items)?)
        .bind(order.total_minor)
        .bind(clean(&order.status))
        .bind(instant(order.created_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
