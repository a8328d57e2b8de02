//! Import of a shop's files: `shop.json`, `stores.csv`, `products.csv`, `images/`, `inventory.csv`, `customers.csv`,
//! `orders.csv`, `payments.csv`, `coupons.csv`, `promotions.csv`, `loyalty.toml` and `conversations.json`, each optional.
//!
//! A second import changes what the files say and doubles nothing: everything has an id. A row that cannot be taken is
//! reported with its number and the reason, and the others are taken.

mod conversations;
mod customers;
mod images;
mod inventory;
mod list;
mod loyalty;
mod orders;
mod payments;
mod products;
mod report;
mod shop;
mod sign_ins;
mod stores;
mod table;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, path::Path};

use anyhow::Context as _;
use indicatif::ProgressBar;
use protocol::{event::EventBody, ids::Sku};
use server_store::{
    ReadTx, StoreError,
    records::{CataloguePlace, Topic},
};

pub use report::{FileReport, Refusal, Report};
pub use sign_ins::SignIn;

use crate::{event, state::AppState};

/// Rows of one transaction: large enough that a file of 50 000 products is quick, small enough that a server that runs
/// meanwhile waits for a moment only.
const ROWS_AT_ONCE: usize = 2_000;

/// Imports the folder `dir` and answers what was taken. With `sign_ins`, every imported customer without a password gets
/// one that is drawn at random, and that file lists them; see [`SignIn`].
///
/// # Errors
/// The folder holds none of the files, the store failed, or the list of sign-ins cannot be read or written.
pub async fn import(state: &AppState, dir: &Path, sign_ins: Option<&Path>, progress: &ProgressBar) -> anyhow::Result<Report> {
    anyhow::ensure!(dir.is_dir(), "{} is no folder; name the folder that holds products.csv and the other files", dir.display());
    let mut report = Report::default();
    let before = state.read().await?.catalogue_place().await?;
    report.files.extend(shop::import(state, dir).await?);
    let basis = Basis::of(state).await?;
    report.files.extend(stores::import(state, dir, progress).await?);
    report.files.extend(images::import(&state.config.images(), dir, progress));
    report.files.extend(products::import(state, dir, &basis, progress).await?);
    report.files.extend(inventory::import(state, dir, progress).await?);
    tell_of_changes(state, &before).await?;
    let (customers, imported) = customers::import(state, dir, &basis, progress).await?;
    report.files.extend(customers);
    report.files.extend(orders::import(state, dir, &basis, progress).await?);
    report.files.extend(payments::import(state, dir, &basis, progress).await?);
    report.files.extend(loyalty::import_rules(state, dir).await?);
    report.files.extend(loyalty::import_coupons(state, dir, &basis, progress).await?);
    report.files.extend(loyalty::import_promotions(state, dir, &basis, progress).await?);
    report.files.extend(conversations::import(state, dir, &basis).await?);
    progress.finish_and_clear();
    anyhow::ensure!(
        !report.files.is_empty(),
        "{} holds none of shop.json, stores.csv, products.csv, inventory.csv, customers.csv, orders.csv, payments.csv, coupons.csv, promotions.csv, loyalty.toml, conversations.json and images",
        dir.display()
    );
    if let Some(path) = sign_ins {
        sign_ins::draw(state, &imported, path)
            .await
            .with_context(|| format!("the list of sign-ins {} was not written", path.display()))?;
    }
    Ok(report)
}

/// Tells kiosks that the catalogue is no longer as it was.
async fn tell_of_changes(state: &AppState, before: &CataloguePlace) -> Result<(), StoreError> {
    let mut tx = state.write().await?;
    if tx.catalogue_place().await? == *before {
        return Ok(());
    }
    event::append(&mut tx, Topic::Shop, &EventBody::CatalogueChanged).await?;
    tx.commit().await
}

/// What prices and phone numbers are read by.
#[derive(Clone, Debug)]
struct Basis {
    currency: String,
    country: String,
}

impl Basis {
    async fn of(state: &AppState) -> Result<Self, StoreError> {
        let mut tx = state.read().await?;
        let currency = crate::catalogue::currency(&mut *tx).await?;
        let country = crate::catalogue::country(&mut *tx, &state.config).await?;
        Ok(Self { currency, country })
    }

    /// An amount in the smallest unit.
    fn money(&self, what: &str, text: &str) -> Result<i64, String> {
        let minor = crate::money::parse(text, &self.currency);
        minor.ok_or_else(|| {
            format!("{what} must be an amount of {} such as 1999.50, not \"{}\"", self.currency, table::short(text))
        })
    }

    /// As [`Basis::money`], refused below 0.
    fn price(&self, what: &str, text: &str) -> Result<i64, String> {
        let minor = self.money(what, text)?;
        if minor < 0 { Err(format!("{what} must not be negative")) } else { Ok(minor) }
    }
}

/// Which products there are; each is asked for once.
#[derive(Debug, Default)]
struct KnownProducts(HashMap<Sku, bool>);

impl KnownProducts {
    async fn has(&mut self, tx: &mut dyn ReadTx, sku: &Sku) -> Result<bool, StoreError> {
        if let Some(known) = self.0.get(sku) {
            return Ok(*known);
        }
        let known = tx.product(sku).await?.is_some();
        self.0.insert(sku.clone(), known);
        Ok(known)
    }
}

/// Rows that name the same thing as an earlier one; the first is taken.
#[derive(Debug, Default)]
struct Doubles(HashMap<String, u64>);

impl Doubles {
    fn check(&mut self, id: &str, row: u64) -> Result<(), String> {
        if let Some(first) = self.0.get(id) {
            return Err(format!("{} stands in row {first} already", table::short(id)));
        }
        self.0.insert(id.to_owned(), row);
        Ok(())
    }
}

fn begin(progress: &ProgressBar, file: &str, rows: usize) {
    progress.reset();
    progress.set_length(rows as u64);
    progress.set_message(file.to_owned());
}
