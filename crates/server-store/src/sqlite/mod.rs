//! The store of a single machine: one SQLite file, one writer, a few readers.

mod account;
mod account_token;
mod answer;
mod catalogue;
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
mod voice_agent;
mod voice_reservation;
mod voice_session;
mod writer;

use std::sync::Arc;

use async_trait::async_trait;
use protocol::{Timestamp, event::EventBody, ids::Cursor, session::ChatEntry};
use sqlx::{Sqlite, SqlitePool, Transaction};

use crate::{ReadTx, Result, Store, WriteTx, records::SessionRecord};
use column::failed;
pub use survey::survey;
use writer::{Turn, Writer};

/// Readers side by side; a kiosk's snapshot must not wait for an import.
const READERS: u32 = 4;

/// A SQLite database. Writers queue for one connection, so that none of them ever finds the database locked, and those who
/// queue share one wait for the disk.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Arc<Writer>,
    readers: SqlitePool,
}

/// A transaction of a [`SqliteStore`].
pub struct SqliteTx(Kind);

enum Kind {
    Reads(Transaction<'static, Sqlite>),
    Writes(Turn),
}

impl SqliteTx {
    fn connection(&mut self) -> &mut sqlx::SqliteConnection {
        match &mut self.0 {
            Kind::Reads(transaction) => transaction,
            Kind::Writes(turn) => turn.connection(),
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn read(&self) -> Result<Box<dyn ReadTx>> {
        let inner = self.readers.begin().await.map_err(failed)?;
        Ok(Box::new(SqliteTx(Kind::Reads(inner))))
    }

    async fn write(&self) -> Result<Box<dyn WriteTx>> {
        Ok(Box::new(SqliteTx(Kind::Writes(self.writer.turn().await?))))
    }

    async fn settled(&self) {
        self.writer.settled().await;
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
        match self.0 {
            Kind::Reads(transaction) => transaction.commit().await.map_err(failed),
            Kind::Writes(turn) => turn.commit().await,
        }
    }
}
