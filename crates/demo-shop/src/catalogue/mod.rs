//! The catalogue: every product the shop sells.

mod accessories;
mod blouses_and_kurtas;
mod dresses_and_skirts;
mod footwear;
mod kind;
mod knitwear;
mod outerwear;
mod shirts;
mod trousers;

use std::fmt;

use crate::colour::Rgb;
use crate::drawing::{Cloth, Garment, Look};

pub use kind::Kind;

/// A maker whose goods the shop sells. All are invented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brand {
    /// Outdoor wear, tailoring and leather.
    Harrowick,
    /// Everyday clothes.
    Pellmere,
    /// Handloom, block print and festive wear.
    Kesaro,
    /// Shoes and sport.
    Tindrel,
    /// Women's wear.
    Mirelune,
}

impl fmt::Display for Brand {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}

/// Whom a product is cut for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// Men.
    Men,
    /// Women.
    Women,
    /// Everyone.
    Unisex,
}

impl fmt::Display for Gender {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}

/// One product in one colour.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// The number in the SKU.
    pub sku: u32,
    /// Its name; products that differ only in colour share it.
    pub name: &'static str,
    /// Its maker.
    pub brand: Brand,
    /// What it is and how it is cut.
    pub garment: Garment,
    /// Whom it is cut for.
    pub gender: Gender,
    /// The colour's name and its `#rrggbb`.
    pub colour: (&'static str, &'static str),
    /// The cloth and the second colour as `#rrggbb`: stripes, print, lining, sole or strap.
    pub cloth: (Cloth, &'static str),
    /// What it is made of.
    pub material: &'static str,
    /// Price in whole rupees.
    pub price: u32,
    /// Mean rating in tenths of a star.
    pub rating: u32,
    /// Pieces online, in the first and in the second store.
    pub stock: [u32; 3],
    /// Search words, separated by `|`.
    pub tags: &'static str,
    /// Two sentences for the customer.
    pub description: &'static str,
}

impl Product {
    /// The SKU as written on the wire, `SKU-1001`.
    #[must_use]
    pub fn sku_text(&self) -> String {
        format!("SKU-{}", self.sku)
    }

    /// Where its picture lies, relative to the shop's folder.
    #[must_use]
    pub fn image_path(&self) -> String {
        format!("images/{}.svg", self.sku_text())
    }

    /// Category, subcategory and sizes.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        Kind::of(self.garment, self.gender)
    }

    /// Colours and cloth for the drawing.
    #[must_use]
    pub const fn look(&self) -> Look {
        Look { colour: Rgb::hex(self.colour.1), trim: Rgb::hex(self.cloth.1), cloth: self.cloth.0 }
    }
}

/// Every product, in order of its SKU.
#[must_use]
pub fn products() -> Vec<Product> {
    let mut all = [
        outerwear::PRODUCTS,
        shirts::PRODUCTS,
        blouses_and_kurtas::PRODUCTS,
        knitwear::PRODUCTS,
        dresses_and_skirts::PRODUCTS,
        trousers::PRODUCTS,
        footwear::PRODUCTS,
        accessories::PRODUCTS,
    ]
    .concat();
    all.sort_unstable_by_key(|product| product.sku);
    all
}

/// The product with this number in its SKU.
#[must_use]
pub fn product(sku: u32) -> Option<Product> {
    products().into_iter().find(|product| product.sku == sku)
}
