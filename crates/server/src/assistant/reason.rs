use std::collections::BTreeSet;

use server_store::records::ProductRecord;

use super::Question;

/// Pieces in a store that count as few.
const FEW: i64 = 3;
/// Tags that two products must share to go together.
const SHARED: usize = 2;
/// Tags that say nothing about an occasion.
const PLAIN: &[&str] = &["men", "women", "unisex", "cotton", "leather", "wool", "linen", "denim", "everyday", "casual", "basic", "light"];

/// Why this product, from what is known to be so; none where nothing is.
pub(super) fn reason(product: &ProductRecord, in_store: Option<i64>, question: &Question, in_cart: &[ProductRecord]) -> Option<String> {
    match in_store {
        Some(pieces @ 1..=FEW) => return Some(format!("{pieces} left in this store")),
        Some(0) if product.stock > 0 => return Some("Not in this store, but online".into()),
        _ => {}
    }
    if let Some(partner) = in_cart.iter().find(|other| go_together(product, other)) {
        return Some(format!("Goes with your {}", partner.name));
    }
    let bought = question.customer.as_ref().is_some_and(|customer| customer.purchase_history.iter().any(|purchase| purchase.sku == product.sku.0));
    bought.then(|| "You bought this before".into())
}

/// Another kind of thing for the same occasions.
fn go_together(one: &ProductRecord, other: &ProductRecord) -> bool {
    one.category != other.category && tags(one).intersection(&tags(other)).count() >= SHARED
}

fn tags(product: &ProductRecord) -> BTreeSet<&str> {
    let tags = product.attributes.get("tags").map(String::as_str).unwrap_or_default();
    tags.split(['|', ',', ';']).map(str::trim).filter(|tag| !tag.is_empty() && !PLAIN.contains(tag)).collect()
}
