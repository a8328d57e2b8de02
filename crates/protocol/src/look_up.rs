//! What staff look up at the kiosk: products of its own copy of the catalogue, with and without the server.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, ids::Sku};

/// Longest text of a look-up, in characters.
pub const LONGEST_LOOK_UP: usize = 200;

/// What staff look up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LookUp {
    /// The words or the SKU, as they were typed.
    pub text: String,
    /// What was found; none for a moment.
    pub answer: Option<LookUpAnswer>,
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LookUpAnswer {
    /// The kiosk has no product yet.
    NotCopied,
    /// The copy cannot be read just now.
    Unreadable,
    /// These; none where nothing was typed, or nothing meets it.
    Found {
        /// Those in stock first, then the best match.
        products: Vec<FoundProduct>,
        /// There are more than these.
        more: bool,
        /// Whether the copy has all products; otherwise what is missing may only not have come yet.
        complete: bool,
    },
}

/// A product that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FoundProduct {
    /// Its id.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// Path of its picture on the server.
    pub image: String,
    /// In the smallest unit of `currency`.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Colour by name.
    pub color: Option<String>,
    /// Colour as CSS, for the picture's tint.
    pub color_hex: Option<String>,
    /// Sizes on offer; empty where size does not matter.
    pub sizes: Vec<String>,
    /// Pieces in this store that nobody holds; none where no place has counted any.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub in_this_store: Option<i64>,
    /// Pieces in all places.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub everywhere: i64,
    /// When all this was last known to be so, by the kiosk's clock.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub as_of: Timestamp,
}
