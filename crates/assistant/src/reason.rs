use std::collections::BTreeSet;

use protocol::{catalogue::Product, money};

use crate::Question;

/// Pieces in a store that count as few.
const FEW: i64 = 3;
/// Tags that two products must share to go together.
const SHARED: usize = 2;
/// Tags that say nothing about an occasion.
const PLAIN: &[&str] =
    &["men", "women", "unisex", "cotton", "leather", "wool", "linen", "denim", "everyday", "casual", "basic", "light"];

/// Why this product, from what is known to be so; none where nothing is. `bought` are products of the customer's purchases,
/// `most` the customer's limit.
pub(crate) fn reason(
    product: &Product,
    in_store: Option<i64>,
    question: &Question,
    in_cart: &[Product],
    bought: &[Product],
    most: Option<i64>,
) -> Option<String> {
    if bought.iter().any(|other| other.sku == product.sku) {
        return Some("You bought this before".into());
    }
    match in_store {
        Some(pieces @ 1..=FEW) => return Some(format!("{pieces} left in this store")),
        Some(0) if product.stock > 0 => return Some("Not in this store just now".into()),
        _ => {}
    }
    if let Some(partner) = in_cart.iter().find(|other| go_together(product, other)) {
        return Some(format!("Goes with your {}", partner.name));
    }
    let brand = product.brand.as_ref().filter(|brand| bought.iter().any(|other| other.brand.as_ref() == Some(brand)));
    if let Some(brand) = brand {
        return Some(format!("You bought {brand} before"));
    }
    most.filter(|most| product.price_minor <= *most).map(|most| format!("Within your {}", money::shown(most, &question.currency)))
}

/// Another kind of thing for the same occasions.
fn go_together(one: &Product, other: &Product) -> bool {
    one.category != other.category && tags(one).intersection(&tags(other)).count() >= SHARED
}

fn tags(product: &Product) -> BTreeSet<&str> {
    let tags = product.attributes.get("tags").map(String::as_str).unwrap_or_default();
    tags.split(['|', ',', ';']).map(str::trim).filter(|tag| !tag.is_empty() && !PLAIN.contains(tag)).collect()
}
