//! Products, and the cards that show them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Timestamp, ids::Sku, shop::Store};

/// Changes on one page of [`CataloguePage`] where the kiosk asks for no other number.
pub const CATALOGUE_PAGE: u32 = 500;
/// Most changes on one page.
pub const LARGEST_CATALOGUE_PAGE: u32 = 2_000;

/// A product as `GET /products/{sku}` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Product {
    /// Its id.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// One or two sentences.
    pub description: String,
    /// In `currency`.
    pub price: f64,
    /// In the smallest unit of `currency`; what the server counts with.
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// 0 to 5.
    pub rating: Option<f64>,
    /// Pieces in all locations.
    pub stock: i64,
    /// Such as `Footwear`.
    pub category: String,
    /// Such as `Sneakers`.
    pub subcategory: Option<String>,
    /// Maker.
    pub brand: Option<String>,
    /// Whom it is cut for.
    pub gender: Option<String>,
    /// Colour by name.
    pub color: Option<String>,
    /// Path of its picture on the server.
    pub image_url: String,
    /// Every other column of the import, as text (`sizes`, `material`, `color_hex`, …).
    pub attributes: BTreeMap<String, String>,
}

impl Product {
    /// Sizes on offer: the attribute `sizes`, divided by `|`, `,` or `;`, or written as a JSON list. Empty where size does not matter.
    #[must_use]
    pub fn sizes(&self) -> Vec<String> {
        let Some(text) = self.attributes.get("sizes") else { return Vec::new() };
        if let Ok(list) = serde_json::from_str(text) {
            return list;
        }
        text.split(['|', ',', ';']).map(str::trim).filter(|size| !size.is_empty()).map(str::to_owned).collect()
    }

    /// The product as a conversation shows it. Stock of a store and the reason are the caller's to fill in.
    #[must_use]
    pub fn card(&self) -> ProductCard {
        ProductCard {
            kind: CardKind::Product,
            sku: self.sku.clone(),
            name: self.name.clone(),
            price: self.price,
            price_minor: self.price_minor,
            currency: self.currency.clone(),
            image: self.image_url.clone(),
            image_url: self.image_url.clone(),
            description: self.description.clone(),
            personalized_reason: None,
            gift_message: None,
            gift_suitability: None,
            brand: self.brand.clone(),
            color: self.color.clone(),
            color_hex: self.attributes.get("color_hex").cloned(),
            sizes: self.sizes(),
            in_this_store: None,
        }
    }
}

/// Answer of `GET /v1/catalogue`: what changed since the revision asked after, oldest change first; everything where none was named.
///
/// A kiosk takes each page in as a whole and asks after its `revision` until a page is `complete`. A copy that broke off goes on
/// after the last page that was taken in. A revision that the server does not know, or no longer, is refused with
/// `cursor_expired`: then the kiosk begins a new copy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CataloguePage {
    /// What to ask after next. Its text is the server's own.
    pub revision: String,
    /// Whether nothing has changed after this page.
    pub complete: bool,
    /// When all this was so.
    pub as_of: Timestamp,
    /// Products that the shop has, to tell how far a first copy has come.
    pub total: u64,
    /// New ones, and those of which anything but the stock has changed.
    pub products: Vec<Product>,
    /// Those that the shop no longer has.
    pub removed: Vec<Sku>,
    /// Pieces of `products`, and of those of which only the stock has changed.
    pub stock: Vec<ProductStock>,
}

/// Pieces of a product that nobody holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductStock {
    /// The product.
    pub sku: Sku,
    /// In the store of the kiosk that asks; none where no place has counted any.
    pub in_this_store: Option<i64>,
    /// In all places.
    pub everywhere: i64,
}

/// Answer of `GET /products`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductPage {
    /// All there are, on every page.
    pub total: u64,
    /// As asked for.
    pub limit: u32,
    /// As asked for.
    pub offset: u32,
    /// Each a [`Product`] with `ratings`, `product_url` and every other column of the import beside its members.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Product>))]
    pub products: Vec<Value>,
}

/// Answer of `GET /stores`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoreList {
    /// How many.
    pub total: u64,
    /// All of them.
    pub stores: Vec<Store>,
}

/// A product shown in a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ProductCard {
    /// Always `product`.
    #[serde(rename = "type")]
    pub kind: CardKind,
    /// Its id.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// In `currency`.
    pub price: f64,
    /// In the smallest unit of `currency`.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Path of its picture on the server.
    pub image: String,
    /// The same, for clients that look here.
    pub image_url: String,
    /// One or two sentences.
    pub description: String,
    /// Why this one, in a few words.
    pub personalized_reason: Option<String>,
    /// For presents.
    pub gift_message: Option<String>,
    /// For presents.
    pub gift_suitability: Option<String>,
    /// Maker.
    #[serde(default)]
    pub brand: Option<String>,
    /// Colour by name.
    #[serde(default)]
    pub color: Option<String>,
    /// Colour as CSS, for the card's tint.
    #[serde(default)]
    pub color_hex: Option<String>,
    /// Sizes on offer; empty where size does not matter.
    #[serde(default)]
    pub sizes: Vec<String>,
    /// Pieces in the store of the kiosk that asks, where it is known.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub in_this_store: Option<i64>,
}

/// What a card shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// A product.
    #[default]
    Product,
}

/// A product as the attract screen shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FeaturedProduct {
    /// Its id.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// Path of its picture on the server.
    pub image: String,
    /// Colour as CSS.
    pub color_hex: Option<String>,
}
