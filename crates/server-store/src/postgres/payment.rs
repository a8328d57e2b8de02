use async_trait::async_trait;
use protocol::ids::CustomerId;
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    column::{Columns as _, clean, clean_or_none, failed, instant},
};
use crate::{
    Result,
    records::{PaymentRead, PaymentRecord, PaymentWrite},
};

fn payment(row: &PgRow) -> Result<PaymentRecord> {
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
impl PaymentRead for PostgresTx {
    async fn payment(&mut self, id: &str) -> Result<Option<PaymentRecord>> {
        let row = sqlx::query("SELECT * FROM payments WHERE payment_id = $1")
            .bind(clean(id))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(payment).transpose()
    }

    async fn payments_of(&mut self, order_id: &str) -> Result<Vec<PaymentRecord>> {
        let rows = sqlx::query("SELECT * FROM payments WHERE order_id = $1 ORDER BY created_at, payment_id")
            .bind(clean(order_id))
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(payment).collect()
    }

    async fn list_payments(&mut self, limit: u32, offset: u32) -> Result<(u64, Vec<PaymentRecord>)> {
        let total: i64 =
            sqlx::query_scalar("SELECT count(*) FROM payments").fetch_one(self.connection()).await.map_err(failed)?;
        let rows = sqlx::query("SELECT * FROM payments ORDER BY created_at DESC, payment_id DESC LIMIT $1 OFFSET $2")
            .bind(i64::from(limit))
            .bind(i64::from(offset))
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        Ok((u64::try_from(total).unwrap_or_default(), rows.iter().map(payment).collect::<Result<_>>()?))
    }
}

#[async_trait]
impl PaymentWrite for PostgresTx {
    async fn put_payment(&mut self, payment: &PaymentRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO payments (payment_id, order_id, customer_id, amount_minor, method, status, created_at, transaction_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (payment_id) DO UPDATE SET order_id = excluded.order_id, \
             customer_id = excluded.customer_id, amount_minor = excluded.amount_minor, method = excluded.method, \
             status = excluded.status, created_at = excluded.created_at, \
             transaction_id = coalesce(excluded.transaction_id, payments.transaction_id)",
        )
        .bind(clean(&payment.id))
        .bind(clean(&payment.order_id))
        .bind(clean(&payment.customer_id.0))
        .bind(payment.amount_minor)
        .bind(clean(&payment.method))
        .bind(clean(&payment.status))
        .bind(instant(payment.created_at))
        .bind(clean_or_none(payment.transaction_id.as_deref()))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
