//! Stock that can be held, given back and sold.
//!
//! A count says how many pieces are there; held pieces are still there, but nobody else can have them. A hold whose time is
//! over gives its pieces back by itself: every question counts them as free, and [`StockWrite::end_overdue_holds`] tidies up.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{HoldId, Sku},
};

use super::InventoryRecord;
use crate::Result;

/// Pieces that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockHoldRecord {
    /// Its id.
    pub id: HoldId,
    /// The product.
    pub sku: Sku,
    /// `online` or `store:<id>`.
    pub location: String,
    /// Above 0.
    pub quantity: u32,
    /// Who may release it.
    pub owner: String,
    /// When it began.
    pub created_at: Timestamp,
    /// The pieces are free again from here on.
    pub expires_at: Timestamp,
}

/// Questions about stock.
#[async_trait]
pub trait StockRead {
    /// Free pieces at each location of a product at `now`; what no location has counted is online.
    async fn free_stock(&mut self, sku: &Sku, now: Timestamp) -> Result<Vec<InventoryRecord>>;
    /// How many products there are, and a page of them in order of id, each with its free pieces at each location.
    async fn list_stock(&mut self, now: Timestamp, limit: u32, offset: u32) -> Result<(u64, Vec<(Sku, Vec<InventoryRecord>)>)>;
    /// The hold of that id; its time may be over.
    async fn stock_hold(&mut self, id: HoldId) -> Result<Option<StockHoldRecord>>;
    /// The holds of this owner, in order of id; their time may be over.
    async fn stock_holds_of(&mut self, owner: &str) -> Result<Vec<StockHoldRecord>>;
    /// How many holds of this owner live at `now`.
    async fn live_holds_of(&mut self, owner: &str, now: Timestamp) -> Result<u64>;
    /// When the next hold's time is over.
    async fn next_stock_expiry(&mut self) -> Result<Option<Timestamp>>;
}

/// Changes of stock.
#[async_trait]
pub trait StockWrite {
    /// Takes pieces from the free ones and keeps the hold; answers how many stay free, or none where there were too few.
    async fn hold_stock(&mut self, hold: &StockHoldRecord) -> Result<Option<i64>>;
    /// Gives a hold's pieces back; answers how many are free there now, or none where there was no such hold.
    async fn release_stock(&mut self, id: HoldId) -> Result<Option<i64>>;
    /// The held pieces leave the shop; answers whether there was such a hold.
    async fn sell_held(&mut self, id: HoldId) -> Result<bool>;
    /// Free pieces leave the shop; answers how many stay free, or none where there were too few.
    async fn sell_stock(&mut self, sku: &Sku, location: &str, quantity: u32, now: Timestamp) -> Result<Option<i64>>;
    /// Gives back what was held until `now` or before; answers how many holds that were.
    async fn end_overdue_holds(&mut self, now: Timestamp) -> Result<u64>;
}
