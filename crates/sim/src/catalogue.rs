//! The shop's products in the model of the server, each with the number of its newest change.

use std::collections::BTreeMap;

use protocol::{
    Timestamp,
    catalogue::{CataloguePage, Product, ProductStock},
    ids::Sku,
};

use crate::{dice::Dice, shop::product};

/// Changes on a page, so that a copy takes several.
const PAGE: usize = 2;
/// Products that come and go.
const PASSING: [&str; 4] = ["SKU-4", "SKU-5", "SKU-6", "SKU-7"];

#[derive(Debug)]
pub(crate) struct Catalogue {
    /// Another one when all that was told no longer holds.
    epoch: u64,
    newest: u64,
    /// The newest change that is no longer remembered.
    forgotten: u64,
    products: BTreeMap<Sku, Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Of the newest change.
    number: u64,
    /// Of the newest change of more than the stock.
    product_number: u64,
    /// None where it is gone.
    product: Option<Product>,
}

/// How far a copy has come.
struct Place {
    at: u64,
    /// The copy was complete here.
    whole: u64,
    /// The copy began here.
    begun: u64,
}

impl Catalogue {
    pub(crate) fn of(products: &[Product]) -> Self {
        let mut catalogue = Self { epoch: 1, newest: 0, forgotten: 0, products: BTreeMap::new() };
        for product in products {
            catalogue.put(product.clone());
        }
        catalogue
    }

    /// What there is, with price and pieces.
    pub(crate) fn products(&self) -> BTreeMap<Sku, (i64, i64)> {
        let there = self.products.iter().filter_map(|(sku, entry)| Some((sku, entry.product.as_ref()?)));
        there.map(|(sku, product)| (sku.clone(), (product.price_minor, product.stock))).collect()
    }

    /// A day in a shop.
    pub(crate) fn change(&mut self, dice: &Dice) {
        let skus: Vec<Sku> = self.products().into_keys().collect();
        let sku = &skus[dice.index(skus.len())];
        let known = self.products.get(sku).and_then(|entry| entry.product.clone());
        let amount = i64::try_from(1 + dice.below(500)).unwrap_or(1);
        match (known, dice.below(100)) {
            (Some(product), 0..40) => self.put(Product { price_minor: amount, ..product }),
            (Some(_), 40..75) => self.count(sku, amount),
            (_, 75..95) => {
                let sku = Sku::from(PASSING[dice.index(PASSING.len())]);
                if skus.contains(&sku) { self.remove(&sku) } else { self.put(product(&sku.0)) }
            }
            (_, 95..98) => self.forget_gone(),
            _ => self.epoch += 1,
        }
    }

    fn next(&mut self) -> u64 {
        self.newest += 1;
        self.newest
    }

    fn put(&mut self, product: Product) {
        let number = self.next();
        let sku = product.sku.clone();
        self.products.insert(sku, Entry { number, product_number: number, product: Some(product) });
    }

    fn count(&mut self, sku: &Sku, pieces: i64) {
        let number = self.next();
        if let Some(entry) = self.products.get_mut(sku) {
            entry.number = number;
            entry.product.iter_mut().for_each(|product| product.stock = pieces);
        }
    }

    fn remove(&mut self, sku: &Sku) {
        let number = self.next();
        if let Some(entry) = self.products.get_mut(sku) {
            (entry.number, entry.product) = (number, None);
        }
    }

    fn forget_gone(&mut self) {
        let gone = self.products.values().filter(|entry| entry.product.is_none());
        self.forgotten = gone.map(|entry| entry.number).max().unwrap_or(0).max(self.forgotten);
        self.products.retain(|_, entry| entry.product.is_some());
    }

    /// What has changed after a revision; none where that cannot be told. A product that only its stock has changed of since
    /// `whole` comes without the rest; with `forgetful`, since the last page, which is wrong.
    pub(crate) fn page(&self, after: Option<&str>, as_of: Timestamp, forgetful: bool) -> Option<CataloguePage> {
        let Place { at, whole, begun } = match after {
            None => Place { at: 0, whole: 0, begun: self.newest },
            Some(text) => self.place(text)?,
        };
        let mut changed: Vec<_> = self.products.iter().filter(|(_, entry)| entry.number > at).collect();
        changed.sort_by_key(|(_, entry)| entry.number);
        let complete = changed.len() <= PAGE;
        changed.truncate(PAGE);
        let last = changed.last().map_or(at, |(_, entry)| entry.number);
        let (whole_next, begun_next) = if complete { (last, last) } else { (whole, begun) };
        let mut page = CataloguePage {
            revision: format!("{}.{last}.{whole_next}.{begun_next}", self.epoch),
            complete,
            as_of,
            total: self.products().len() as u64,
            products: Vec::new(),
            removed: Vec::new(),
            stock: Vec::new(),
        };
        for (sku, entry) in changed {
            let Some(product) = &entry.product else {
                page.removed.push(sku.clone());
                continue;
            };
            if entry.product_number > if forgetful { at } else { whole } {
                page.products.push(product.clone());
            }
            page.stock.push(ProductStock { sku: sku.clone(), in_this_store: Some(product.stock), everywhere: product.stock });
        }
        Some(page)
    }

    fn place(&self, text: &str) -> Option<Place> {
        let numbers: Vec<u64> = text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let [epoch, at, whole, begun] = numbers[..] else { return None };
        (epoch == self.epoch && at.max(begun) >= self.forgotten).then_some(Place { at, whole, begun })
    }
}
