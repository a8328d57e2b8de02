use async_trait::async_trait;
use protocol::ids::CustomerId;
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteTx,
    column::{Columns as _, failed, micros},
};
use crate::{
    Result,
    records::{PaymentRead, PaymentRecord, PaymentWrite},
};

fn payment(row: &SqliteRow) -> Result<PaymentRecord> {
    Ok(PaymentRecord {
        id: row.text("payment_id")?,
        order_id: row.text("order_id")?,
        customer_id: CustomerId(row.text("customer_id")?),
        amount_minor: row.integer("amount_minor")?,
        method: row.text("method")?,
        status: row.text("status")?,
        created_at: row.at("created_at")?,
        transaction_id: row.text_or_none("transaction_id")?,
    })
}

#[async_trait]
impl PaymentRead for SqliteTx {
    async fn payment(&mut self, id: &str) -> Result<Option<PaymentRecord>> {
        let row = sqlx::query("SELECT * FROM payments WHERE payment_id = ?")
            .bind(id)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(payment).transpose()
    }

    async fn payments_of(&mut self, order_id: &str) -> Result<Vec<PaymentRecord>> {
        let rows = sqlx::query("SELECT * FROM payments WHERE order_id = ? ORDER BY created_at, payment_id")
            .bind(order_id)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(payment).collect()
    }

    async fn list_payments(&mut self, limit: u32, offset: u32) -> Result<(u64, Vec<PaymentRecord>)> {
        let total: i64 =
            sqlx::query_scalar("SELECT count(*) FROM payments").fetch_one(self.connection()).await.map_err(failed)?;
        let rows = sqlx::query("SELECT * FROM payments ORDER BY created_at DESC, payment_id DESC LIMIT ? OFFSET ?")
            .bind(limit)
            .bind(offset)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        Ok((u64::try_from(total).unwrap_or_default(), rows.iter().map(payment).collect::<Result<_>>()?))
    }
}

#[async_trait]
impl PaymentWrite for SqliteTx {
    async fn put_payment(&mut self, payment: &PaymentRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO payments (payment_id, order_id, customer_id, amount_minor, method, status, created_at, transaction_id) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (payment_id) DO UPDATE SET order_id = excluded.order_id, \
             customer_id = excluded.customer_id, amount_minor = excluded.amount_minor, method = excluded.method, \
             status = excluded.status, created_at = excluded.created_at, \
             transaction_id = coalesce(excluded.transaction_id, payments.transaction_id)",
        )
        .bind(&payment.id)
        .bind(&payment.order_id)
        .bind(&payment.customer_id.0)
        .bind(payment.amount_minor)
        .bind(&payment.method)
        .bind(&payment.status)
        .bind(micros(payment.created_at))
        .bind(&payment.transaction_id)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
