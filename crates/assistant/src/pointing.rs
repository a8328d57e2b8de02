//! Which product a customer means.

use crate::{Catalogue, Question, Search, criteria::words, vocabulary::singular, wish::Which};
use protocol::{
    catalogue::Product,
    ids::Sku,
    session::{ChatEntry, Sender},
};

/// Entries in which "it" and "the first one" are looked up.
pub(crate) const REMEMBERED: usize = 30;
/// Products looked at for a name.
const LOOKED_AT: u32 = 200;

/// The product that the customer means.
pub(crate) async fn meant<C: Catalogue + ?Sized>(
    shop: &mut C,
    question: &Question,
    which: Which,
) -> Result<Option<Product>, C::Error> {
    let products = shop.products(&last_shown(&question.before)).await?;
    // A name or a colour said out loud counts more than "it" or "one".
    if let Some(product) = described(&products, &question.message) {
        return Ok(Some(product.clone()));
    }
    match which {
        Which::Shown(place) => Ok(products.get(place).cloned()),
        Which::LastShown => Ok(products.last().cloned()),
        Which::It => Ok(products.first().cloned()),
        Which::Named => Ok(named(shop, &question.message).await?.into_iter().next()),
    }
}

/// The products whose whole name is in the message, those in a colour of the message first. Of names within each other, such
/// as "Derby" and "Hill Walk Derby", the longest counts.
pub(crate) async fn named<C: Catalogue + ?Sized>(shop: &mut C, message: &str) -> Result<Vec<Product>, C::Error> {
    let said = words(message);
    let mut found: Vec<Product> = Vec::new();
    for word in said.iter().filter(|word| word.chars().count() > 2) {
        let search = Search { words: vec![vec![word.clone()]], limit: LOOKED_AT, ..Search::default() };
        for product in shop.search(&search).await? {
            if says_all(&said, &product.name) && !found.iter().any(|other| other.sku == product.sku) {
                found.push(product);
            }
        }
    }
    let longest = found.iter().map(|product| words(&product.name).len()).max().unwrap_or_default();
    // One word such as "Derby" is a kind rather than a name.
    found.retain(|product| longest > 1 && words(&product.name).len() == longest);
    found.sort_by(|one, other| one.sku.cmp(&other.sku));
    found.sort_by_key(|product| !product.color.as_ref().is_some_and(|color| says_all(&said, color)));
    Ok(found)
}

/// The one of the products that the message describes better than every other.
fn described<'a>(products: &'a [Product], message: &str) -> Option<&'a Product> {
    let said: Vec<String> = words(message).iter().map(|word| singular(word)).collect();
    let score = |product: &Product| {
        let texts = [Some(&product.name), product.color.as_ref(), product.subcategory.as_ref()];
        let mut own: Vec<String> = texts.into_iter().flatten().flat_map(|text| words(text)).map(|word| singular(&word)).collect();
        own.sort();
        own.dedup();
        own.iter().filter(|word| said.contains(word)).count()
    };
    let best = products.iter().map(score).max().filter(|best| *best > 0)?;
    let mut ones = products.iter().filter(|product| score(product) == best);
    let first = ones.next()?;
    ones.next().is_none().then_some(first)
}

/// Whether every word of a text is in the message.
pub(crate) fn says_all(said: &[String], text: &str) -> bool {
    let words = words(text);
    !words.is_empty() && words.iter().all(|word| said.contains(word))
}

/// The products of the last answer that showed some.
pub(crate) fn last_shown(before: &[ChatEntry]) -> Vec<Sku> {
    let skus = |entry: &ChatEntry| {
        let cards = entry.metadata.as_ref()?.get("cards")?.as_array()?;
        Some(cards.iter().filter_map(|card| Some(Sku::from(card.get("sku")?.as_str()?))).collect::<Vec<_>>())
    };
    let agents = before.iter().rev().take(REMEMBERED).filter(|entry| entry.sender == Sender::Agent);
    agents.filter_map(skus).find(|skus| !skus.is_empty()).unwrap_or_default()
}
