//! What the kiosk keeps on its disk, encrypted: the customer's session while it lasts, and the outbox.
//!
//! Two SQLCipher files in the data folder are a customer's:
//! - `cache.db` mirrors the session on the screen. Its key is made at each start and held in memory only, so power-off erases it.
//! - `outbox.db` holds changes that the server has not confirmed yet, and device settings. Its key comes from the system's secret store.
//!
//! Both are open on one connection, so that what the customer sees and what is to be sent change in one transaction.
//! A third file lies beside them and is nobody's: `catalogue.db`, the [`Shelf`], holds the shop's products for times without a
//! server. It has the key of the outbox, and connections of its own, so that nobody waits for it.
//!
//! The traits [`Store`] and [`Shelf`] let a simulation take the place of the files.

mod error;
mod key;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "memory")]
mod memory_shelf;
mod shelf;
mod sql;
mod store;

pub use error::StoreError;
pub use key::Key;
#[cfg(feature = "memory")]
pub use memory::MemoryStore;
#[cfg(feature = "memory")]
pub use memory_shelf::MemoryShelf;
pub use shelf::{Shelf, ShelfProduct, ShelfSearch, ShelfState};
pub use sql::{Opened, SqlShelf, SqlStore};
pub use store::{CacheChange, CachedSession, SetAside, Setting, Stats, Store, Wedged};
