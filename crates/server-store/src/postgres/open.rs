use std::time::Duration;

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool,
    migrate::{Migrate as _, MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{MIGRATION_LOCK, PATIENCE, PostgresStore, READERS, WRITERS, address::Address, column::failed};
use crate::{Result, StoreError};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

const APPLIED: &str = "_sqlx_migrations";
/// The oldest server that is known to do, as `server_version_num`.
const OLDEST: i32 = 140_000;
/// The documented tables.
const DOCUMENTED: &[&str] = &["sessions", "customers", "products", "inventory"];
/// A connection that lay idle for longer is tried before it is used, because a firewall may have forgotten it.
const IDLE: Duration = Duration::from_secs(30);

/// What every connection is told. A node that hangs with a transaction open must not hold up the others for long.
const MANNERS: &str = "SET search_path TO vitrine; SET lock_timeout TO '10s'; SET statement_timeout TO '30s'; \
                       SET idle_in_transaction_session_timeout TO '15s'";

impl PostgresStore {
    /// Opens the database at `address`, such as `postgres://user:password@host:5432/name`, making or migrating its tables.
    /// Several nodes may do so at once. A server that does not answer yet is waited for, `patience` long.
    ///
    /// # Errors
    /// [`StoreError::BadAddress`], [`StoreError::NotOpened`], [`StoreError::NewerDatabase`], [`StoreError::NotWritable`] or
    /// [`StoreError::Damaged`]; none of them shows the address's user or password.
    pub async fn open(address: &str, patience: Duration) -> Result<Self> {
        let Address { options, place } = Address::read(address)?;
        let mut connection = connect(&options, &place, patience).await?;
        migrate(&mut connection, &place).await?;
        tell_of_names_taken(&mut connection).await?;
        connection.close().await.map_err(failed)?;
        Ok(Self { writers: pool(WRITERS, &options), readers: pool(READERS, &options) })
    }
}

fn pool(most: u32, options: &PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, about| Box::pin(async move { Ok(about.idle_for < IDLE || connection.ping().await.is_ok()) }))
        .after_connect(|connection, _| Box::pin(async move { connection.execute(MANNERS).await.map(drop) }))
        .connect_lazy_with(options.clone())
}

/// The first connection. Whatever passes by itself, such as a server that is starting, is waited for.
async fn connect(options: &PgConnectOptions, place: &str, patience: Duration) -> Result<PgConnection> {
    let begun = std::time::Instant::now();
    let mut pause = Duration::from_millis(50);
    let mut told = false;
    loop {
        let left = patience.saturating_sub(begun.elapsed()).max(Duration::from_secs(1));
        let cause = match tokio::time::timeout(left, PgConnection::connect_with(options)).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => match failed(error) {
                StoreError::Unreachable(cause) => cause.to_string(),
                StoreError::Database(cause) => return Err(not_opened(place, cause.to_string())),
                other => return Err(not_opened(place, other.to_string())),
            },
            Err(_) => "it does not answer".to_owned(),
        };
        if begun.elapsed() + pause >= patience {
            return Err(not_opened(place, cause));
        }
        if !told {
            told = true;
            tracing::warn!(database = place, cause, "the database does not answer yet; trying again");
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

fn not_opened(place: &str, cause: String) -> StoreError {
    StoreError::NotOpened { place: place.to_owned(), cause }
}

async fn migrate(connection: &mut PgConnection, place: &str) -> Result<()> {
    let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::integer")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    if version < OLDEST {
        return Err(not_opened(place, format!("its server is Postgres {}; 14 or newer is needed", version / 10_000)));
    }
    let not_migrated = |error: MigrateError| not_migrated(place, error);
    // The lock is the connection's: it is given back at its end, whatever happens.
    let prepare = format!(
        "SET client_min_messages TO warning; SELECT pg_advisory_lock({MIGRATION_LOCK}); CREATE SCHEMA IF NOT EXISTS vitrine; \
         SET search_path TO vitrine"
    );
    connection.execute(AssertSqlSafe(prepare)).await.map_err(|error| not_migrated(error.into()))?;
    connection.ensure_migrations_table(APPLIED).await.map_err(not_migrated)?;
    let applied = connection.list_applied_migrations(APPLIED).await.map_err(not_migrated)?;
    let newest_known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    if applied.iter().any(|migration| migration.version > newest_known) {
        return Err(StoreError::NewerDatabase(place.to_owned()));
    }
    MIGRATIONS.run_direct(None, connection, false).await.map_err(not_migrated)
}

fn not_migrated(place: &str, error: MigrateError) -> StoreError {
    let place = place.to_owned();
    let cause = error.to_string();
    match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => StoreError::NewerDatabase(place),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => match &error {
            // insufficient_privilege, read_only_sql_transaction and disk_full.
            sqlx::Error::Database(cause) if matches!(cause.code().as_deref(), Some("42501" | "25006" | "53100")) => {
                StoreError::NotOpened { place, cause: cause.to_string() }
            }
            _ => failed(error),
        },
        _ => StoreError::Damaged { place, cause },
    }
}

/// Tells the operator which documented names in `public` belong to somebody else.
async fn tell_of_names_taken(connection: &mut PgConnection) -> Result<()> {
    for name in DOCUMENTED {
        let ours: bool = sqlx::query_scalar(
            "SELECT coalesce(bool_or(pg_get_viewdef(oid) LIKE '%vitrine_public%'), false) FROM pg_class \
             WHERE relname = $1 AND relkind = 'v' AND relnamespace = to_regnamespace('public')",
        )
        .bind(*name)
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
        if !ours {
            tracing::warn!("public.{name} is not ours and stays as it is; other tools find ours as vitrine_public.{name}");
        }
    }
    Ok(())
}
