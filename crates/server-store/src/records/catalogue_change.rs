//! What has changed of the catalogue, for those who keep a copy of it.

use async_trait::async_trait;
use protocol::{Timestamp, ids::Sku};

use super::ProductRecord;
use crate::Result;

/// How far the catalogue has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CataloguePlace {
    /// Letters and digits; others from the moment that a copy is to begin anew.
    pub epoch: String,
    /// The number of the newest change there ever was; 0 before the first.
    pub newest: i64,
    /// The number of the newest change that is no longer remembered; 0 while all are. A copy behind it has missed something.
    pub forgotten: i64,
    /// Products that there are.
    pub products: u64,
}

/// The newest change of a product.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogueChange {
    /// Its place among all changes.
    pub number: i64,
    /// The product.
    pub sku: Sku,
    /// What it is like now.
    pub now: ChangedProduct,
}

/// What a product is like after changes.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangedProduct {
    /// It is no longer there.
    Gone,
    /// Only its stock is another one.
    Counted(CountedStock),
    /// It is new, or something else of it has changed.
    Changed(Box<ProductRecord>, CountedStock),
}

/// Pieces that nobody holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedStock {
    /// At the location asked about; none where no location has counted any.
    pub here: Option<i64>,
    /// In all locations.
    pub everywhere: i64,
}

/// Questions about changes of the catalogue.
#[async_trait]
pub trait CatalogueChangeRead {
    /// How far it has come.
    async fn catalogue_place(&mut self) -> Result<CataloguePlace>;
    /// At most `limit` products that have changed after `after`, each with its newest change, in the order of these. Whoever asks
    /// has every product as it was at `whole`: only what has changed since counts as more than stock. `location` is `online` or
    /// `store:<id>`.
    async fn catalogue_changes(&mut self, after: i64, whole: i64, location: &str, limit: u32) -> Result<Vec<CatalogueChange>>;
}

/// Keeping changes of the catalogue short. They are numbered by the database, whoever makes them.
#[async_trait]
pub trait CatalogueChangeWrite {
    /// Notes at `now` which products are gone, and forgets those that were noticed before `before`; answers how many those were.
    async fn forget_gone_products(&mut self, now: Timestamp, before: Timestamp) -> Result<u64>;
}
