//! The shop, its stores, its products and their stock.

use std::collections::BTreeMap;

use async_trait::async_trait;
use protocol::{
    ids::{Sku, StoreId},
    shop::{Shop, Store as ShopStore},
};

use crate::Result;

/// A product.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductRecord {
    /// Its id.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// One or two sentences.
    pub description: String,
    /// In the smallest unit of the shop's currency.
    pub price_minor: i64,
    /// 0 to 5.
    pub rating: Option<f64>,
    /// Pieces, where no location has counted any.
    pub listed_stock: i64,
    /// Pieces that nobody holds in all locations, or `listed_stock` where none has counted. Computed: ignored when written.
    pub stock: i64,
    /// Such as `Footwear`.
    pub category: String,
    /// Such as `Sneakers`.
    pub subcategory: Option<String>,
    /// Maker.
    pub brand: Option<String>,
    /// Whom it is cut for.
    pub gender: Option<String>,
    /// Colour by name.
    pub color: Option<String>,
    /// Path of its picture on the server.
    pub image_url: String,
    /// Every other column of the import.
    pub attributes: BTreeMap<String, String>,
}

/// What `GET /products` filters by. Texts compare without case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductFilter {
    /// Equal.
    pub category: Option<String>,
    /// Equal.
    pub subcategory: Option<String>,
    /// Equal.
    pub gender: Option<String>,
    /// Equal.
    pub brand: Option<String>,
    /// At least, in the smallest unit.
    pub min_price_minor: Option<i64>,
    /// At most, in the smallest unit.
    pub max_price_minor: Option<i64>,
    /// At least.
    pub min_rating: Option<f64>,
}

/// A search for products by words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductSearch {
    /// Every group must be met by one of its words; words match from their beginning. Only letters and digits count.
    pub words: Vec<Vec<String>>,
    /// One of these in the name or colour, from their beginning; empty for any.
    pub colors: Vec<String>,
    /// One of these, without case; empty for any.
    pub genders: Vec<String>,
    /// At least, in the smallest unit.
    pub min_price_minor: Option<i64>,
    /// At most, in the smallest unit.
    pub max_price_minor: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Pieces at one location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryRecord {
    /// The product.
    pub sku: Sku,
    /// `online` or `store:<id>`.
    pub location: String,
    /// Never negative.
    pub quantity: i64,
}

/// Questions about the shop.
#[async_trait]
pub trait CatalogueRead {
    /// The shop, once it was imported.
    async fn shop(&mut self) -> Result<Option<Shop>>;
    /// Every store, in order of id.
    async fn stores(&mut self) -> Result<Vec<ShopStore>>;
    /// The store of that id.
    async fn store(&mut self, id: &StoreId) -> Result<Option<ShopStore>>;
    /// The product of that id.
    async fn product(&mut self, sku: &Sku) -> Result<Option<ProductRecord>>;
    /// Those of the products that are there, in the order asked for.
    async fn products(&mut self, skus: &[Sku]) -> Result<Vec<ProductRecord>>;
    /// How many products the filter meets, and a page of them in order of id.
    async fn list_products(&mut self, filter: &ProductFilter, limit: u32, offset: u32) -> Result<(u64, Vec<ProductRecord>)>;
    /// The products that meet the search: in stock first, then the best match.
    async fn search_products(&mut self, search: &ProductSearch) -> Result<Vec<ProductRecord>>;
    /// Pieces that nobody holds at each location of a product.
    async fn inventory(&mut self, sku: &Sku) -> Result<Vec<InventoryRecord>>;
}

/// Changes of the shop.
#[async_trait]
pub trait CatalogueWrite {
    /// Keeps or replaces the shop.
    async fn put_shop(&mut self, shop: &Shop) -> Result<()>;
    /// Keeps or replaces the store of that id.
    async fn put_store(&mut self, store: &ShopStore) -> Result<()>;
    /// Keeps or replaces the product of that id.
    async fn put_product(&mut self, product: &ProductRecord) -> Result<()>;
    /// Keeps or replaces the count at that location; what is held there stays held.
    async fn put_inventory(&mut self, inventory: &InventoryRecord) -> Result<()>;
}
