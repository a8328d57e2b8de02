//! The kiosk's own assistant: it answers from the kiosk's copy of the catalogue while the server is out of reach.

use std::{sync::Arc, time::Duration};

use assistant::{CartChange, Catalogue, Count, Place, Question, Reply, Search};
use async_trait::async_trait;
use kiosk_store::{Shelf, ShelfProduct, ShelfSearch, StoreError};
use protocol::{
    Timestamp,
    catalogue::Product,
    ids::{OpKey, Sku},
    shop::Store,
};

use crate::{
    health::Vitals,
    message::{Answer, Inbox, Message},
};

/// What the shop says when the assistant cannot.
const APOLOGY: &str = "I cannot look that up just now. Please try again, or ask somebody in the store.";
/// An assistant that thinks longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Characters of a description that an answer's cards keep: the server takes so much of an entry and no more.
const DESCRIPTION: usize = 600;

/// What the kiosk's own assistant came to.
pub(crate) struct Thought {
    pub(crate) reply: Reply,
    /// Products that the reply puts into the cart.
    pub(crate) added: Vec<Product>,
    /// When the copy of the catalogue that it was looked up in was last known to be true.
    pub(crate) as_of: Option<Timestamp>,
}

impl Thought {
    pub(crate) fn apology() -> Self {
        Self { reply: Reply { text: APOLOGY.into(), intent: "error", ..Reply::default() }, added: Vec::new(), as_of: None }
    }
}

/// Thinks about the message of a change in a task of its own, so that its crash is only its own. There is always an answer.
pub(crate) fn begin(
    shelf: Arc<dyn Shelf>,
    store: Option<Store>,
    messages: Inbox,
    vitals: Arc<Vitals>,
    (key, question): (OpKey, Box<Question>),
) {
    let mut thought = tokio::spawn(async move { think(shelf, store, &question).await });
    tokio::spawn(async move {
        let thought = match tokio::time::timeout(PATIENCE, &mut thought).await {
            Ok(Ok(Ok(thought))) => thought,
            Ok(Ok(Err(error))) => {
                tracing::error!(%error, "the copy of the catalogue cannot be read");
                vitals.disk(&error);
                Thought::apology()
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the assistant crashed");
                Thought::apology()
            }
            Err(_) => {
                thought.abort();
                tracing::error!("the assistant did not answer in time");
                Thought::apology()
            }
        };
        messages.send(Message::Answer(Answer::Thought(key, Box::new(thought)))).await;
    });
}

async fn think(shelf: Arc<dyn Shelf>, store: Option<Store>, question: &Question) -> Result<Thought, StoreError> {
    let mut shop = Copied { shelf, store };
    let mut reply = assistant::reply(&mut shop, question).await?;
    for card in &mut reply.cards {
        if let Some((end, _)) = card.description.char_indices().nth(DESCRIPTION) {
            card.description.truncate(end);
        }
    }
    let added: Vec<Sku> = reply
        .changes
        .iter()
        .filter_map(|change| match change {
            CartChange::Add { sku, .. } => Some(sku.clone()),
            CartChange::SetQuantity { .. } => None,
        })
        .collect();
    let added = shop.products(&added).await?;
    let as_of = shop.shelf.state().await?.as_of;
    Ok(Thought { reply, added, as_of })
}

/// The shop as the kiosk's copy of the catalogue has it. It knows the pieces of its own store, and those of all others together.
struct Copied {
    shelf: Arc<dyn Shelf>,
    /// The kiosk's own.
    store: Option<Store>,
}

#[async_trait]
impl Catalogue for Copied {
    type Error = StoreError;

    async fn products(&mut self, skus: &[Sku]) -> Result<Vec<Product>, StoreError> {
        Ok(products(self.shelf.products(skus).await?))
    }

    async fn search(&mut self, search: &Search) -> Result<Vec<Product>, StoreError> {
        let Search { words, colors, genders, min_price_minor, max_price_minor, limit } = search.clone();
        let search = ShelfSearch { words, colors, genders, min_price_minor, max_price_minor, limit, ..ShelfSearch::default() };
        Ok(products(self.shelf.search(&search).await?))
    }

    async fn of_kind(
        &mut self,
        category: &str,
        subcategory: Option<&str>,
        max_price_minor: i64,
        limit: u32,
    ) -> Result<Vec<Product>, StoreError> {
        let search = ShelfSearch {
            categories: vec![subcategory.unwrap_or(category).to_owned()],
            max_price_minor: Some(max_price_minor),
            limit,
            ..ShelfSearch::default()
        };
        let mut found = products(self.shelf.search(&search).await?);
        found.retain(|product| product.category.eq_ignore_ascii_case(category));
        Ok(found)
    }

