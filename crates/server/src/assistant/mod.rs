//! Answers to customers.
//!
//! An [`Assistant`] only thinks: it gets a [`Question`] and returns a [`Reply`] with the changes of the cart that the
//! customer asked for. [`answer`] applies those through the same operations as every other caller, so that no assistant
//! can do what a customer may not.

pub mod answer;
mod budget;
mod cart;
mod catalogue_assistant;
mod criteria;
mod http;
#[cfg(test)]
mod http_tests;
mod plain_words;
mod pointing;
mod reason;
mod recommend;
mod search;
mod sentence;
mod stock;
mod visual_search;
mod vocabulary;
mod wish;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use answer::resume;
use async_trait::async_trait;
pub use catalogue_assistant::CatalogueAssistant;
pub use http::routes;
use protocol::{
    catalogue::ProductCard,
    ids::{Sku, StoreId},
    session::{CartLine, ChatEntry},
};
use server_store::{Store, StoreError, records::CustomerRecord};

/// Answers customers.
#[async_trait]
pub trait Assistant: Send + Sync + std::fmt::Debug {
    /// The answer to the last message of a conversation.
    ///
    /// # Errors
    /// There is no answer now; the customer gets an apology.
    async fn reply(&self, store: &dyn Store, question: &Question) -> Result<Reply, AssistantError>;
}

/// Why there is no answer; the cause is for the log.
#[derive(Debug, thiserror::Error)]
pub enum AssistantError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an assistant knows when it answers.
#[derive(Clone, Debug)]
pub struct Question {
    /// What the customer wrote last.
    pub message: String,
    /// What was said before, oldest first.
    pub before: Vec<ChatEntry>,
    /// The cart.
    pub cart: Vec<CartLine>,
    /// Who asks; none for a guest.
    pub customer: Option<CustomerRecord>,
    /// ISO 4217.
    pub currency: String,
    /// Where the customer stands.
    pub store: Option<StoreId>,
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

/// The words of a message in lower case, without the marks around them.
pub(crate) fn words(message: &str) -> Vec<String> {
    criteria::words(message)
}

/// The colour that a word names, as the shop says it.
pub(crate) fn colour(word: &str) -> Option<&'static str> {
    vocabulary::hue(word).map(|hue| hue.name)
}

/// What a message says is to be spent at least and at most, in the smallest unit.
pub(crate) fn spending_limits(message: &str, currency: &str) -> (Option<i64>, Option<i64>) {
    let limits = budget::take(&mut words(message), currency);
    (limits.least, limits.most)
}

/// The product that a message is about: the one it names, else the first of those shown last.
///
/// # Errors
/// The store failed.
pub(crate) async fn spoken_of(
    tx: &mut dyn server_store::ReadTx,
    question: &Question,
) -> Result<Option<server_store::records::ProductRecord>, StoreError> {
    if let Some(named) = pointing::named(tx, &question.message).await?.into_iter().next() {
        return Ok(Some(named));
    }
    pointing::meant(tx, question, wish::Which::It).await
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
