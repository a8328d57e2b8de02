use std::time::Duration;

use protocol::{Clock as _, ambient::SystemClock};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool, SqlSafeStr as _, SqlStr,
    migrate::{Migrate as _, MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use time::OffsetDateTime;

use super::{ASIDES, MIGRATION_LOCK, PATIENCE, PostgresStore, READERS, WRITERS, address::Address, column::failed};
use crate::{Result, StoreError};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

const PUBLIC_VIEWS: &str = include_str!("public_views.sql");
const APPLIED: &str = "_sqlx_migrations";
/// The oldest server that is known to do, as `server_version_num`.
pub(super) const OLDEST: i32 = 140_000;
/// The documented tables.
const DOCUMENTED: &[&str] = &["sessions", "customers", "products", "inventory"];
/// A connection that lay idle for longer is tried before it is used, because a firewall may have forgotten it.
const IDLE: Duration = Duration::from_secs(30);

/// Clocks may differ by so much.
const NEAR: Duration = Duration::from_secs(2);

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
        Ok(Self {
            writers: pool(WRITERS, &options, MANNERS.to_owned()),
            readers: pool(READERS, &options, MANNERS.to_owned()),
            asides: pool(ASIDES, &options, format!("{MANNERS}; SET synchronous_commit TO off")),
        })
    }
}

fn pool(most: u32, options: &PgConnectOptions, manners: String) -> PgPool {
    let manners: SqlStr = AssertSqlSafe(manners).into_sql_str();
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, about| Box::pin(async move { Ok(about.idle_for < IDLE || connection.ping().await.is_ok()) }))
        .after_connect(move |connection, _| {
            let manners = manners.clone();
            Box::pin(async move { connection.execute(manners).await.map(drop) })
        })
        .connect_lazy_with(options.clone())
}

/// The first connection. Whatever passes by itself, such as a server that is starting, is waited for.
pub(super) async fn connect(options: &PgConnectOptions, place: &str, patience: Duration) -> Result<PgConnection> {
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

pub(super) fn not_opened(place: &str, cause: String) -> StoreError {
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
    tell_of_another_time(connection).await?;
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
    MIGRATIONS.run_direct(None, connection, false).await.map_err(not_migrated)?;
    connection.execute(PUBLIC_VIEWS).await.map_err(failed)?;
    Ok(())
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

/// Tells the operator of a clock that differs from the database's: nodes judge each other's deadlines.
async fn tell_of_another_time(connection: &mut PgConnection) -> Result<()> {
    let theirs: OffsetDateTime = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(connection).await.map_err(failed)?;
    // What is judged is this very clock, not the time that the rules go by.
    let ours = SystemClock::new().now().inner();
    let difference = (ours - theirs).abs();
    if difference > NEAR {
        let seconds = difference.as_seconds_f64();
        tracing::warn!(seconds, "this machine's clock differs from the database's; let both follow a time server");
    }
    Ok(())
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
