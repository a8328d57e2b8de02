//! The shop's catalogue as the assistant looks at it.

use ::assistant::{Catalogue, Count, Place, Search};
use async_trait::async_trait;
use protocol::{
    catalogue::Product,
    ids::{Sku, StoreId},
    shop::Store,
};
use server_store::{
    ReadTx, StoreError,
    records::{ProductFilter, ProductRecord, ProductSearch},
};

use crate::catalogue::wire_product;

/// The catalogue of a transaction.
pub(super) struct Shelf<'a> {
    tx: &'a mut dyn ReadTx,
    currency: &'a str,
}

impl<'a> Shelf<'a> {
    pub(super) fn of(tx: &'a mut dyn ReadTx, currency: &'a str) -> Self {
        Self { tx, currency }
    }

    fn shown(&self, records: &[ProductRecord]) -> Vec<Product> {
        records.iter().map(|record| wire_product(record, self.currency)).collect()
    }
}

#[async_trait]
impl Catalogue for Shelf<'_> {
    type Error = StoreError;

    async fn products(&mut self, skus: &[Sku]) -> Result<Vec<Product>, StoreError> {
        let records = self.tx.products(skus).await?;
        Ok(self.shown(&records))
    }

    async fn search(&mut self, search: &Search) -> Result<Vec<Product>, StoreError> {
        let Search { words, colors, genders, min_price_minor, max_price_minor, limit } = search.clone();
        let search = ProductSearch { words, colors, genders, min_price_minor, max_price_minor, limit };
        let records = self.tx.search_products(&search).await?;
        Ok(self.shown(&records))
    }

    async fn of_kind(
        &mut self,
        category: &str,
        subcategory: Option<&str>,
        max_price_minor: i64,
        limit: u32,
    ) -> Result<Vec<Product>, StoreError> {
        let filter = ProductFilter {
            category: Some(category.to_owned()),
            subcategory: subcategory.map(str::to_owned),
            max_price_minor: Some(max_price_minor),
            ..ProductFilter::default()
        };
        let (_, records) = self.tx.list_products(&filter, limit, 0).await?;
        Ok(self.shown(&records))
    }

    async fn counts(&mut self, sku: &Sku) -> Result<Vec<Count>, StoreError> {
        let counts = self.tx.inventory(sku).await?;
        let place = |location: &str| location.strip_prefix("store:").map_or(Place::Online, |id| Place::Store(StoreId::from(id)));
        Ok(counts.iter().map(|known| Count { place: place(&known.location), pieces: known.quantity }).collect())
    }

    async fn stores(&mut self) -> Result<Vec<Store>, StoreError> {
        self.tx.stores().await
    }
}
