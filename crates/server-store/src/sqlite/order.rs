use async_trait::async_trait;
use protocol::ids::CustomerId;
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_json, json, micros},
};
use crate::{
    Result,
    records::{OrderRead, OrderRecord, OrderWrite},
};

fn order(row: &SqliteRow) -> Result<OrderRecord> {
    Ok(OrderRecord {
        id: row.text("order_id")?,
        customer_id: CustomerId(row.text("customer_id")?),
        items: from_json("order", &row.text("items")?)?,
        total_minor: row.integer("total_minor")?,
        status: row.text("status")?,
        created_at: row.at("created_at")?,
    })
}

#[async_trait]
impl OrderRead for SqliteTx {
    async fn orders_of(&mut self, customer: &CustomerId, limit: u32) -> Result<Vec<OrderRecord>> {
        let rows = sqlx::query("SELECT * FROM orders WHERE customer_id = ? ORDER BY created_at DESC, order_id DESC LIMIT ?")
            .bind(&customer.0)
            .bind(limit)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(order).collect()
    }
}

#[async_trait]
impl OrderWrite for SqliteTx {
    async fn put_order(&mut self, order: &OrderRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO orders (order_id, customer_id, items, total_minor, status, created_at) VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT (order_id) DO UPDATE SET customer_id = excluded.customer_id, items = excluded.items, \
             total_minor = excluded.total_minor, status = excluded.status, created_at = excluded.created_at",
        )
        .bind(&order.id)
        .bind(&order.customer_id.0)
        .bind(json(&order.items)?)
        .bind(order.total_minor)
        .bind(&order.status)
        .bind(micros(order.created_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
