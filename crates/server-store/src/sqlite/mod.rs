//! The store of a single machine: one SQLite file, one writer, a few readers.

mod account;
mod account_token;
mod ahead;
mod answer;
mod catalogue;
mod catalogue_change;
mod channel_key;
mod chat_task;
mod column;
mod customer;
mod device;
mod entry;
mod event;
mod external_identity;
mod handoff;
mod idempotency;
mod kiosk_session;
mod loyalty;
mod mail;
mod media;
mod op;
mod open;
mod order;
mod payment;
mod phone_session;
mod profile;
mod qr_token;
mod service_request;
mod session;
mod sign_in_attempt;
mod spending;
mod staff;
mod stock;
mod survey;
mod together;
mod voice_agent;
mod voice_reservation;
mod voice_session;
mod writer;

use std::sync::Arc;

use async_trait::async_trait;
use protocol::{Timestamp, event::EventBody, ids::Cursor, session::ChatEntry};
use sqlx::{Sqlite, SqlitePool, Transaction, pool::PoolConnection};

use crate::{ReadTx, Result, Store, Together, WriteTx, records::SessionRecord};
use ahead::Ahead;
use column::failed;
pub use survey::survey;
use together::Queue;
use writer::{Turn, Writer};

/// Readers side by side; a kiosk's snapshot must not wait for an import.
const READERS: u32 = 4;

/// A SQLite database. Writers queue for one connection, so that none of them ever finds the database locked, and those who
/// queue share one wait for the disk.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Arc<Writer>,
    readers: SqlitePool,
    queue: Arc<Queue>,
}

/// A transaction of a [`SqliteStore`].
pub struct SqliteTx {
    kind: Kind,
    ahead: Ahead,
}

enum Kind {
    Reads(Transaction<'static, Sqlite>),
    /// Without a transaction: each answer is true at a moment of its own.
    Looks(PoolConnection<Sqlite>),
    Writes(Turn),
}

impl SqliteTx {
    fn new(kind: Kind) -> Self {
        Self { kind, ahead: Ahead::default() }
    }

    /// The connection, for anything at all.
    fn connection(&mut self) -> &mut sqlx::SqliteConnection {
        self.ahead = Ahead::default();
        self.connection_beside()
    }

    /// The connection, for what changes nothing that was read ahead.
    fn connection_beside(&mut self) -> &mut sqlx::SqliteConnection {
        match &mut self.kind {
            Kind::Reads(transaction) => transaction,
            Kind::Looks(connection) => connection,
            Kind::Writes(turn) => turn.connection(),
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn read(&self) -> Result<Box<dyn ReadTx>> {
        let inner = self.readers.begin().await.map_err(failed)?;
        Ok(Box::new(SqliteTx::new(Kind::Reads(inner))))
    }

    async fn look(&self) -> Result<Box<dyn ReadTx>> {
        let connection = self.readers.acquire().await.map_err(failed)?;
        Ok(Box::new(SqliteTx::new(Kind::Looks(connection))))
    }

    async fn write(&self) -> Result<Box<dyn WriteTx>> {
        Ok(Box::new(SqliteTx::new(Kind::Writes(self.writer.turn().await?))))
    }

    async fn settled(&self) {
        self.writer.settled().await;
    }

    fn together(&self) -> Option<&dyn Together> {
        Some(self)
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
    async fn keep_entry(
        &mut self,
        session: &SessionRecord,
        entry: &ChatEntry,
        body: &EventBody,
        at: Timestamp,
    ) -> Result<Cursor> {
        entry::keep(self, session, entry, body, at).await
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        match self.kind {
            Kind::Reads(transaction) => transaction.commit().await.map_err(failed),
            Kind::Looks(_) => Ok(()),
            Kind::Writes(turn) => turn.commit().await,
        }
    }
}
