//! Orders and payments as the documented data API shows them, and pages of customers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    customer::Customer,
    ids::{CustomerId, Sku},
};

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// Such as `ORD000901`.
    pub order_id: String,
    /// Whose.
    pub customer_id: CustomerId,
    /// What.
    pub items: Vec<OrderLine>,
    /// In `currency`.
    pub total_amount: f64,
    /// In the smallest unit.
    pub total_amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// `placed`, `shipped`, `delivered` or `cancelled`.
    pub status: String,
    /// When it was placed.
    pub created_at: Timestamp,
    /// Where its pieces go, where that is known: `city`, `landmark`, `building`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<BTreeMap<String, String>>,
}

/// One position of an order, with what the catalogue says of it now; of a product that is gone it says nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderLine {
    /// The product.
    pub sku: Sku,
    /// Pieces.
    pub qty: u32,
    /// Of one piece, as it was paid.
    pub unit_price: f64,
    /// In the smallest unit.
    pub unit_price_minor: i64,
    /// Of all pieces.
    pub line_total: f64,
    /// In the smallest unit.
    pub line_total_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Its name.
    pub name: Option<String>,
    /// Path of its picture.
    pub image: Option<String>,
    /// Maker.
    pub brand: Option<String>,
    /// Such as `Footwear`.
    pub category: Option<String>,
    /// Colour by name.
    pub color: Option<String>,
}

/// Answer of `GET /orders`, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderPage {
    /// Orders in all.
    pub total: u64,
    /// At most so many on a page.
    pub limit: u32,
    /// So many were left out.
    pub offset: u32,
    /// The page.
    pub orders: Vec<Order>,
}

/// Answer of `GET /customers`, in order of id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerPage {
    /// Customers in all.
    pub total: u64,
    /// At most so many on a page.
    pub limit: u32,
    /// So many were left out.
    pub offset: u32,
    /// The page.
    pub customers: Vec<Customer>,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Payment {
    /// Its id.
    pub payment_id: String,
    /// What was paid.
    pub order_id: String,
    /// Who paid.
    pub customer_id: CustomerId,
    /// In `currency`.
    pub amount: f64,
    /// In the smallest unit.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Such as `card`.
    pub method: String,
    /// Such as `completed`.
    pub status: String,
    /// When.
    pub created_at: Timestamp,
    /// What the payments service calls it, where it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<String>,
}

/// Answer of `GET /payments`, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentPage {
    /// Payments in all.
    pub total: u64,
    /// At most so many on a page.
    pub limit: u32,
    /// So many were left out.
    pub offset: u32,
    /// The page.
    pub payments: Vec<Payment>,
}
