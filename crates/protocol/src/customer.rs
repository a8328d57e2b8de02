//! The customer record, its members fixed in type whichever way it came in.

use serde::{Deserialize, Serialize};

use crate::ids::CustomerId;

/// A customer as the documented API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Customer {
    /// Decimal text.
    pub customer_id: CustomerId,
    /// Full name.
    pub name: String,
    /// Years.
    pub age: Option<u16>,
    /// As given.
    pub gender: String,
    /// E.164.
    pub phone_number: String,
    /// Part of the address.
    pub city: String,
    /// Part of the address.
    pub building_name: String,
    /// Part of the address.
    pub address_landmark: String,
    /// Bronze, Silver, Gold or Platinum.
    pub loyalty_tier: String,
    /// Never negative.
    pub loyalty_points: i64,
    /// `mobile`, `web` or `kiosk`.
    pub device_preference: String,
    /// In the shop's currency.
    pub total_spend: f64,
    /// Pieces.
    pub items_purchased: i64,
    /// 0 to 5.
    pub average_rating: f64,
    /// Days.
    pub days_since_last_purchase: i64,
    /// `Satisfied`, `Neutral`, `Unsatisfied` or `New`.
    pub satisfaction: String,
    /// What was bought before.
    pub purchase_history: Vec<Purchase>,
}

impl Customer {
    /// What a kiosk calls the customer: the first word of the name.
    #[must_use]
    pub fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or_default()
    }
}

/// One purchase of a customer's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Purchase {
    /// The order.
    pub order_id: String,
    /// The product.
    pub sku: String,
    /// Pieces.
    pub qty: i64,
    /// In the shop's currency.
    pub amount: f64,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// 0 to 5.
    #[serde(default)]
    pub rating: Option<f64>,
}
