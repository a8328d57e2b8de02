//! The shop, its products and their pictures, and what has changed of them for kiosks that keep a copy.

mod changes;
#[cfg(test)]
mod changes_tests;
mod http;
mod image;
mod revision;
#[cfg(test)]
mod tests;
mod wire;

pub use http::routes;
pub use image::is_plain as is_plain_file_name;
use protocol::catalogue::ProductCard;
use server_store::{ReadTx, StoreError, records::ProductRecord};
pub use wire::product as wire_product;

use crate::{Config, phone_number::DEFAULT_COUNTRY};

/// The shop's currency; where no shop was imported, one that every reader knows.
///
/// # Errors
/// The store failed.
pub async fn currency(tx: &mut dyn ReadTx) -> Result<String, StoreError> {
    Ok(tx.shop().await?.map_or_else(|| "USD".into(), |shop| shop.currency))
}

/// The country of phone numbers without a country code: the config's, else the shop's.
///
/// # Errors
/// The store failed.
pub async fn country(tx: &mut dyn ReadTx, config: &Config) -> Result<String, StoreError> {
    if let Some(country) = &config.country {
        return Ok(country.clone());
    }
    Ok(tx.shop().await?.map_or_else(|| DEFAULT_COUNTRY.into(), |shop| shop.country))
}

/// A product as a conversation shows it. Stock of a store and the reason are the caller's to fill in.
#[must_use]
pub fn card(product: &ProductRecord, currency: &str) -> ProductCard {
    wire_product(product, currency).card()
}
