use protocol::catalogue::{CardKind, ProductCard};
use server_store::records::ProductRecord;

use crate::money;

/// A product as a conversation shows it. Stock of a store and the reason are the caller's to fill in.
#[must_use]
pub fn card(product: &ProductRecord, currency: &str) -> ProductCard {
    ProductCard {
        kind: CardKind::Product,
        sku: product.sku.clone(),
        name: product.name.clone(),
        price: money::decimal(product.price_minor, currency),
        price_minor: product.price_minor,
        currency: currency.to_owned(),
        image: product.image_url.clone(),
        image_url: product.image_url.clone(),
        description: product.description.clone(),
        personalized_reason: None,
        gift_message: None,
        gift_suitability: None,
        brand: product.brand.clone(),
        color: product.color.clone(),
        color_hex: product.attributes.get("color_hex").cloned(),
        sizes: sizes(product),
        in_this_store: None,
    }
}

/// The column `sizes`, divided by `|`, `,` or `;`, or written as a JSON list.
fn sizes(product: &ProductRecord) -> Vec<String> {
    let Some(text) = product.attributes.get("sizes") else { return Vec::new() };
    if let Ok(list) = serde_json::from_str(text) {
        return list;
    }
    text.split(['|', ',', ';']).map(str::trim).filter(|size| !size.is_empty()).map(str::to_owned).collect()
}
