//! The copy of the catalogue in an encrypted SQLite file of its own, so that nothing waits for it.

mod look;
mod open;
mod search;
mod take;

use std::{
    path::{Path, PathBuf},
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use protocol::{Timestamp, catalogue::CataloguePage, ids::Sku};
use sqlx::{Connection as _, SqliteConnection, SqlitePool};
use tokio::sync::{Mutex, Notify};

use super::{Connected, files, transaction};
use crate::{Key, Shelf, ShelfProduct, ShelfSearch, ShelfState, StoreError};

/// The copy of the catalogue in `catalogue.db`. The file is opened when it is first needed.
pub struct SqlShelf {
    folder: PathBuf,
    key: Key,
    writer: Mutex<Connected>,
    /// The file is there, in the right shape: whoever reads need not wait for whoever writes.
    opened: AtomicBool,
    /// Replaced with the file, and when what was asked is forgotten.
    readers: RwLock<SqlitePool>,
    /// Grows with each time that the file was deleted.
    deleted: AtomicU64,
    /// Until when all was still as it was, in milliseconds since 1970; written when the file is closed, not each time.
    still: AtomicI64,
    lost: Notify,
}

/// What one transaction writes. Data rather than a closure, so that it can be tried again on a new file.
enum Write<'a> {
    Take(Option<&'a str>, &'a CataloguePage),
    StartOver,
    StillTrue(Timestamp),
}

impl SqlShelf {
    /// The copy in `folder`, which the store has made. A file that is damaged, or was written with another key or by another
    /// version of this program, is deleted when it is opened.
    #[must_use]
    pub fn new(folder: &Path, key: &Key) -> Self {
        Self {
            folder: folder.to_owned(),
            key: key.clone(),
            writer: Mutex::new(Connected::Lost),
            opened: AtomicBool::new(false),
            readers: RwLock::new(open::readers(folder, key)),
            deleted: AtomicU64::new(0),
            still: AtomicI64::new(0),
            lost: Notify::new(),
        }
    }

    /// The connection that writes; the file is opened where that was not done or did not succeed.
    async fn ready<'w>(&self, writer: &'w mut Connected) -> Result<&'w mut SqliteConnection, StoreError> {
        if matches!(writer, Connected::Lost) {
            *writer = Connected::Open(match open::open(&self.folder, &self.key).await {
                Err(error) if error.is_damage() => {
                    self.delete().await?;
                    open::open(&self.folder, &self.key).await?
                }
                result => result?,
            });
            self.opened.store(true, Ordering::Release);
        }
        match writer {
            Connected::Open(connection) => Ok(connection),
            Connected::Lost | Connected::Closed => Err(closed()),
        }
    }

    /// Deletes the file and whoever has it open.
    async fn delete(&self) -> Result<(), StoreError> {
        tracing::warn!("the copy of the catalogue cannot be read and is begun anew");
        self.opened.store(false, Ordering::Release);
        self.fresh_readers().close().await;
        files::delete_catalogue(&self.folder)?;
        self.still.store(0, Ordering::Release);
        self.deleted.fetch_add(1, Ordering::AcqRel);
        self.lost.notify_one();
        Ok(())
    }

    /// As [`Self::delete`], unless somebody else has done it since `seen`.
    async fn mend(&self, writer: &mut Connected, seen: u64) -> Result<(), StoreError> {
        if self.deleted.load(Ordering::Acquire) == seen {
            if let Connected::Open(connection) = std::mem::replace(writer, Connected::Lost) {
                // Whether a damaged file closes well is no matter.
                let _ = connection.close().await;
            }
            self.delete().await?;
        }
        self.ready(writer).await.map(drop)
    }

    /// Whether an error means that the file is damaged; in doubt the whole of it is read.
    async fn is_damaged(&self, error: &StoreError) -> bool {
        error.is_damage() || (error.may_be_damage() && !open::is_sound(&self.folder, &self.key).await)
    }

    /// Replaces the readers; gives those before.
    fn fresh_readers(&self) -> SqlitePool {
        let fresh = open::readers(&self.folder, &self.key);
        std::mem::replace(&mut *self.readers.write().unwrap_or_else(PoisonError::into_inner), fresh)
    }

    fn readers(&self) -> SqlitePool {
        self.readers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn still(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.still.load(Ordering::Acquire))
    }

    fn as_true_as_it_is(&self, mut found: Vec<ShelfProduct>) -> Vec<ShelfProduct> {
        for product in &mut found {
            product.as_of = product.as_of.max(self.still());
        }
        found
    }

    async fn write(&self, write: &Write<'_>) -> Result<bool, StoreError> {
        let mut writer = self.writer.lock().await;
        let seen = self.deleted.load(Ordering::Acquire);
        match transact(self.ready(&mut writer).await?, write).await {
            Err(error) if self.is_damaged(&error).await => {
                self.mend(&mut writer, seen).await?;
                transact(self.ready(&mut writer).await?, write).await
            }
            result => result,
        }
    }

    /// Reads. A damaged file is deleted, and the new one read once more.
    async fn read<T, Fut>(&self, read: impl Fn(SqlitePool) -> Fut) -> Result<T, StoreError>
    where
        Fut: Future<Output = Result<T, StoreError>>,
    {
        if !self.opened.load(Ordering::Acquire) {
            self.ready(&mut *self.writer.lock().await).await?;
        }
        let seen = self.deleted.load(Ordering::Acquire);
        match read(self.readers()).await {
            Err(error) if self.is_damaged(&error).await => {
                self.mend(&mut *self.writer.lock().await, seen).await?;
                read(self.readers()).await
            }
            // They were replaced just now.
            Err(StoreError::Database(sqlx::Error::PoolClosed)) => read(self.readers()).await,
            result => result,
        }
    }
}