    async fn counts(&mut self, sku: &Sku) -> Result<Vec<Count>, StoreError> {
        let Some(ShelfProduct { product, in_this_store: Some(here), .. }) = self.shelf.product(sku).await? else {
            return Ok(Vec::new());
        };
        let own = self.store.as_ref().map(|store| Count { place: Place::Store(store.store_id.clone()), pieces: here });
        let elsewhere = Count { place: Place::Elsewhere, pieces: product.stock - here };
        Ok(own.into_iter().chain([elsewhere]).collect())
    }

    async fn stores(&mut self) -> Result<Vec<Store>, StoreError> {
        Ok(self.store.iter().cloned().collect())
    }
}

fn products(found: Vec<ShelfProduct>) -> Vec<Product> {
    found.into_iter().map(|found| found.product).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kiosk_store::MemoryShelf;
    use protocol::catalogue::{CataloguePage, ProductStock};

    use super::*;

    const AS_OF: i64 = 1_770_880_000_000;

    fn product(sku: &str, name: &str, price_minor: i64) -> Product {
        Product {
            sku: sku.into(),
            name: name.into(),
            description: "\u{928}".repeat(2_000),
            price: 0.0,
            price_minor,
            currency: "INR".into(),
            rating: None,
            stock: 0,
            category: "Footwear".into(),
            subcategory: Some("Shoes".into()),
            brand: None,
            gender: None,
            color: None,
            image_url: String::new(),
            attributes: BTreeMap::new(),
        }
    }

    fn store() -> Store {
        Store {
            store_id: "S01".into(),
            name: "Old Town".into(),
            city: String::new(),
            address: String::new(),
            opening_hours: String::new(),
        }
    }

    async fn shelf() -> Arc<dyn Shelf> {
        let products = vec![product("SKU-1", "Trail Knit", 345_000), product("SKU-2", "Court Low", 295_000)];
        let stock = |sku: &str, here| ProductStock { sku: sku.into(), in_this_store: Some(here), everywhere: 5 };
        let page = CataloguePage {
            revision: "1".into(),
            complete: true,
            as_of: Timestamp::from_unix_millis(AS_OF),
            total: 2,
            products,
            removed: Vec::new(),
            stock: vec![stock("SKU-1", 2), stock("SKU-2", 0)],
        };
        let shelf = MemoryShelf::default();
        assert!(shelf.take(None, &page).await.unwrap());
        Arc::new(shelf)
    }

    async fn ask(message: &str) -> Thought {
        let question = Question {
            message: message.into(),
            before: Vec::new(),
            cart: Vec::new(),
            customer: None,
            currency: "INR".into(),
            store: Some("S01".into()),
        };
        think(shelf().await, Some(store()), &question).await.unwrap()
    }

    #[tokio::test]
    async fn what_this_store_has_comes_first_and_stock_is_as_old_as_the_copy() {
        let thought = ask("do you have shoes?").await;
        let here: Vec<_> = thought.reply.cards.iter().map(|card| (card.sku.0.as_str(), card.in_this_store)).collect();
        assert_eq!(here, [("SKU-1", Some(2)), ("SKU-2", Some(0))]);
        assert_eq!(thought.as_of, Some(Timestamp::from_unix_millis(AS_OF)));
    }

    #[tokio::test]
    async fn an_answer_with_cards_is_no_larger_than_the_server_takes() {
        let metadata = ask("do you have shoes?").await.reply.metadata();
        assert!(serde_json::to_vec(&metadata).unwrap().len() < 8 * 1024);
    }

    #[tokio::test]
    async fn pieces_of_other_stores_are_told_together() {
        let thought = ask("is the court low in stock?").await;
        assert!(
            thought.reply.text.contains("not in this store") && thought.reply.text.contains("five elsewhere"),
            "{}",
            thought.reply.text
        );
    }

    #[tokio::test]
    async fn what_goes_into_the_cart_comes_with_its_price() {
        let thought = ask("add the trail knit to my cart").await;
        let added: Vec<_> = thought.added.iter().map(|product| (product.sku.0.as_str(), product.price_minor)).collect();
        assert_eq!(added, [("SKU-1", 345_000)]);
    }
}
