//! What has changed in the catalogue, page by page, for kiosks that keep a copy of it.

use protocol::{Timestamp, catalogue::CataloguePage, catalogue::ProductStock, ids::StoreId};
use server_store::{
    ReadTx, StoreError,
    records::{CatalogueChange, ChangedProduct, CountedStock},
};

use super::{currency, revision::Revision, wire};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangesError {
    /// The copy is of another catalogue, or it is too old.
    #[error("This copy of the catalogue cannot be continued; begin a new one without `after`.")]
    Expired,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// At most `limit` changes after the revision `after`, or after none, for a kiosk in `store`.
///
/// # Errors
/// [`ChangesError::Expired`], or the store failed.
pub(super) async fn page(
    tx: &mut dyn ReadTx,
    store: &StoreId,
    after: Option<&str>,
    limit: u32,
    now: Timestamp,
) -> Result<CataloguePage, ChangesError> {
    let place = tx.catalogue_place().await?;
    let asked = match after {
        None => Revision::beginning(&place, store),
        Some(text) => Revision::parse(text).filter(|revision| revision.is_known(&place, store)).ok_or(ChangesError::Expired)?,
    };
    let currency = currency(tx).await?;
    let here = format!("store:{store}");
    // One more tells whether there are more.
    let mut changes = tx.catalogue_changes(asked.at, asked.whole, &here, limit.saturating_add(1)).await?;
    let complete = changes.len() <= limit as usize;
    changes.truncate(limit as usize);
    let last = changes.last().map_or(asked.at, |change| change.number);
    let mut page = CataloguePage {
        revision: asked.after(last, complete).to_string(),
        complete,
        as_of: now,
        total: place.products,
        products: Vec::new(),
        removed: Vec::new(),
        stock: Vec::new(),
    };
    for CatalogueChange { sku, now, .. } in changes {
        let CountedStock { here, everywhere } = match now {
            ChangedProduct::Gone => {
                page.removed.push(sku);
                continue;
            }
            ChangedProduct::Counted(stock) => stock,
            ChangedProduct::Changed(product, stock) => {
                page.products.push(wire::product(&product, &currency));
                stock
            }
        };
        page.stock.push(ProductStock { sku, in_this_store: here, everywhere });
    }
    Ok(page)
}
