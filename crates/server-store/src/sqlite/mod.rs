//! The store of a single machine: one SQLite file, one writer, a few readers.

mod account;
mod answer;
mod catalogue;
mod channel_key;
mod column;
mod customer;
mod device;
mod event;
mod handoff;
mod idempotency;
mod kiosk_session;
mod loyalty;
mod op;
mod open;
mod order;
mod payment;
mod phone_session;
mod qr_token;
mod session;
mod stock;

use async_trait::async_trait;
use sqlx::{Sqlite, SqlitePool, Transaction};

use crate::{ReadTx, Result, Store, WriteTx};
use column::failed;

/// Readers side by side; a kiosk's snapshot must not wait for an import.
const READERS: u32 = 4;

/// A SQLite database. Writers queue for one connection, so that none of them ever finds the database locked.
#[derive(Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// A transaction of a [`SqliteStore`].
pub struct SqliteTx {
    inner: Transaction<'static, Sqlite>,
}

impl SqliteTx {
    fn connection(&mut self) -> &mut sqlx::SqliteConnection {
        &mut self.inner
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn read(&self) -> Result<Box<dyn ReadTx>> {
        let inner = self.readers.begin().await.map_err(failed)?;
        Ok(Box::new(SqliteTx { inner }))
    }

    async fn write(&self) -> Result<Box<dyn WriteTx>> {
        let inner = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        Ok(Box::new(SqliteTx { inner }))
    }

    async fn is_current(&self) -> Result<bool> {
        let mut applied: Vec<i64> = sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
            .fetch_all(&self.readers)
            .await
            .map_err(failed)?;
        applied.sort_unstable();
        Ok(open::MIGRATIONS.iter().map(|migration| migration.version).eq(applied))
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

impl ReadTx for SqliteTx {}

#[async_trait]
impl WriteTx for SqliteTx {
    async fn commit(self: Box<Self>) -> Result<()> {
        self.inner.commit().await.map_err(failed)
    }
}
