//! What a customer does with the cart by words.

use std::collections::BTreeMap;

use protocol::{catalogue::Product, ids::Sku, session::Sender};
use serde_json::Value;

use crate::{
    CartChange, Catalogue, Question, Reply,
    criteria::{Criteria, words},
    pointing, sentence,
    wish::Which,
};

const INTENT: &str = "support";
/// Words of an answer to "which size?"; a longer message is about something else.
const SHORT_ANSWER: usize = 6;

/// What is in the cart.
pub(crate) fn show(question: &Question) -> Reply {
    Reply { intent: INTENT, text: sentence::cart(&question.cart, &question.currency), ..Reply::default() }
}

/// Puts a product in, or asks for its size first.
pub(crate) fn add(product: &Product, quantity: u32, question: &Question) -> Reply {
    let sizes = sizes(product);
    if sizes.is_empty() {
        return put(product, quantity, None);
    }
    if let Some(size) = size_in(&question.message, &sizes) {
        // A number that is a size is no quantity.
        let quantity = if size == quantity.to_string() { 1 } else { quantity };
        return put(product, quantity, Some(size));
    }
    let asked = Criteria::read(&question.message, &question.currency).size;
    let none = asked.map(|size| format!("There is no {} of it. ", size.to_uppercase())).unwrap_or_default();
    let which = sentence::join_or(&sizes);
    Reply {
        text: format!("{none}Which size of the {}: {which}?", sentence::named(product)),
        intent: INTENT,
        wants_size_of: Some((product.sku.clone(), quantity)),
        ..Reply::default()
    }
}

/// The answer to "which size?".
pub(crate) async fn note_size<C: Catalogue + ?Sized>(shop: &mut C, question: &Question) -> Result<Option<Reply>, C::Error> {
    let asked =
        question.before.iter().rev().find(|entry| entry.sender == Sender::Agent).and_then(|entry| entry.metadata.as_ref());
    let Some(Value::String(sku)) = asked.and_then(|metadata| metadata.get("wants_size_of")) else { return Ok(None) };
    let quantity =
        asked.and_then(|metadata| metadata.get("wants_quantity")?.as_u64()).and_then(|number| u32::try_from(number).ok());
    if words(&question.message).len() > SHORT_ANSWER {
        return Ok(None);
    }
    let Some(product) = shop.products(&[Sku::from(sku.as_str())]).await?.into_iter().next() else { return Ok(None) };
    let size = size_in(&question.message, &sizes(&product));
    Ok(size.map(|size| put(&product, quantity.unwrap_or(1), Some(size))))
}

/// Takes a line out.
pub(crate) async fn remove<C: Catalogue + ?Sized>(shop: &mut C, question: &Question, which: Which) -> Result<Reply, C::Error> {
    let said = words(&question.message);
    let named = question.cart.iter().find(|line| pointing::says_all(&said, &line.name));
    let only = if question.cart.len() == 1 { question.cart.first() } else { None };
    let line = match (named, which) {
        (Some(line), _) => Some(line),
        (None, Which::Named) => only,
        (None, which) => {
            let product = pointing::meant(shop, question, which).await?;
            product.and_then(|product| question.cart.iter().find(|line| line.sku == product.sku)).or(only)
        }
    };
    let Some(line) = line else {
        let text = if question.cart.is_empty() {
            "Your cart is empty already."
        } else {
            "Which one shall I take out? Tell me its name."
        };
        return Ok(Reply { text: text.into(), intent: INTENT, ..Reply::default() });
    };
    let changes = vec![CartChange::SetQuantity { sku: line.sku.clone(), quantity: 0, options: line.options.clone() }];
    Ok(Reply { text: format!("The {} is out of your cart.", line.name), intent: INTENT, changes, ..Reply::default() })
}

/// Takes every line out.
pub(crate) fn clear(question: &Question) -> Reply {
    if question.cart.is_empty() {
        return show(question);
    }
    let out = |line: &protocol::session::CartLine| CartChange::SetQuantity {
        sku: line.sku.clone(),
        quantity: 0,
        options: line.options.clone(),
    };
    Reply {
        text: "Your cart is empty now.".into(),
        intent: INTENT,
        changes: question.cart.iter().map(out).collect(),
        ..Reply::default()
    }
}

fn put(product: &Product, quantity: u32, size: Option<String>) -> Reply {
    let text = sentence::added(product, quantity, size.as_deref());
    let options: BTreeMap<String, String> = size.into_iter().map(|size| ("size".to_owned(), size)).collect();
    let changes = vec![CartChange::Add { sku: product.sku.clone(), quantity, options }];
    Reply { text, intent: INTENT, changes, ..Reply::default() }
}

/// The sizes among which a customer chooses; none where there is one only.
pub(crate) fn sizes(product: &Product) -> Vec<String> {
    let sizes = product.sizes();
    if sizes.len() > 1 { sizes } else { Vec::new() }
}

/// The size that a message names.
pub(crate) fn size_in(message: &str, sizes: &[String]) -> Option<String> {
    let words = words(message);
    // In English an S stands alone only as a size, but people also write "yes, s".
    sizes.iter().find(|size| words.iter().any(|word| word.eq_ignore_ascii_case(size))).cloned()
}
