//! The shop's products as the kiosk has them, with and without a server.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    catalogue::{CataloguePage, Product},
    ids::Sku,
};

use crate::StoreError;

/// Words of one search that count; what is behind them is left out.
pub(crate) const MOST_WORDS: usize = 16;

/// A product as the kiosk has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShelfProduct {
    /// The product; its stock is that of all places.
    pub product: Product,
    /// Pieces in the kiosk's own store that nobody holds; none where no place has counted any.
    pub in_this_store: Option<i64>,
    /// When all this was last known to be so, by the kiosk's clock.
    pub as_of: Timestamp,
}

/// A search for products.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShelfSearch {
    /// Every group must be met by one of its words. A word is met by one that begins with it, whatever its accents and its case.
    pub words: Vec<Vec<String>>,
    /// One of these, in the name or the colour; empty for any. Met as words are.
    pub colors: Vec<String>,
    /// One of these as category or subcategory, without case; empty for any.
    pub categories: Vec<String>,
    /// One of these, without case; empty for any.
    pub genders: Vec<String>,
    /// On offer in one of these, without case; empty for any.
    pub sizes: Vec<String>,
    /// At least, in the smallest unit of the shop's currency.
    pub min_price_minor: Option<i64>,
    /// At most, in the smallest unit of the shop's currency.
    pub max_price_minor: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

impl ShelfSearch {
    /// What somebody has typed so far: all its words, the last of which may be unfinished. A SKU is a word, too.
    #[must_use]
    pub fn typed(text: &str, limit: u32) -> Self {
        let words = text.split_whitespace().map(|word| vec![word.to_owned()]).take(MOST_WORDS).collect();
        Self { words, limit, ..Self::default() }
    }
}

/// How far the copy of the catalogue has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShelfState {
    /// What to ask the server after; none where a copy is to begin.
    pub revision: Option<String>,
    /// Whether the copy that goes on has been complete before, so that only differences are missing.
    pub complete: bool,
    /// Products that are there.
    pub products: u64,
    /// Products that the copy that goes on has named so far.
    pub copied: u64,
    /// Products that the shop has, as the server said last.
    pub total: u64,
    /// When everything that is there was last known to be so, by the kiosk's clock; none before the first complete copy.
    pub as_of: Option<Timestamp>,
}

/// The kiosk's copy of the catalogue. It stays over a restart, and holds nothing about a customer. While nothing changes in the
/// shop, nothing is written.
///
/// A copy that cannot be read is deleted and begun anew: the server has all of it.
#[async_trait]
pub trait Shelf: Send + Sync {
    /// How far the copy has come.
    async fn state(&self) -> Result<ShelfState, StoreError>;

    /// Takes a page in, in one transaction. `after` is the revision it was asked after; false, with nothing changed, where the copy
    /// has been begun anew meanwhile.
    async fn take(&self, after: Option<&str>, page: &CataloguePage) -> Result<bool, StoreError>;

    /// Begins a new copy. What is there stays until the new copy is complete and does not name it.
    async fn start_over(&self) -> Result<(), StoreError>;

    /// Notes that all is still as it was at the end of the last complete copy or difference, until `at`. It is kept in memory, and
    /// written when the file is closed.
    async fn still_true(&self, at: Timestamp) -> Result<(), StoreError>;

    /// A product.
    async fn product(&self, sku: &Sku) -> Result<Option<ShelfProduct>, StoreError> {
        Ok(self.products(std::slice::from_ref(sku)).await?.pop())
    }

    /// Those of the products that are there, in the order asked for.
    async fn products(&self, skus: &[Sku]) -> Result<Vec<ShelfProduct>, StoreError>;

    /// The products that meet the search: in stock first, then the best match.
    async fn search(&self, search: &ShelfSearch) -> Result<Vec<ShelfProduct>, StoreError>;

    /// Paths of pictures with their places, after a place, in an order that only ever grows at its end.
    async fn pictures(&self, after: i64, limit: u32) -> Result<Vec<(i64, String)>, StoreError>;

    /// Forgets what was asked for: connections keep it in their memory.
    async fn forget_questions(&self);

    /// Waits until a copy that could not be read was deleted.
    async fn lost(&self);

    /// Closes the file.
    async fn close(&self);
}
