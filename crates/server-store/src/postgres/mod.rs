//! The store of several nodes: one Postgres database, 14 or newer.
//!
//! Writers wait for each other, over all nodes: a transaction that changes things begins by taking one advisory lock, which
//! its commit gives back. So a writer sees what a single writer would see, down to what is absent, to counts, and to the
//! order of the event log; nothing deadlocks and nothing has to be tried again. Readers wait for nobody.

mod account;
mod account_token;
mod address;
mod answer;
mod catalogue;
mod catalogue_change;
mod channel_key;
mod chat_task;
mod column;
mod customer;
mod device;
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
mod shared;
mod sign_in_attempt;
mod spending;
mod staff;
mod stock;
mod survey;
mod voice_agent;
mod voice_reservation;
mod voice_session;
mod words;

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{PgPool, Postgres, Transaction};

use crate::{ReadTx, Result, Shared, Store, StoreError, WriteTx};
use column::failed;
pub use survey::survey;

/// Connections of one node that read. A stream that catches up takes one for a moment.
const READERS: u32 = 12;
/// Connections of one node that write. One works; the next stand in line in the database, so that the lock passes on without
/// a way through the network.
const WRITERS: u32 = 3;
/// Connections of one node for what is part of no transaction.
const ASIDES: u32 = 4;
/// How long a caller waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a transaction is begun anew on a connection that turns out to be dead, as all are after the database restarted.
const FRESH_STARTS: u32 = 4;

/// The number of the lock that all writers take.
const WRITE_LOCK: i64 = 0x7669_7472_696e_6501;
/// The number of the lock of whoever migrates.
const MIGRATION_LOCK: i64 = 0x7669_7472_696e_6502;

const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A Postgres database.
#[derive(Debug)]
pub struct PostgresStore {
    writers: PgPool,
    readers: PgPool,
    /// For what is part of no transaction.
    asides: PgPool,
}

/// A transaction of a [`PostgresStore`].
pub struct PostgresTx {
    inner: Transaction<'static, Postgres>,
}

impl PostgresTx {
    fn connection(&mut self) -> &mut sqlx::PgConnection {
        &mut self.inner
    }
}

/// Begins a transaction. It runs in a task of its own: were it dropped halfway, its connection would go back to the pool with a
/// transaction open that nobody ends.
async fn begin(pool: &PgPool, statement: String) -> Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move {
        let mut start = 1;
        loop {
            match pool.begin_with(sqlx::AssertSqlSafe(statement.clone())).await.map_err(failed) {
                // Nothing has been done yet, and the pool has thrown the dead connection away.
                Err(StoreError::Unreachable(cause)) if start < FRESH_STARTS && !timed_out(&*cause) => start += 1,
                outcome => return outcome,
            }
        }
    });
    begun.await.map_err(|error| StoreError::Database(Box::new(error)))?
}

fn timed_out(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed))
}

#[async_trait]
impl Store for PostgresStore {
    async fn read(&self) -> Result<Box<dyn ReadTx>> {
        let inner = begin(&self.readers, READ.to_owned()).await?;
        Ok(Box::new(PostgresTx { inner }))
    }

    async fn write(&self) -> Result<Box<dyn WriteTx>> {
        // Each statement after the lock sees what the writer before has committed.
        let statement = format!("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({WRITE_LOCK})");
        let inner = begin(&self.writers, statement).await?;
        Ok(Box::new(PostgresTx { inner }))
    }

    async fn is_current(&self) -> Result<bool> {
        let mut applied: Vec<i64> = sqlx::query_scalar("SELECT version FROM vitrine._sqlx_migrations WHERE success")
            .fetch_all(&self.readers)
            .await
            .map_err(failed)?;
        applied.sort_unstable();
        Ok(open::MIGRATIONS.iter().map(|migration| migration.version).eq(applied))
    }

    fn shared(&self) -> Option<&dyn Shared> {
        Some(self)
    }

    async fn close(&self) {
        self.asides.close().await;
        self.readers.close().await;
        self.writers.close().await;
    }
}

impl ReadTx for PostgresTx {}

#[async_trait]
impl WriteTx for PostgresTx {
    async fn commit(self: Box<Self>) -> Result<()> {
        self.inner.commit().await.map_err(failed)
    }
}
