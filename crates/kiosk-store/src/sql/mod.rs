//! The store in two encrypted SQLite files.

mod cache;
mod files;
mod open;
mod outbox;
mod salvage;
mod shelf;
mod transaction;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;
use protocol::{
    Clock,
    ids::{Cursor, KioskSessionId, OpKey},
    kiosk_session::KioskSession,
    sync::{Op, OpBody, Refusal},
};
use sqlx::{Connection as _, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use crate::{CacheChange, CachedSession, Key, Setting, Stats, Store, StoreError};

pub use open::Opened;
pub use shelf::SqlShelf;

/// The one connection that writes; `outbox.db` is its main file, `cache.db` is attached as `cache`.
struct Writer {
    connection: Connected,
    /// The cache is attached and whole.
    cached: bool,
}

/// A connection that can be lost.
enum Connected {
    /// It stands.
    Open(SqliteConnection),
    /// The file was not opened yet, or had to be replaced and could not be opened again; the next use tries.
    Lost,
    /// For good.
    Closed,
}

/// The store in two encrypted SQLite files.
pub struct SqlStore {
    folder: PathBuf,
    writer: Mutex<Writer>,
    /// Replaced with the outbox.
    readers: RwLock<SqlitePool>,
    outbox_key: Key,
    /// Encrypts `cache.db` until the program ends. A damaged cache is made anew under the same key.
    cache_key: Key,
    clock: Arc<dyn Clock>,
    /// Places of changes that this program cannot read, as far as it has come across them.
    unreadable: std::sync::Mutex<BTreeSet<i64>>,
}

/// What one transaction writes. Data rather than a closure, so that it can be tried again on a repaired file.
enum Write<'a> {
    Hold(&'a KioskSession),
    Begin(&'a KioskSession, &'a Op),
    Apply(Cursor, Option<&'a CacheChange>),
    ForgetCursor,
    Record(&'a Op, Option<&'a CacheChange>),
    Settle(&'a [OpKey], &'a [Refusal]),
    Set(Setting, &'a str),
    Wipe,
}

impl SqlStore {
    /// Writes in one transaction over both files. What is damaged is repaired, and the write tried once more.
    async fn write(&self, write: &Write<'_>) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        match transact(self.ready(&mut writer).await?, write).await {
            Err(error) if error.is_damage() => {
                self.repair(&mut writer).await?;
                transact(self.ready(&mut writer).await?, write).await
            }
            result => result,
        }
    }

    /// The connection with its cache, both made anew where an earlier repair could not.
    async fn ready<'w>(&self, writer: &'w mut Writer) -> Result<&'w mut SqliteConnection, StoreError> {
        if matches!(writer.connection, Connected::Lost) {
            writer.connection = Connected::Open(open::open_outbox(&self.folder, &self.outbox_key).await?);
            writer.cached = false;
        }
        if !writer.cached {
            writer.attach(&self.folder, &self.cache_key).await?;
        }
        writer.connection()
    }

    /// A damaged outbox is set aside and replaced, with the cache; otherwise it is the cache that is made anew.
    async fn repair(&self, writer: &mut Writer) -> Result<(), StoreError> {
        if open::is_sound(&self.folder, &self.outbox_key).await {
            tracing::warn!("the cache is damaged and is made anew");
            return writer.attach(&self.folder, &self.cache_key).await;
        }
        self.readers().close().await;
        if let Connected::Open(connection) = std::mem::replace(&mut writer.connection, Connected::Lost) {
            // Whether a damaged file closes well is no matter.
            let _ = connection.close().await;
        }
        writer.cached = false;
        let replaced = open::replace_outbox(&self.folder, &self.outbox_key, self.clock.now()).await;
        *self.readers.write().unwrap_or_else(PoisonError::into_inner) = open::readers(&self.folder, &self.outbox_key);
        writer.connection = Connected::Open(replaced?.0);
        writer.attach(&self.folder, &self.cache_key).await
    }

    /// Opens all connections anew: the ones before keep in their memory what went through them.
    async fn renew(&self, writer: &mut Writer) -> Result<(), StoreError> {
        let fresh = open::readers(&self.folder, &self.outbox_key);
        let before = std::mem::replace(&mut *self.readers.write().unwrap_or_else(PoisonError::into_inner), fresh);
        before.close().await;
        // Where the rest fails, the next write makes both files' connection anew.
        writer.cached = false;
        if let Connected::Open(connection) = std::mem::replace(&mut writer.connection, Connected::Lost) {
            connection.close().await?;
        }
        let mut connection = open::open_outbox(&self.folder, &self.outbox_key).await?;
        let attached = cache::attach(&mut connection, &self.folder, &self.cache_key).await;
        writer.connection = Connected::Open(connection);
        writer.cached = attached.is_ok();
        attached
    }

    /// Reads from the outbox. A damaged one is repaired, and read once more.
    async fn read<T, Fut>(&self, read: impl Fn(SqlitePool) -> Fut) -> Result<T, StoreError>
    where
        Fut: Future<Output = Result<T, StoreError>>,
    {
        match read(self.readers()).await {
            Err(error) if error.is_damage() => {
                let mut writer = self.writer.lock().await;
                if open::is_sound(&self.folder, &self.outbox_key).await {
                    // What the readers remember is not what is in the file.
                    self.readers().close().await;
                    *self.readers.write().unwrap_or_else(PoisonError::into_inner) = open::readers(&self.folder, &self.outbox_key);
                } else {
                    self.repair(&mut writer).await?;
                }
                drop(writer);
                read(self.readers()).await
            }
            // They were replaced just now.
            Err(StoreError::Database(sqlx::Error::PoolClosed)) => read(self.readers()).await,
            result => result,
        }
    }

    fn readers(&self) -> SqlitePool {
        self.readers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn unreadable(&self) -> std::sync::MutexGuard<'_, BTreeSet<i64>> {
        self.unreadable.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn transact(connection: &mut SqliteConnection, write: &Write<'_>) -> Result<(), StoreError> {
    transaction::begin(connection).await?;
    let done = perform(connection, write).await;
    transaction::end(connection, done).await
}

async fn perform(tx: &mut SqliteConnection, write: &Write<'_>) -> Result<(), StoreError> {
    match *write {
        Write::Hold(session) => hold(tx, session).await,
        Write::Begin(session, op) => {
            outbox::insert(tx, op).await?;
            hold(tx, session).await
        }
        Write::Apply(cursor, change) => {
            cache::advance(tx, cursor).await?;
            cache::change(tx, change).await
        }
        Write::ForgetCursor => cache::forget_cursor(tx).await,
        Write::Settle(applied, refused) => outbox::settle(tx, applied, refused).await,
        Write::Set(setting, value) => outbox::set(tx, setting.name(), value).await,
        Write::Record(op, effect) => {
            outbox::insert(tx, op).await?;
            if matches!(op.body, OpBody::End { .. }) {
                outbox::unset(tx, outbox::HOLD).await?;
            }
            cache::change(tx, effect).await
        }
        Write::Wipe => {
            outbox::unset(tx, outbox::HOLD).await?;
            cache::empty(tx).await
        }
    }
}

async fn hold(tx: &mut SqliteConnection, session: &KioskSession) -> Result<(), StoreError> {
    outbox::set(tx, outbox::HOLD, &session.kiosk_session_id.to_string()).await?;
    cache::replace(tx, session).await
}

impl Writer {
    fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        match &mut self.connection {
            Connected::Open(connection) => Ok(connection),
            Connected::Lost | Connected::Closed => Err(StoreError::Database(sqlx::Error::PoolClosed)),
        }
    }

    /// Makes the cache anew, whatever was there.
    async fn attach(&mut self, folder: &Path, key: &Key) -> Result<(), StoreError> {
        self.drop_cache(folder).await?;
        let connection = self.connection()?;
        cache::attach(connection, folder, key).await?;
        self.cached = true;
        Ok(())
    }

    /// Lets the cache go, and its file with it.
    async fn drop_cache(&mut self, folder: &Path) -> Result<(), StoreError> {
        self.cached = false;
        if let Ok(connection) = self.connection() {
            cache::detach(connection).await;
        }
        files::delete_cache(folder)?;
        Ok(())
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn setting(&self, setting: Setting) -> Result<Option<String>, StoreError> {
        self.read(async |readers| outbox::get(&readers, setting.name()).await).await
    }

    async fn set_setting(&self, setting: Setting, value: &str) -> Result<(), StoreError> {
        if self.setting(setting).await?.as_deref() == Some(value) {
            return Ok(());
        }
        self.write(&Write::Set(setting, value)).await
    }

    async fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        let mut writer = self.writer.lock().await;
        match cache::cursor(self.ready(&mut writer).await?).await {
            Err(error) if error.is_damage() => {
                self.repair(&mut writer).await?;
                Ok(None)
            }
            result => result,
        }
    }

    async fn forget_cursor(&self) -> Result<(), StoreError> {
        self.write(&Write::ForgetCursor).await
    }

    async fn hold(&self, session: &KioskSession) -> Result<(), StoreError> {
        self.write(&Write::Hold(session)).await
    }

    async fn begin(&self, session: &KioskSession, op: &Op) -> Result<(), StoreError> {
        self.write(&Write::Begin(session, op)).await
    }

    async fn unfinished_hold(&self) -> Result<Option<KioskSessionId>, StoreError> {
        let text = self.read(async |readers| outbox::get(&readers, outbox::HOLD).await).await?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    async fn apply(&self, cursor: Cursor, change: Option<&CacheChange>) -> Result<(), StoreError> {
        self.write(&Write::Apply(cursor, change)).await
    }

    async fn record(&self, op: &Op, effect: Option<&CacheChange>) -> Result<(), StoreError> {
        self.write(&Write::Record(op, effect)).await
    }

    async fn cached(&self) -> Result<Option<CachedSession>, StoreError> {
        let mut writer = self.writer.lock().await;
        match cache::read(self.ready(&mut writer).await?).await {
            Err(error) if error.is_damage() => {
                self.repair(&mut writer).await?;
                Ok(None)
            }
            result => result,
        }
    }

    async fn pending(&self, limit: usize, held_up: &[KioskSessionId]) -> Result<Vec<Op>, StoreError> {
        let which = outbox::Which::Without(held_up);
        let (ops, unreadable) = self.read(async |readers| outbox::pending(&readers, limit, &which).await).await?;
        let mut known = self.unreadable();
        for seq in unreadable {
            if known.insert(seq) {
                tracing::error!(seq, "a change in the outbox cannot be read and stays there");
            }
        }
        Ok(ops)
    }

    async fn pending_of(&self, conversation: KioskSessionId, limit: usize) -> Result<Vec<Op>, StoreError> {
        let which = outbox::Which::Of(conversation);
        let (ops, _) = self.read(async |readers| outbox::pending(&readers, limit, &which).await).await?;
        Ok(ops)
    }

    async fn settle(&self, applied: &[OpKey], refused: &[Refusal]) -> Result<(), StoreError> {
        self.write(&Write::Settle(applied, refused)).await
    }

    async fn wipe_customer(&self) -> Result<(), StoreError> {
        let wiped = self.write(&Write::Wipe).await;
        let mut writer = self.writer.lock().await;
        if wiped.is_err() {
            // Where rows cannot be erased, the whole file can.
            writer.drop_cache(&self.folder).await?;
            return wiped;
        }
        // The log of pages still holds old ones; truncating it leaves only what the files themselves hold, which is overwritten.
        outbox::truncate_logs(writer.connection()?).await?;
        self.renew(&mut writer).await
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        let stats = self.read(async |readers| outbox::stats(&readers).await).await?;
        let unreadable = u64::try_from(self.unreadable().len()).unwrap_or(u64::MAX);
        Ok(Stats { unreadable, set_aside: files::set_aside(&self.folder)?, ..stats })
    }

    async fn close(&self) {
        self.readers().close().await;
        let connection = std::mem::replace(&mut self.writer.lock().await.connection, Connected::Closed);
        if let Connected::Open(connection) = connection
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database did not close cleanly; nothing is lost, it recovers at the next start");
        }
    }
}
