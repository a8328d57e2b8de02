//! Stock, and pieces that somebody holds for a while.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    ids::{Sku, StoreId},
};

/// Answer of `GET /inventory/{sku}`: pieces that nobody holds. An unknown product has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockLevels {
    /// The product.
    pub sku: Sku,
    /// Pieces to be sent.
    pub online_stock: i64,
    /// Pieces in each store.
    pub store_stock: BTreeMap<StoreId, i64>,
    /// Pieces everywhere.
    pub total_stock: i64,
}

/// Answer of `GET /inventory`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockPage {
    /// Products in all.
    pub total: u64,
    /// At most so many on a page.
    pub limit: u32,
    /// So many were left out.
    pub offset: u32,
    /// In order of SKU.
    pub inventory: Vec<StockLevels>,
}

/// `POST /hold`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldRequest {
    /// The product.
    pub sku: Sku,
    /// 1 to 99.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99))]
    pub quantity: i64,
    /// `online` (default) or `store:<id>`.
    #[serde(default)]
    pub location: Option<String>,
    /// Seconds, 900 at most; default 300.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 900))]
    pub ttl: Option<i64>,
}

/// Answer of hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldResponse {
    /// `hold-` and a uuid.
    pub hold_id: String,
    /// The product.
    pub sku: Sku,
    /// Pieces held.
    pub quantity: u32,
    /// Where.
    pub location: String,
    /// Pieces that are still free there.
    pub remaining_stock: i64,
    /// The pieces are free again from here on.
    pub expires_at: Timestamp,
    /// `active`.
    pub status: String,
}

/// `POST /release`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReleaseRequest {
    /// Of the hold.
    pub hold_id: String,
}

/// Answer of release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReleaseResponse {
    /// Of the hold.
    pub hold_id: String,
    /// `released`.
    pub status: String,
    /// Pieces that are free there now.
    pub restored_stock: i64,
}

/// `POST /simulate/sale`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaleRequest {
    /// The product.
    pub sku: Sku,
    /// 1 to 99.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99))]
    pub quantity: i64,
    /// `online` (default) or `store:<id>`.
    #[serde(default)]
    pub location: Option<String>,
}

/// Answer of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaleResponse {
    /// The product.
    pub sku: Sku,
    /// Pieces that left the shop.
    pub quantity_sold: u32,
    /// Where.
    pub location: String,
    /// Pieces that are still free there.
    pub remaining_stock: i64,
    /// `sold`.
    pub status: String,
}
