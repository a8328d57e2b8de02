use std::collections::BTreeMap;

use async_trait::async_trait;
use protocol::{
    catalogue::ProductCard,
    ids::Sku,
    session::{ChatEntry, Sender},
};
use serde_json::Value;
use server_store::{ReadTx, Store, StoreError, records::ProductRecord};

use super::{
    Assistant, AssistantError, CartChange, Question, Reply,
    criteria::{self, Criteria},
    reason::reason,
    search, sentence,
    wish::{Which, Wish},
};
use crate::catalogue;

const MOST_CARDS: usize = 3;
/// Entries in which "it" and "the first one" are looked up.
const REMEMBERED: usize = 30;

/// Answers from the catalogue alone: everyday shapes of sentences, and full-text search.
#[derive(Debug)]
pub struct CatalogueAssistant;

#[async_trait]
impl Assistant for CatalogueAssistant {
    async fn reply(&self, store: &dyn Store, question: &Question) -> Result<Reply, AssistantError> {
        let mut tx = store.read().await?;
        let tx = &mut *tx;
        if let Some(reply) = note_size(tx, question).await? {
            return Ok(reply);
        }
        Ok(match Wish::read(&question.message) {
            Wish::Greet => talk(&greeting(question)),
            Wish::Thank => talk("With pleasure. I am here if you want to see anything else."),
            Wish::Help => {
                talk("Tell me what you are looking for: a garment, a colour, an occasion or a price. I can also tell you what is in your cart and add things to it.")
            }
            Wish::ShowCart => Reply { intent: "cart", text: sentence::cart(&question.cart, &question.currency), ..Reply::default() },
            Wish::ClearCart => clear(question),
            Wish::Remove(which) => remove(tx, question, which).await?,
            Wish::Add { which, quantity, unsure } => match meant(tx, question, which).await? {
                Some(product) => add(&product, quantity, question),
                None if unsure => look(tx, question, &question.message, &[]).await?,
                None => talk("Which one shall I add? Tell me its name, or say the first, the second or the third one."),
            },
            Wish::More => more(tx, question).await?,
            Wish::Search => look(tx, question, &question.message, &[]).await?,
        })
    }
}

fn talk(text: &str) -> Reply {
    Reply { text: text.to_owned(), intent: "support", ..Reply::default() }
}

fn greeting(question: &Question) -> String {
    let name = question.customer.as_ref().and_then(|customer| customer.name.split_whitespace().next().map(|name| format!(", {name}")));
    format!("Hello{}. What are you looking for today?", name.unwrap_or_default())
}

/// The answer to "which size?": the line without a size becomes one with it.
async fn note_size(tx: &mut dyn ReadTx, question: &Question) -> Result<Option<Reply>, StoreError> {
    let asked = question.before.iter().rev().find(|entry| entry.sender == Sender::Agent);
    let Some(Value::String(sku)) = asked.and_then(|entry| entry.metadata.as_ref()?.get("wants_size_of")) else { return Ok(None) };
    let sku = Sku::from(sku.as_str());
    let Some(line) = question.cart.iter().find(|line| line.sku == sku && line.options.is_empty()) else { return Ok(None) };
    let Some(product) = tx.product(&sku).await? else { return Ok(None) };
    let Some(size) = size_in(&question.message, &product) else { return Ok(None) };
    let text = sentence::added(&product, line.quantity, Some(&size), &[]);
    let options = BTreeMap::from([("size".to_owned(), size)]);
    let changes = vec![
        CartChange::SetQuantity { sku: sku.clone(), quantity: 0, options: BTreeMap::new() },
        CartChange::Add { sku, quantity: line.quantity, options },
    ];
    Ok(Some(Reply { text, intent: "cart", changes, ..Reply::default() }))
}

fn sizes(product: &ProductRecord) -> Vec<String> {
    let sizes = catalogue::card(product, "").sizes;
    if sizes.len() > 1 { sizes } else { Vec::new() }
}

fn size_in(message: &str, product: &ProductRecord) -> Option<String> {
    let words = criteria::words(message);
    sizes(product).into_iter().find(|size| words.iter().any(|word| word.eq_ignore_ascii_case(size)))
}