fn closed() -> StoreError {
    StoreError::Database(sqlx::Error::PoolClosed)
}

async fn transact(connection: &mut SqliteConnection, write: &Write<'_>) -> Result<bool, StoreError> {
    transaction::begin(connection).await?;
    let done = perform(connection, write).await;
    transaction::end(connection, done).await
}

async fn perform(tx: &mut SqliteConnection, write: &Write<'_>) -> Result<bool, StoreError> {
    match *write {
        Write::Take(after, page) => take::take(tx, after, page).await,
        Write::StartOver => take::start_over(tx).await.map(|()| true),
        Write::StillTrue(at) => take::still_true(tx, at).await.map(|()| true),
    }
}

#[async_trait]
impl Shelf for SqlShelf {
    async fn state(&self) -> Result<ShelfState, StoreError> {
        let state = self.read(async |readers| look::state(&readers).await).await?;
        Ok(ShelfState { as_of: state.as_of.map(|at| at.max(self.still())), ..state })
    }

    async fn take(&self, after: Option<&str>, page: &CataloguePage) -> Result<bool, StoreError> {
        self.write(&Write::Take(after, page)).await
    }

    async fn start_over(&self) -> Result<(), StoreError> {
        self.write(&Write::StartOver).await.map(drop)
    }

    async fn still_true(&self, at: Timestamp) -> Result<(), StoreError> {
        if self.read(async |readers| look::is_complete(&readers).await).await? {
            self.still.fetch_max(at.unix_millis(), Ordering::AcqRel);
        }
        Ok(())
    }

    async fn products(&self, skus: &[Sku]) -> Result<Vec<ShelfProduct>, StoreError> {
        let found = self.read(async |readers| look::products(&readers, skus).await).await?;
        Ok(self.as_true_as_it_is(found))
    }

    async fn search(&self, search: &ShelfSearch) -> Result<Vec<ShelfProduct>, StoreError> {
        let found = self.read(async |readers| search::search(&readers, search).await).await?;
        Ok(self.as_true_as_it_is(found))
    }

    async fn pictures(&self, after: i64, limit: u32) -> Result<Vec<(i64, String)>, StoreError> {
        self.read(async |readers| look::pictures(&readers, after, limit).await).await
    }

    async fn forget_questions(&self) {
        self.fresh_readers().close().await;
    }

    async fn lost(&self) {
        self.lost.notified().await;
    }

    async fn close(&self) {
        if self.still.load(Ordering::Acquire) > 0
            && let Err(error) = self.write(&Write::StillTrue(self.still())).await
        {
            tracing::warn!(%error, "how old the copy of the catalogue is was not kept; it counts as older than it is");
        }
        self.readers().close().await;
        let connection = std::mem::replace(&mut *self.writer.lock().await, Connected::Closed);
        if let Connected::Open(connection) = connection
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the copy of the catalogue did not close cleanly; nothing is lost, it recovers at the next start");
        }
    }
}
