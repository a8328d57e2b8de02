//! The store in two encrypted SQLite files.

mod cache;
mod files;
mod open;
mod outbox;

use std::path::PathBuf;

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{Cursor, KioskSessionId, OpKey},
    kiosk_session::KioskSession,
    sync::{Op, OpBody, Refusal},
};
use sqlx::{Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::Mutex;

use crate::{CacheChange, CachedSession, Key, Setting, Stats, Store, StoreError};

pub use open::Opened;

/// The one connection that writes; `outbox.db` is its main file, `cache.db` is attached as `cache`.
struct Writer {
    /// None once closed.
    connection: Option<SqliteConnection>,
}

/// The store in two encrypted SQLite files.
pub struct SqlStore {
    folder: PathBuf,
    writer: Mutex<Writer>,
    readers: SqlitePool,
    /// Encrypts `cache.db` until the program ends. A damaged cache is made anew under the same key.
    cache_key: Key,
}

/// What one transaction writes. Data rather than a closure, so that it can be tried again on a rebuilt cache.
enum Write<'a> {
    Hold(&'a KioskSession),
    Apply(Cursor, Option<&'a CacheChange>),
    Record(&'a Op, Option<&'a CacheChange>),
    Wipe,
}

impl SqlStore {
    /// Writes in one transaction over both files. A damaged cache is rebuilt empty, and the write tried once more.
    async fn write(&self, write: &Write<'_>) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        let connection = writer.connection()?;
        let error = match transact(connection, write).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_damage() => error,
            Err(error) => return Err(error),
        };
        if outbox::probe(connection).await.is_err() {
            return Err(error);
        }
        tracing::warn!("the cache is damaged and is made anew");
        cache::detach(connection).await;
        files::delete_cache(&self.folder)?;
        cache::attach(connection, &self.folder, &self.cache_key).await?;
        transact(connection, write).await
    }
}

async fn transact(connection: &mut SqliteConnection, write: &Write<'_>) -> Result<(), StoreError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    perform(&mut tx, write).await?;
    tx.commit().await?;
    Ok(())
}

async fn perform(tx: &mut Transaction<'_, Sqlite>, write: &Write<'_>) -> Result<(), StoreError> {
    match *write {
        Write::Hold(session) => {
            outbox::set(tx, outbox::HOLD, &session.kiosk_session_id.to_string()).await?;
            cache::replace(tx, session).await
        }
        Write::Apply(cursor, change) => {
            outbox::advance(tx, cursor).await?;
            cache::change(tx, change).await
        }
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

impl Writer {
    fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.connection.as_mut().ok_or(StoreError::Database(sqlx::Error::PoolClosed))
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn setting(&self, setting: Setting) -> Result<Option<String>, StoreError> {
        outbox::get(&self.readers, setting.name()).await
    }

    async fn set_setting(&self, setting: Setting, value: &str) -> Result<(), StoreError> {
        if self.setting(setting).await?.as_deref() == Some(value) {
            return Ok(());
        }
        outbox::set(self.writer.lock().await.connection()?, setting.name(), value).await
    }

    async fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        Ok(outbox::get(&self.readers, outbox::CURSOR).await?.and_then(|text| text.parse().ok()).map(Cursor))
    }

    async fn forget_cursor(&self) -> Result<(), StoreError> {
        outbox::unset(self.writer.lock().await.connection()?, outbox::CURSOR).await
    }

    async fn hold(&self, session: &KioskSession) -> Result<(), StoreError> {
        self.write(&Write::Hold(session)).await
    }

    async fn unfinished_hold(&self) -> Result<Option<KioskSessionId>, StoreError> {
        Ok(outbox::get(&self.readers, outbox::HOLD).await?.and_then(|text| text.parse().ok()))
    }

    async fn apply(&self, cursor: Cursor, change: Option<&CacheChange>) -> Result<(), StoreError> {
        self.write(&Write::Apply(cursor, change)).await
    }

    async fn record(&self, op: &Op, effect: Option<&CacheChange>) -> Result<(), StoreError> {
        self.write(&Write::Record(op, effect)).await
    }

    async fn cached(&self) -> Result<Option<CachedSession>, StoreError> {
        cache::read(self.writer.lock().await.connection()?).await
    }

    async fn pending(&self, limit: usize) -> Result<Vec<Op>, StoreError> {
        outbox::pending(&self.readers, limit).await
    }

    async fn settle(&self, applied: &[OpKey], refused: &[Refusal]) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        let mut tx = writer.connection()?.begin_with("BEGIN IMMEDIATE").await?;
        outbox::settle(&mut tx, applied, refused).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn postpone(&self, keys: &[OpKey], next_at: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        let mut tx = writer.connection()?.begin_with("BEGIN IMMEDIATE").await?;
        outbox::postpone(&mut tx, keys, next_at).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn wipe_customer(&self) -> Result<(), StoreError> {
        self.write(&Write::Wipe).await?;
        // The log of pages still holds old ones; truncating it leaves only what the files themselves hold, which is overwritten.
        let mut writer = self.writer.lock().await;
        outbox::truncate_logs(writer.connection()?).await
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        outbox::stats(&self.readers).await
    }

    async fn close(&self) {
        self.readers.close().await;
        if let Some(connection) = self.writer.lock().await.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database did not close cleanly; nothing is lost, it recovers at the next start");
        }
    }
}