fn add(product: &ProductRecord, quantity: u32, question: &Question) -> Reply {
    let sizes = sizes(product);
    let size = size_in(&question.message, product);
    // A number that is a size is no quantity.
    let quantity = if size.as_ref().is_some_and(|size| *size == quantity.to_string()) { 1 } else { quantity };
    let unknown = if size.is_some() { &[] } else { sizes.as_slice() };
    let text = sentence::added(product, quantity, size.as_deref(), unknown);
    let wants_size_of = (!unknown.is_empty()).then(|| product.sku.clone());
    let options = size.into_iter().map(|size| ("size".to_owned(), size)).collect();
    let changes = vec![CartChange::Add { sku: product.sku.clone(), quantity, options }];
    Reply { text, intent: "cart", changes, wants_size_of, ..Reply::default() }
}

fn clear(question: &Question) -> Reply {
    if question.cart.is_empty() {
        return Reply { intent: "cart", text: sentence::cart(&[], &question.currency), ..Reply::default() };
    }
    let changes =
        question.cart.iter().map(|line| CartChange::SetQuantity { sku: line.sku.clone(), quantity: 0, options: line.options.clone() }).collect();
    Reply { text: "Your cart is empty now.".into(), intent: "cart", changes, ..Reply::default() }
}

async fn remove(tx: &mut dyn ReadTx, question: &Question, which: Which) -> Result<Reply, StoreError> {
    let named = question.cart.iter().find(|line| is_named(&line.name, &question.message));
    let only = if question.cart.len() == 1 { question.cart.first() } else { None };
    let line = match (named, which) {
        (Some(line), _) => Some(line),
        (None, Which::Named) => only,
        (None, which) => {
            let product = meant(tx, question, which).await?;
            product.and_then(|product| question.cart.iter().find(|line| line.sku == product.sku)).or(only)
        }
    };
    let Some(line) = line else {
        return Ok(talk("Which one shall I take out? Tell me its name."));
    };
    let changes = vec![CartChange::SetQuantity { sku: line.sku.clone(), quantity: 0, options: line.options.clone() }];
    Ok(Reply { text: format!("The {} is out of your cart.", line.name), intent: "cart", changes, ..Reply::default() })
}

/// The product that the customer means.
async fn meant(tx: &mut dyn ReadTx, question: &Question, which: Which) -> Result<Option<ProductRecord>, StoreError> {
    let shown = last_shown(&question.before);
    let products = tx.products(&shown).await?;
    // A name said out loud counts more than "it" or "one".
    let mut named: Vec<&ProductRecord> = products.iter().filter(|product| is_named(&product.name, &question.message)).collect();
    let colored = |product: &&ProductRecord| product.color.as_ref().is_some_and(|color| is_named(color, &question.message));
    if named.iter().any(|product| colored(product)) {
        named.retain(|product| colored(product));
    }
    if let Some(product) = named.first() {
        return Ok(Some((*product).clone()));
    }
    match which {
        Which::Shown(place) => Ok(products.get(place).cloned()),
        Which::LastShown => Ok(products.last().cloned()),
        Which::It => Ok(products.first().cloned()),
        Which::Named => from_catalogue(tx, question).await,
    }
}

async fn from_catalogue(tx: &mut dyn ReadTx, question: &Question) -> Result<Option<ProductRecord>, StoreError> {
    let words: Vec<String> = criteria::words(&question.message);
    let mut found: Vec<ProductRecord> = Vec::new();
    for word in words.iter().filter(|word| word.chars().count() > 2) {
        let search = server_store::records::ProductSearch { words: vec![vec![word.clone()]], limit: 200, ..Default::default() };
        for product in tx.search_products(&search).await? {
            if is_named(&product.name, &question.message) && !found.iter().any(|other| other.sku == product.sku) {
                found.push(product);
            }
        }
    }
    let longest = found.iter().map(|product| product.name.len()).max().unwrap_or_default();
    found.retain(|product| product.name.len() == longest);
    let colored = found.iter().position(|product| product.color.as_ref().is_some_and(|color| is_named(color, &question.message)));
    Ok(if found.is_empty() { None } else { Some(found.swap_remove(colored.unwrap_or_default())) })
}

