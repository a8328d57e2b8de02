//! A copy of the catalogue without a file. It answers at once, so a test may control time.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use protocol::{
    Timestamp,
    catalogue::{CataloguePage, Product},
    ids::Sku,
};

use crate::{Shelf, ShelfProduct, ShelfSearch, ShelfState, StoreError};

/// A copy of the catalogue without a file. Its search knows no ranks and no accents.
#[derive(Default)]
pub struct MemoryShelf(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    state: ShelfState,
    copy: u64,
    products: BTreeMap<Sku, (u64, ShelfProduct)>,
}

impl MemoryShelf {
    /// One that has taken this page in.
    #[must_use]
    pub fn filled(page: &CataloguePage) -> Self {
        let shelf = Self::default();
        shelf.lock().take(page);
        shelf
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn take(&mut self, page: &CataloguePage) {
        for product in &page.products {
            let known = self.products.get(&product.sku).and_then(|(_, known)| known.in_this_store);
            let product = ShelfProduct { product: product.clone(), in_this_store: known, as_of: page.as_of };
            self.products.insert(product.product.sku.clone(), (self.copy, product));
        }
        for sku in &page.removed {
            self.products.remove(sku);
        }
        for stock in &page.stock {
            if let Some((_, known)) = self.products.get_mut(&stock.sku) {
                (known.in_this_store, known.product.stock, known.as_of) = (stock.in_this_store, stock.everywhere, page.as_of);
            }
        }
        self.state.revision = Some(page.revision.clone());
        self.state.total = page.total;
        if page.complete {
            let copy = self.copy;
            self.products.retain(|_, (named, _)| *named == copy || self.state.complete);
            self.state.complete = true;
            self.state.as_of = Some(page.as_of);
        }
    }

    fn shown(&self, product: &ShelfProduct) -> ShelfProduct {
        ShelfProduct { as_of: product.as_of.max(self.state.as_of.unwrap_or(product.as_of)), ..product.clone() }
    }
}

#[async_trait]
impl Shelf for MemoryShelf {
    async fn state(&self) -> Result<ShelfState, StoreError> {
        let memory = self.lock();
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let copied = memory.products.values().filter(|(copy, _)| *copy == memory.copy).count();
        Ok(ShelfState { products: count(memory.products.len()), copied: count(copied), ..memory.state.clone() })
    }

    async fn take(&self, after: Option<&str>, page: &CataloguePage) -> Result<bool, StoreError> {
        let mut memory = self.lock();
        if memory.state.revision.as_deref() != after {
            return Ok(false);
        }
        memory.take(page);
        Ok(true)
    }

    async fn start_over(&self) -> Result<(), StoreError> {
        let mut memory = self.lock();
        memory.copy += 1;
        (memory.state.revision, memory.state.complete) = (None, false);
        Ok(())
    }

    async fn still_true(&self, at: Timestamp) -> Result<(), StoreError> {
        let mut memory = self.lock();
        if memory.state.complete {
            memory.state.as_of = memory.state.as_of.max(Some(at));
        }
        Ok(())
    }

    async fn products(&self, skus: &[Sku]) -> Result<Vec<ShelfProduct>, StoreError> {
        let memory = self.lock();
        Ok(skus.iter().filter_map(|sku| memory.products.get(sku)).map(|(_, product)| memory.shown(product)).collect())
    }

    async fn search(&self, search: &ShelfSearch) -> Result<Vec<ShelfProduct>, StoreError> {
        let memory = self.lock();
        let found = memory.products.values().filter(|(_, product)| meets(&product.product, search));
        let mut found: Vec<ShelfProduct> = found.map(|(_, product)| memory.shown(product)).collect();
        found.sort_by_key(|product| product.product.stock <= 0);
        found.truncate(search.limit as usize);
        Ok(found)
    }

    async fn pictures(&self, after: i64, limit: u32) -> Result<Vec<(i64, String)>, StoreError> {
        let memory = self.lock();
        let numbered = (1_i64..).zip(memory.products.values().map(|(_, product)| product.product.image_url.clone()));
        Ok(numbered.filter(|(number, image)| *number > after && !image.is_empty()).take(limit as usize).collect())
    }

    async fn forget_questions(&self) {}

    async fn lost(&self) {
        std::future::pending::<()>().await;
    }

    async fn close(&self) {}
}

fn meets(product: &Product, search: &ShelfSearch) -> bool {
    let is_one_of = |texts: &[String], text: &str| {
        texts.is_empty() || texts.iter().any(|wanted| wanted.trim().to_lowercase() == text.trim().to_lowercase())
    };
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let (subcategory, color) = (optional(&product.subcategory), optional(&product.color));
    let attributes: Vec<&str> = product.attributes.values().map(String::as_str).collect();
    let all = [
        product.sku.0.as_str(),
        &product.name,
        &subcategory,
        &product.category,
        &color,
        &optional(&product.brand),
        &product.description,
        &attributes.join(" "),
    ]
    .join(" ");
    let coloured = format!("{} {color}", product.name);
    search.words.iter().all(|words| begins(&all, words))
        && (search.colors.is_empty() || begins(&coloured, &search.colors))
        && (is_one_of(&search.categories, &product.category) || is_one_of(&search.categories, &subcategory))
        && is_one_of(&search.genders, &optional(&product.gender))
        && (search.sizes.is_empty() || product.sizes().iter().any(|size| is_one_of(&search.sizes, size)))
        && search.min_price_minor.is_none_or(|least| product.price_minor >= least)
        && search.max_price_minor.is_none_or(|most| product.price_minor <= most)
}

/// Whether a word of the text begins with one of these.
fn begins(text: &str, words: &[String]) -> bool {
    let split = |text: &str| -> Vec<String> {
        let parts = text.split(|letter: char| !letter.is_alphanumeric());
        parts.filter(|part| !part.is_empty()).map(str::to_lowercase).collect()
    };
    let text = split(text);
    words.iter().map(|word| split(word)).any(|word| {
        let Some((last, rest)) = word.split_last() else { return false };
        text.windows(word.len()).any(|some| some.split_last().is_some_and(|(end, begin)| begin == rest && end.starts_with(last)))
    })
}
