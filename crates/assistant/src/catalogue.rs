//! What the assistant asks of a shop.

use async_trait::async_trait;
use protocol::{
    catalogue::Product,
    ids::{Sku, StoreId},
    shop::Store,
};

/// A search for products by words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
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

/// Where pieces are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a store.
    Store(StoreId),
    /// To be sent.
    Online,
    /// Anywhere but in the stores that are told.
    Elsewhere,
}

/// Pieces at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Where.
    pub place: Place,
    /// Pieces that nobody holds.
    pub pieces: i64,
}

/// A shop's products, as whoever answers can look at them.
#[async_trait]
pub trait Catalogue: Send {
    /// Why it cannot be read.
    type Error: Send;

    /// Those of the products that are there, in the order asked for.
    async fn products(&mut self, skus: &[Sku]) -> Result<Vec<Product>, Self::Error>;
    /// The products that meet the search: in stock first, then the best match.
    async fn search(&mut self, search: &Search) -> Result<Vec<Product>, Self::Error>;
    /// At most `limit` products of a category, and of a part of it where one is named, that cost at most so much.
    async fn of_kind(
        &mut self,
        category: &str,
        subcategory: Option<&str>,
        max_price_minor: i64,
        limit: u32,
    ) -> Result<Vec<Product>, Self::Error>;
    /// Where there are pieces of a product, as far as it is known.
    async fn counts(&mut self, sku: &Sku) -> Result<Vec<Count>, Self::Error>;
    /// The shop's stores.
    async fn stores(&mut self) -> Result<Vec<Store>, Self::Error>;
}
