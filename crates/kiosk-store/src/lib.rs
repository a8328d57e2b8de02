//! What the kiosk keeps on its disk, encrypted: the customer's session while it lasts, and the outbox.
//!
//! Two SQLCipher files lie in the data folder:
//! - `cache.db` mirrors the session on the screen. Its key is made at each start and held in memory only, so power-off erases it.
//! - `outbox.db` holds changes that the server has not confirmed yet, and device settings. Its key comes from the system's secret store.
//!
//! Both are open on one connection, so that what the customer sees and what is to be sent change in one transaction.
//! The trait [`Store`] lets a simulation take the place of the files.

mod error;
mod key;
#[cfg(feature = "memory")]
mod memory;
mod sql;
mod store;

pub use error::StoreError;
pub use key::Key;
#[cfg(feature = "memory")]
pub use memory::MemoryStore;
pub use sql::{Opened, SqlStore};
pub use store::{CacheChange, CachedSession, SetAside, Setting, Stats, Store, Wedged};
