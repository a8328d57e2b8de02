//! Answers to customers.
//!
//! An [`Assistant`] only thinks: it gets a [`Question`] and returns a [`Reply`] with the changes of the cart that the
//! customer asked for. [`answer`] applies those through the same operations as every other caller, so that no assistant
//! can do what a customer may not. The built-in one's rules are a crate of their own, which kiosks run as well.

pub mod answer;
mod http;
#[cfg(test)]
mod http_tests;
mod recommend;
mod shelf;
mod visual_search;

#[cfg(test)]
mod tests;

pub use ::assistant::{CartChange, Question, Reply};
pub(crate) use ::assistant::{colour, spending_limits, words};
pub use answer::resume;
use async_trait::async_trait;
pub use http::routes;
use protocol::{catalogue::Product, ids::Sku};
use server_store::{ReadTx, Store, StoreError, records::CustomerRecord};
use shelf::Shelf;

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

/// Answers from the catalogue alone: everyday shapes of sentences, and full-text search.
#[derive(Debug)]
pub struct CatalogueAssistant;

#[async_trait]
impl Assistant for CatalogueAssistant {
    async fn reply(&self, store: &dyn Store, question: &Question) -> Result<Reply, AssistantError> {
        let mut tx = store.read().await?;
        Ok(::assistant::reply(&mut Shelf::of(&mut *tx, &question.currency), question).await?)
    }
}

/// What the assistant knows of a customer.
pub(crate) fn known(record: &CustomerRecord) -> ::assistant::Customer {
    ::assistant::Customer {
        first_name: record.name.split_whitespace().next().unwrap_or_default().to_owned(),
        bought: record.purchase_history.iter().map(|purchase| Sku::from(purchase.sku.as_str())).collect(),
    }
}

/// The product that a message is about: the one it names, else the first of those shown last.
///
/// # Errors
/// The store failed.
pub(crate) async fn spoken_of(tx: &mut dyn ReadTx, question: &Question) -> Result<Option<Product>, StoreError> {
    ::assistant::spoken_of(&mut Shelf::of(tx, &question.currency), question).await
}
