//! Holding, releasing and selling. The store decides who gets the last piece.

use std::time::Duration;

use protocol::{
    ApiError, ErrorCode, Timestamp,
    ids::{HoldId, Sku, StoreId},
    stock::StockLevels,
};
use server_store::{
    ReadTx, StoreError,
    records::{InventoryRecord, StockHoldRecord},
};

use crate::{http::Failure, transaction::Tx};

/// Most holds of one owner at a time, so that nobody empties the shop for a quarter of an hour.
const MOST_HOLDS: u64 = 100;
/// Seconds to wait where there are too many.
const WAIT_SECONDS: u32 = 60;
const PREFIX: &str = "hold-";

/// Why stock does not move.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    /// Too few pieces are free.
    #[error("Insufficient stock for {sku} at {location}")]
    Insufficient {
        /// The product.
        sku: Sku,
        /// Where.
        location: String,
    },
    /// No such hold of this caller.
    #[error("Hold {0} not found or already expired")]
    NotFound(String),
    /// The owner holds too much already.
    #[error("Too much is held already. Release something, or wait until a hold is over.")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<StockError> for Failure {
    fn from(error: StockError) -> Self {
        let code = match &error {
            StockError::Insufficient { .. } => ErrorCode::InsufficientStock,
            StockError::NotFound(_) => ErrorCode::NotFound,
            StockError::TooMany => return Self::too_often(WAIT_SECONDS, error.to_string()),
            StockError::Store(_) => match error {
                StockError::Store(error) => return error.into(),
                other => return Self::internal(other),
            },
        };
        Self::from(ApiError::new(code, error.to_string()))
    }
}

/// Pieces of a product at a place.
#[derive(Clone, Debug)]
pub struct Pieces {
    /// The product.
    pub sku: Sku,
    /// `online` or `store:<id>`.
    pub location: String,
    /// Above 0.
    pub quantity: u32,
}

/// A hold's id on the wire.
#[must_use]
pub fn shown(id: HoldId) -> String {
    format!("{PREFIX}{id}")
}

/// Holds pieces for `life`; answers the hold and how many stay free.
///
/// # Errors
/// Too few are free, or the owner holds too much.
pub async fn hold(tx: &mut Tx, owner: String, pieces: Pieces, life: Duration) -> Result<(StockHoldRecord, i64), StockError> {
    let now = tx.state().lifetimes.now();
    if tx.live_holds_of(&owner, now).await? >= MOST_HOLDS {
        return Err(StockError::TooMany);
    }
    let Pieces { sku, location, quantity } = pieces;
    let id = HoldId(tx.state().new_id());
    let hold = StockHoldRecord { id, sku, location, quantity, owner, created_at: now, expires_at: now.plus(life) };
    match tx.hold_stock(&hold).await? {
        Some(left) => Ok((hold, left)),
        None => Err(StockError::Insufficient { sku: hold.sku, location: hold.location }),
    }
}

/// Whose holds a caller may give back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Releases {
    /// Anybody's.
    Any,
    /// Those of these owners.
    Of(Vec<String>),
}

impl Releases {
    fn cover(&self, hold: &StockHoldRecord) -> bool {
        match self {
            Self::Any => true,
            Self::Of(owners) => owners.contains(&hold.owner),
        }
    }
}

/// Gives back a hold that the caller may give back; answers how many pieces are free there now. Holds of others and holds that are
/// over look like none.
///
/// # Errors
/// There is no such hold.
pub async fn release(tx: &mut Tx, releases: &Releases, id: &str) -> Result<i64, StockError> {
    let not_found = || StockError::NotFound(id.chars().filter(|letter| !letter.is_control()).take(60).collect());
    let now = tx.state().lifetimes.now();
    let known: HoldId = id.trim().strip_prefix(PREFIX).and_then(|id| id.parse().ok()).ok_or_else(not_found)?;
    let hold = tx.stock_hold(known).await?.filter(|hold| releases.cover(hold) && now < hold.expires_at);
    let hold = hold.ok_or_else(not_found)?;
    tx.release_stock(hold.id).await?.ok_or_else(not_found)
}

/// Sells free pieces; answers how many stay free.
///
/// # Errors
/// Too few are free.
pub async fn sell(tx: &mut Tx, pieces: &Pieces) -> Result<i64, StockError> {
    let now = tx.state().lifetimes.now();
    let left = tx.sell_stock(&pieces.sku, &pieces.location, pieces.quantity, now).await?;
    left.ok_or_else(|| StockError::Insufficient { sku: pieces.sku.clone(), location: pieces.location.clone() })
}

/// What is free of a product, at every store of the shop.
///
/// # Errors
/// The store failed.
pub async fn levels(tx: &mut dyn ReadTx, sku: &Sku, now: Timestamp) -> Result<StockLevels, StoreError> {
    let counts = tx.free_stock(sku, now).await?;
    let stores: Vec<StoreId> = tx.stores().await?.into_iter().map(|store| store.store_id).collect();
    Ok(sum_up(sku, &stores, &counts))
}

/// Counts as the wire shows them; a store without a count has none.
#[must_use]
pub fn sum_up(sku: &Sku, stores: &[StoreId], counts: &[InventoryRecord]) -> StockLevels {
    let mut levels = StockLevels {
        sku: sku.clone(),
        online_stock: 0,
        store_stock: stores.iter().map(|store| (store.clone(), 0)).collect(),
        total_stock: 0,
    };
    for count in counts {
        levels.total_stock += count.quantity;
        match count.location.strip_prefix("store:") {
            Some(id) => *levels.store_stock.entry(StoreId::from(id)).or_default() += count.quantity,
            None => levels.online_stock += count.quantity,
        }
    }
    levels
}
