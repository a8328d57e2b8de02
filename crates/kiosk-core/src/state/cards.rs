//! Product cards of an entry, as any channel may have attached them.

use protocol::{
    catalogue::{CardKind, ProductCard},
    ids::Sku,
};
use serde_json::{Map, Value};

/// Cards of one entry that a screen has room for.
const MOST: usize = 12;

/// The cards in an entry's metadata. What cannot be read is left out: old entries carry what older programs wrote.
pub(super) fn cards(metadata: Option<&Map<String, Value>>, currency: &str) -> Vec<ProductCard> {
    let cards = metadata.and_then(|metadata| metadata.get("cards")).and_then(Value::as_array);
    cards.into_iter().flatten().filter_map(|card| read(card, currency)).take(MOST).collect()
}

fn read(card: &Value, currency: &str) -> Option<ProductCard> {
    if let Ok(card) = serde_json::from_value(card.clone()) {
        return Some(card);
    }
    let card = card.as_object()?;
    let sku = text(card, &["sku", "SKU", "product_id"])?;
    let price = card.get("price").and_then(Value::as_f64);
    let image = text(card, &["image", "image_url"]).unwrap_or_default();
    Some(ProductCard {
        kind: CardKind::Product,
        sku: Sku(sku),
        name: text(card, &["name", "title"])?,
        price: price.unwrap_or_default(),
        price_minor: card.get("price_minor").and_then(Value::as_i64).or_else(|| price.and_then(minor))?,
        currency: text(card, &["currency"]).unwrap_or_else(|| currency.to_owned()),
        image_url: text(card, &["image_url"]).unwrap_or_else(|| image.clone()),
        image,
        description: text(card, &["description"]).unwrap_or_default(),
        personalized_reason: text(card, &["personalized_reason"]),
        gift_message: text(card, &["gift_message"]),
        gift_suitability: text(card, &["gift_suitability"]),
        brand: text(card, &["brand"]),
        color: text(card, &["color"]),
        color_hex: text(card, &["color_hex"]),
        sizes: card
            .get("sizes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        in_this_store: card.get("in_this_store").and_then(Value::as_i64),
    })
}

fn text(card: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match card.get(*name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// A price of an older program in hundredths.
fn minor(price: f64) -> Option<i64> {
    const LARGEST: f64 = 1e12;
    let minor = (price * 100.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked and the fraction rounded away")]
    (minor.is_finite() && (0.0..LARGEST).contains(&minor)).then_some(minor as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_all(cards_of: &Value) -> Vec<ProductCard> {
        let metadata = json!({ "cards": cards_of });
        cards(metadata.as_object(), "INR")
    }

    #[test]
    fn an_old_card_is_read_as_far_as_it_goes() {
        let cards = read_all(&json!([{ "SKU": 1070, "name": "Kurta", "price": 1299.5, "image_url": "/images/k.svg" }]));
        assert_eq!((cards[0].sku.0.as_str(), cards[0].price_minor, cards[0].currency.as_str()), ("1070", 129_950, "INR"));
        assert_eq!(cards[0].image, "/images/k.svg");
    }

    #[test]
    fn what_is_no_card_is_left_out() {
        assert_eq!(
            read_all(
                &json!([null, 7, "x", {}, { "sku": "A" }, { "sku": "A", "name": "B" }, { "sku": "A", "name": "B", "price": -1 }])
            ),
            []
        );
        assert_eq!(read_all(&json!("no list")), []);
        assert_eq!(cards(None, "INR"), []);
    }
}
