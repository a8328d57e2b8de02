//! What follows from the kind of garment: its place in the catalogue and its sizes.

use super::Gender;
use crate::drawing::{Garment, derby, hoodie, sweater, trousers};

/// The place of a product in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Broad group.
    pub category: &'static str,
    /// Kind of product.
    pub subcategory: &'static str,
    /// Sizes, separated by `|`.
    pub sizes: &'static str,
}

impl Kind {
    /// The kind of a garment cut for someone.
    #[must_use]
    pub const fn of(garment: Garment, gender: Gender) -> Self {
        let (category, subcategory) = place(garment);
        Self { category, subcategory, sizes: sizes(garment, gender) }
    }
}

const fn place(garment: Garment) -> (&'static str, &'static str) {
    match garment {
        Garment::TShirt(_) => ("Tops", "T-Shirts"),
        Garment::Shirt(_) => ("Tops", "Shirts"),
        Garment::Blouse(_) => ("Tops", "Blouses"),
        Garment::Kurta(_) => ("Ethnic Wear", "Kurtas"),
        Garment::Sweater(sweater::Cut::Cardigan) => ("Knitwear", "Cardigans"),
        Garment::Sweater(_) => ("Knitwear", "Sweaters"),
        Garment::Hoodie(hoodie::Front::Closed | hoodie::Front::Zip) => ("Knitwear", "Hoodies"),
        Garment::QuiltedJacket => ("Outerwear", "Jackets"),
        Garment::RainJacket => ("Outerwear", "Rainwear"),
        Garment::Blazer => ("Outerwear", "Blazers"),
        Garment::Coat(_) => ("Outerwear", "Coats"),
        Garment::Dress(_) => ("Dresses and Skirts", "Dresses"),
        Garment::Skirt(_) => ("Dresses and Skirts", "Skirts"),
        Garment::Trousers(trousers::Cut::Jeans) => ("Bottoms", "Jeans"),
        Garment::Trousers(trousers::Cut::Shorts) => ("Bottoms", "Shorts"),
        Garment::Trousers(_) => ("Bottoms", "Trousers"),
        Garment::Sneaker(_) => ("Footwear", "Sneakers"),
        Garment::Derby(derby::Kind::Derby) => ("Footwear", "Derby Shoes"),
        Garment::Derby(derby::Kind::Loafer) => ("Footwear", "Loafers"),
        Garment::Boot(_) => ("Footwear", "Boots"),
        Garment::Sandal(_) => ("Footwear", "Sandals"),
        Garment::Tote => ("Bags", "Tote Bags"),
        Garment::Handbag => ("Bags", "Handbags"),
        Garment::Backpack => ("Bags", "Backpacks"),
        Garment::Scarf => ("Accessories", "Scarves"),
        Garment::Cap => ("Accessories", "Caps"),
        Garment::Belt => ("Accessories", "Belts"),
    }
}

const fn sizes(garment: Garment, gender: Gender) -> &'static str {
    match garment {
        Garment::Sneaker(_) | Garment::Derby(_) | Garment::Boot(_) | Garment::Sandal(_) => match gender {
            Gender::Men => "40|41|42|43|44|45",
            Gender::Women => "36|37|38|39|40|41",
            Gender::Unisex => "36|37|38|39|40|41|42|43|44|45",
        },
        Garment::Trousers(trousers::Cut::Tailored | trousers::Cut::Chino | trousers::Cut::Jeans) => match gender {
            Gender::Women => "26|28|30|32|34",
            Gender::Men | Gender::Unisex => "30|32|34|36|38",
        },
        Garment::Tote | Garment::Handbag | Garment::Backpack | Garment::Scarf | Garment::Cap => "One size",
        Garment::Belt => "85|95|105",
        _ => match gender {
            Gender::Men => "S|M|L|XL|XXL",
            Gender::Women => "XS|S|M|L|XL",
            Gender::Unisex => "XS|S|M|L|XL|XXL",
        },
    }
}
