//! Looking up products for staff, in the kiosk's own copy of the catalogue.

use kiosk_store::{Shelf, ShelfProduct, ShelfSearch, StoreError};
use protocol::look_up::{FoundProduct, LookUpAnswer};

/// Products that one look-up shows.
const MOST: u32 = 24;

/// What `text` finds.
pub(crate) async fn answer(shelf: &dyn Shelf, text: &str) -> LookUpAnswer {
    look(shelf, text).await.unwrap_or_else(|error| {
        tracing::error!(%error, cause = error.cause(), "the copy of the catalogue cannot be read");
        LookUpAnswer::Unreadable
    })
}

async fn look(shelf: &dyn Shelf, text: &str) -> Result<LookUpAnswer, StoreError> {
    let state = shelf.state().await?;
    if state.products == 0 {
        return Ok(LookUpAnswer::NotCopied);
    }
    let mut found = if text.trim().is_empty() { Vec::new() } else { shelf.search(&ShelfSearch::typed(text, MOST + 1)).await? };
    let shown = MOST as usize;
    let more = found.len() > shown;
    found.truncate(shown);
    // A first copy has no age yet; one that is begun anew still has all that the one before had.
    let complete = state.as_of.is_some();
    Ok(LookUpAnswer::Found { products: found.into_iter().map(product).collect(), more, complete })
}

fn product(found: ShelfProduct) -> FoundProduct {
    let ShelfProduct { product, in_this_store, as_of } = found;
    FoundProduct {
        sizes: product.sizes(),
        color_hex: product.attributes.get("color_hex").cloned(),
        sku: product.sku,
        name: product.name,
        image: product.image_url,
        price_minor: product.price_minor,
        currency: product.currency,
        color: product.color,
        in_this_store,
        everywhere: product.stock,
        as_of,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kiosk_store::{Key, MemoryShelf, SqlShelf};
    use protocol::{
        Timestamp,
        catalogue::{CataloguePage, Product},
    };

    use super::*;

    fn product(number: u32, name: &str) -> Product {
        Product {
            sku: format!("SKU-{number}").as_str().into(),
            name: name.into(),
            description: String::new(),
            price: 10.0,
            price_minor: 1_000,
            currency: "EUR".into(),
            rating: None,
            stock: 1,
            category: "Clothing".into(),
            subcategory: None,
            brand: None,
            gender: None,
            color: None,
            image_url: String::new(),
            attributes: std::collections::BTreeMap::new(),
        }
    }

    fn page(complete: bool, products: Vec<Product>) -> CataloguePage {
        let as_of = Timestamp::from_unix_millis(1_770_890_400_000);
        CataloguePage { revision: "1".into(), complete, as_of, total: 40, products, removed: Vec::new(), stock: Vec::new() }
    }

    /// The names that were found, whether there are more, and whether the copy is complete.
    async fn found(shelf: &dyn Shelf, text: &str) -> (Vec<String>, bool, bool) {
        match answer(shelf, text).await {
            LookUpAnswer::Found { products, more, complete } => {
                (products.into_iter().map(|product| product.name).collect(), more, complete)
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_copy_on_disk_and_one_in_memory_answer_alike() {
        let folder = tempfile::tempdir().unwrap();
        let on_disk = SqlShelf::new(folder.path(), &Key::from_bytes(&[1; 32]).unwrap());
        for shelf in [Arc::new(MemoryShelf::default()) as Arc<dyn Shelf>, Arc::new(on_disk)] {
            assert_eq!(answer(shelf.as_ref(), "coat").await, LookUpAnswer::NotCopied);
            let coats = (0..=MOST).map(|number| product(number, "Wool Coat"));
            let products = coats.chain([product(90, "Café Apron")]).collect();
            assert!(shelf.take(None, &page(false, products)).await.unwrap());
            let (names, more, complete) = found(shelf.as_ref(), "wool co").await;
            assert_eq!((names.len(), more, complete), (MOST as usize, true, false));
            assert_eq!(found(shelf.as_ref(), "sku-90").await, (vec!["Café Apron".to_owned()], false, false));

            assert!(shelf.take(Some("1"), &page(true, Vec::new())).await.unwrap());
            shelf.start_over().await.unwrap();
            assert_eq!(found(shelf.as_ref(), " ").await, (Vec::new(), false, true), "a new copy hides nothing of the one before");
            for odd in ["\"", "' OR 1=1 --", "*", "NEAR(", "–"] {
                assert_eq!(found(shelf.as_ref(), odd).await.0, [""; 0], "{odd}");
            }
            shelf.close().await;
        }
    }

    #[tokio::test]
    async fn a_copy_that_cannot_be_read_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("away");
        let shelf = SqlShelf::new(&nowhere, &Key::from_bytes(&[1; 32]).unwrap());
        assert_eq!(answer(&shelf, "coat").await, LookUpAnswer::Unreadable);
    }
}
