//! The built-in assistant: it answers customers from a shop's catalogue, by rules alone.
//!
//! It only thinks. It gets a [`Question`] and gives back a [`Reply`] with the changes of the cart that the customer asked for;
//! whoever asked applies those as any other change, so that the assistant can do nothing that a customer may not. It knows no
//! server and no database: what it asks of a shop is the trait [`Catalogue`], so that the server and a kiosk without one answer
//! alike. It says its sentences in English.

mod budget;
mod cart;
mod catalogue;
mod criteria;
mod plain_words;
mod pointing;
mod reason;
mod reply;
mod search;
mod sentence;
mod stock;
mod vocabulary;
mod wish;

use std::collections::BTreeMap;

pub use catalogue::{Catalogue, Count, Place, Search};
use protocol::{
    catalogue::{Product, ProductCard},
    ids::{Sku, StoreId},
    session::{CartLine, ChatEntry},
};
pub use reply::reply;
use serde_json::{Map, Value, json};

/// What the assistant knows when it answers.
#[derive(Clone, Debug)]
pub struct Question {
    /// What the customer wrote last.
    pub message: String,
    /// What was said before, oldest first.
    pub before: Vec<ChatEntry>,
    /// The cart.
    pub cart: Vec<CartLine>,
    /// Who asks; none for a guest.
    pub customer: Option<Customer>,
    /// ISO 4217.
    pub currency: String,
    /// Where the customer stands.
    pub store: Option<StoreId>,
}

/// What the assistant knows of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// How they are greeted; empty where nobody knows.
    pub first_name: String,
    /// What they bought before.
    pub bought: Vec<Sku>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// What the shop says.
    pub text: String,
    /// Products to show, at most three.
    pub cards: Vec<ProductCard>,
    /// What the customer wanted: `recommendation`, `gifting`, `trend`, `inventory`, `support`, `fallback` or `error`.
    pub intent: &'static str,
    /// What changes in the cart, in order.
    pub changes: Vec<CartChange>,
    /// The product whose size is still to be told before it goes into the cart, and how many pieces of it.
    pub wants_size_of: Option<(Sku, u32)>,
    /// What thinking cost, in millionths of a US dollar.
    pub cost_micro_usd: u32,
}

impl Reply {
    /// What the answer's entry in the conversation carries beside its text. The next answer reads it.
    #[must_use]
    pub fn metadata(&self) -> Map<String, Value> {
        let (confidence, method) = if self.intent == "error" { (0.0, "error_fallback") } else { (0.9, "rules") };
        let mut metadata = Map::from_iter([
            ("intent".to_owned(), json!(self.intent)),
            ("confidence".to_owned(), json!(confidence)),
            ("method".to_owned(), json!(method)),
        ]);
        if !self.cards.is_empty() {
            metadata.insert("cards".into(), json!(self.cards));
        }
        if let Some((sku, quantity)) = &self.wants_size_of {
            metadata.insert("wants_size_of".into(), json!(sku));
            metadata.insert("wants_quantity".into(), json!(quantity));
        }
        metadata
    }
}

/// A change of the cart that the customer asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CartChange {
    /// Puts pieces in.
    Add {
        /// The product.
        sku: Sku,
        /// 1 to 99.
        quantity: u32,
        /// Such as `size`.
        options: BTreeMap<String, String>,
    },
    /// Sets how many there are; 0 removes the line.
    SetQuantity {
        /// The product.
        sku: Sku,
        /// 0 to 99.
        quantity: u32,
        /// Those of the line.
        options: BTreeMap<String, String>,
    },
}

/// The words of a message in lower case, without the marks around them.
#[must_use]
pub fn words(message: &str) -> Vec<String> {
    criteria::words(message)
}

/// The colour that a word names, as the shop says it.
#[must_use]
pub fn colour(word: &str) -> Option<&'static str> {
    vocabulary::hue(word).map(|hue| hue.name)
}

/// What a message says is to be spent at least and at most, in the smallest unit.
#[must_use]
pub fn spending_limits(message: &str, currency: &str) -> (Option<i64>, Option<i64>) {
    let limits = budget::take(&mut words(message), currency);
    (limits.least, limits.most)
}

/// The product that a message is about: the one it names, else the first of those shown last.
///
/// # Errors
/// The catalogue could not be read.
pub async fn spoken_of<C: Catalogue + ?Sized>(shop: &mut C, question: &Question) -> Result<Option<Product>, C::Error> {
    if let Some(named) = pointing::named(shop, &question.message).await?.into_iter().next() {
        return Ok(Some(named));
    }
    pointing::meant(shop, question, wish::Which::It).await
}
