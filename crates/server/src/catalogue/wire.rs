use protocol::catalogue::Product;
use server_store::records::ProductRecord;

use crate::money;

/// A product as `GET /products/{sku}` shows it.
#[must_use]
pub fn product(record: &ProductRecord, currency: &str) -> Product {
    Product {
        sku: record.sku.clone(),
        name: record.name.clone(),
        description: record.description.clone(),
        price: money::decimal(record.price_minor, currency),
        price_minor: record.price_minor,
        currency: currency.to_owned(),
        rating: record.rating,
        stock: record.stock,
        category: record.category.clone(),
        subcategory: record.subcategory.clone(),
        brand: record.brand.clone(),
        gender: record.gender.clone(),
        color: record.color.clone(),
        image_url: record.image_url.clone(),
        attributes: record.attributes.clone(),
    }
}
