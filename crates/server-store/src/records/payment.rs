//! Payments.

use async_trait::async_trait;
use protocol::{Timestamp, ids::CustomerId};

use crate::Result;

/// A payment of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRecord {
    /// Its id.
    pub id: String,
    /// What was paid.
    pub order_id: String,
    /// Who paid.
    pub customer_id: CustomerId,
    /// In the smallest unit of the shop's currency.
    pub amount_minor: i64,
    /// Such as `card` or `upi`.
    pub method: String,
    /// Such as `completed`, `pending`, `failed` or `refunded`.
    pub status: String,
    /// When.
    pub created_at: Timestamp,
    /// What the payments service calls it.
    pub transaction_id: Option<String>,
}

/// Questions about payments.
#[async_trait]
pub trait PaymentRead {
    /// The payment of that id.
    async fn payment(&mut self, id: &str) -> Result<Option<PaymentRecord>>;
    /// The payments of an order, oldest first.
    async fn payments_of(&mut self, order_id: &str) -> Result<Vec<PaymentRecord>>;
    /// How many there are, and a page of them, newest first.
    async fn list_payments(&mut self, limit: u32, offset: u32) -> Result<(u64, Vec<PaymentRecord>)>;
}

/// Changes of payments.
#[async_trait]
pub trait PaymentWrite {
    /// Keeps or replaces the payment of that id; without a transaction, the one it has stays.
    async fn put_payment(&mut self, payment: &PaymentRecord) -> Result<()>;
}
