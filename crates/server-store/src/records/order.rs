//! Orders.

use std::collections::BTreeMap;

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{CustomerId, Sku},
};
use serde::{Deserialize, Serialize};

use crate::Result;

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRecord {
    /// Such as `ORD000901`.
    pub id: String,
    /// Whose.
    pub customer_id: CustomerId,
    /// What.
    pub items: Vec<OrderItem>,
    /// In the smallest unit of the shop's currency.
    pub total_minor: i64,
    /// `placed`, `shipped`, `delivered` or `cancelled`.
    pub status: String,
    /// When it was placed.
    pub created_at: Timestamp,
    /// Where its pieces go: `city`, `landmark`, `building`.
    pub shipping_address: Option<BTreeMap<String, String>>,
}

/// One position of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The product.
    pub sku: Sku,
    /// Pieces.
    pub quantity: u32,
    /// Of one piece, in the smallest unit.
    pub unit_price_minor: i64,
    /// Of all pieces, in the smallest unit.
    pub line_total_minor: i64,
}

/// What a list of orders is narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Whose.
    pub customer_id: Option<CustomerId>,
    /// In this status.
    pub status: Option<String>,
}

/// Questions about orders.
#[async_trait]
pub trait OrderRead {
    /// The order of that id.
    async fn order(&mut self, id: &str) -> Result<Option<OrderRecord>>;
    /// How many orders the filter meets, and a page of them, newest first.
    async fn list_orders(&mut self, filter: &OrderFilter, limit: u32, offset: u32) -> Result<(u64, Vec<OrderRecord>)>;
    /// The customer's last `limit` orders, newest first.
    async fn orders_of(&mut self, customer: &CustomerId, limit: u32) -> Result<Vec<OrderRecord>>;
}

/// Changes of orders.
#[async_trait]
pub trait OrderWrite {
    /// Keeps or replaces the order of that id; without an address, the one it has stays.
    async fn put_order(&mut self, order: &OrderRecord) -> Result<()>;
}