/// Whether every word of a name is in the message.
fn is_named(name: &str, message: &str) -> bool {
    let said = criteria::words(message);
    let words = criteria::words(name);
    !words.is_empty() && words.iter().all(|word| said.contains(word))
}

/// The products of the last answer that showed some.
fn last_shown(before: &[ChatEntry]) -> Vec<Sku> {
    let skus = |entry: &ChatEntry| {
        let cards = entry.metadata.as_ref()?.get("cards")?.as_array()?;
        Some(cards.iter().filter_map(|card| Some(Sku::from(card.get("sku")?.as_str()?))).collect::<Vec<_>>())
    };
    let agents = before.iter().rev().take(REMEMBERED).filter(|entry| entry.sender == Sender::Agent);
    agents.filter_map(skus).find(|skus| !skus.is_empty()).unwrap_or_default()
}

/// The same search as before, without what was shown.
async fn more(tx: &mut dyn ReadTx, question: &Question) -> Result<Reply, StoreError> {
    let mut searches = question.before.iter().rev().take(REMEMBERED).filter(|entry| entry.sender == Sender::User && Wish::read(&entry.message) == Wish::Search);
    let Some(last) = searches.next() else { return look(tx, question, &question.message, &[]).await };
    let since = question.before.iter().position(|entry| entry.id == last.id).unwrap_or_default();
    let shown: Vec<Sku> = question.before[since..].iter().flat_map(|entry| last_shown(std::slice::from_ref(entry))).collect();
    look(tx, question, &last.message, &shown).await
}

async fn look(tx: &mut dyn ReadTx, question: &Question, message: &str, already: &[Sku]) -> Result<Reply, StoreError> {
    let criteria = Criteria::read(message, &question.currency);
    let mut found = search::find(tx, &criteria).await?;
    found.products.retain(|product| !already.contains(&product.sku));
    if found.products.is_empty() {
        let text = if already.is_empty() { sentence::nothing(&question.currency) } else { "That was all I have of those. Shall we look for something else?".into() };
        return Ok(Reply { text, intent: "fallback", ..Reply::default() });
    }
    let shown = choose(tx, question, &found.products).await?;
    let products: Vec<ProductRecord> = shown.iter().map(|(product, _)| product.clone()).collect();
    let text = sentence::found(&found, &products, &criteria, &question.currency);
    let in_cart = tx.products(&question.cart.iter().map(|line| line.sku.clone()).collect::<Vec<_>>()).await?;
    let cards = shown.into_iter().map(|(product, in_store)| card(&product, in_store, question, &in_cart)).collect();
    Ok(Reply { text, cards, intent: "recommendation", ..Reply::default() })
}

/// The best three: what this store has before what it lacks, and different things before one thing in three colours.
async fn choose(tx: &mut dyn ReadTx, question: &Question, found: &[ProductRecord]) -> Result<Vec<(ProductRecord, Option<i64>)>, StoreError> {
    let mut counted = Vec::with_capacity(found.len());
    for product in found {
        let in_store = match &question.store {
            Some(store) => {
                let location = format!("store:{store}");
                let counts = tx.inventory(&product.sku).await?;
                Some(counts.iter().filter(|count| count.location == location).map(|count| count.quantity).sum())
            }
            None => None,
        };
        counted.push((product.clone(), in_store));
    }
    let mut names: Vec<String> = Vec::new();
    let mut ranked: Vec<_> = counted
        .into_iter()
        .map(|(product, in_store)| {
            let again = names.contains(&product.name);
            names.push(product.name.clone());
            ((in_store == Some(0), again), (product, in_store))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    Ok(ranked.into_iter().take(MOST_CARDS).map(|(_, shown)| shown).collect())
}

fn card(product: &ProductRecord, in_store: Option<i64>, question: &Question, in_cart: &[ProductRecord]) -> ProductCard {
    ProductCard {
        personalized_reason: reason(product, in_store, question, in_cart),
        in_this_store: in_store,
        ..catalogue::card(product, &question.currency)
    }
}
