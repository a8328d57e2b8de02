use async_trait::async_trait;
use protocol::ids::CustomerId;
use sqlx::{Postgres, QueryBuilder, postgres::PgRow};

use super::{
    PostgresTx,
    column::{Columns as _, clean, failed, instant, json},
};
use crate::{
    Result,
    records::{OrderFilter, OrderRead, OrderRecord, OrderWrite},
};

fn order(row: &PgRow) -> Result<OrderRecord> {
    Ok(OrderRecord {
        id: row.text("order_id")?,
        customer_id: CustomerId(row.text("customer_id")?),
        items: row.json("order", "items")?,
        total_minor: row.integer("total_minor")?,
        status: row.text("status")?,
        created_at: row.at("created_at")?,
        shipping_address: row.json_or_none("shipping address", "shipping_address")?,
    })
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &OrderFilter) {
    query.push(" WHERE true");
    if let Some(customer) = &filter.customer_id {
        query.push(" AND customer_id = ").push_bind(clean(&customer.0).into_owned());
    }
    if let Some(status) = &filter.status {
        query.push(" AND status = ").push_bind(clean(status).into_owned());
    }
}

#[async_trait]
impl OrderRead for PostgresTx {
    async fn order(&mut self, id: &str) -> Result<Option<OrderRecord>> {
        let row = sqlx::query("SELECT * FROM orders WHERE order_id = $1")
            .bind(clean(id))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(order).transpose()
    }

    async fn list_orders(&mut self, filter: &OrderFilter, limit: u32, offset: u32) -> Result<(u64, Vec<OrderRecord>)> {
        let mut count = QueryBuilder::<Postgres>::new("SELECT count(*) FROM orders");
        push_filter(&mut count, filter);
        let total: i64 = count.build_query_scalar().fetch_one(self.connection()).await.map_err(failed)?;
        let mut query = QueryBuilder::<Postgres>::new("SELECT * FROM orders");
        push_filter(&mut query, filter);
        query.push(" ORDER BY created_at DESC, order_id DESC LIMIT ").push_bind(i64::from(limit));
        query.push(" OFFSET ").push_bind(i64::from(offset));
        let rows = query.build().fetch_all(self.connection()).await.map_err(failed)?;
        Ok((u64::try_from(total).unwrap_or_default(), rows.iter().map(order).collect::<Result<_>>()?))
    }

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
            "INSERT INTO orders (order_id, customer_id, items, total_minor, status, created_at, shipping_address) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (order_id) DO UPDATE SET customer_id = excluded.customer_id, items = excluded.items, \
             total_minor = excluded.total_minor, status = excluded.status, created_at = excluded.created_at, \
             shipping_address = coalesce(excluded.shipping_address, orders.shipping_address)",
        )
        .bind(clean(&order.id))
        .bind(clean(&order.customer_id.0))
        .bind(json(&order.items)?)
        .bind(order.total_minor)
        .bind(clean(&order.status))
        .bind(instant(order.created_at))
        .bind(order.shipping_address.as_ref().map(json).transpose()?)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
