use std::path::{Path, PathBuf};

use sqlx::{
    AssertSqlSafe, Connection as _, SqliteConnection, SqlitePool,
    migrate::{Migrate as _, MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    READERS, SqliteStore,
    column::{code, failed},
    writer::Writer,
};
use crate::{Result, StoreError};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

impl SqliteStore {
    /// Opens the database at `path`, making or migrating it. An existing file is copied to `<path>.before-<version>` before
    /// it is migrated.
    ///
    /// # Errors
    /// [`StoreError::NewerDatabase`], [`StoreError::NotWritable`] or [`StoreError::Damaged`].
    pub async fn open(path: &Path) -> Result<Self> {
        let existed = path.exists();
        make_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(std::time::Duration::from_secs(5))
            .optimize_on_close(true, None)
            .pragma("temp_store", "MEMORY")
            // Pages of the write-ahead log before they are moved into the file. Under load most of them change again soon, and are
            // moved once instead of many times.
            .pragma("wal_autocheckpoint", "8192")
            // Bytes that the write-ahead log keeps afterwards.
            .pragma("journal_size_limit", "33554432")
            // Rows on their way from the connection's thread; a whole conversation, so that it does not stop halfway.
            .row_buffer_size(256);
        // In KiB when negative.
        let writing = options.clone().pragma("cache_size", "-2048");
        let mut connection = SqliteConnection::connect_with(&writing).await.map_err(|error| cannot_open(path, error))?;
        if existed {
            ensure_sound(&mut connection, path).await?;
        }
        migrate(&mut connection, path, existed).await?;
        let writer = Writer::new(connection);
        let readers: SqlitePool = SqlitePoolOptions::new()
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            // In KiB when negative; the system keeps the file in its own memory, once for all of them.
            .connect_with(options.read_only(true).optimize_on_close(false, None).pragma("cache_size", "-512"))
            .await
            .map_err(|error| cannot_open(path, error))?;
        Ok(Self { writer, readers, queue: std::sync::Arc::default() })
    }
}

/// Makes the file, if it is not there, so that only its owner can read it; the database keeps it that way for the files
/// beside it.
fn make_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path);
    made.map(drop).map_err(|error| StoreError::NotWritable { place: place(path), cause: error.to_string() })
}

/// Reads the whole file once. A page that cannot be read would be found out by a customer, and what is written to a damaged file
/// can be lost.
pub(super) async fn ensure_sound(connection: &mut SqliteConnection, path: &Path) -> Result<()> {
    let found: String =
        sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(connection).await.map_err(|error| cannot_open(path, error))?;
    if found == "ok" {
        return Ok(());
    }
    // Its words hold line breaks.
    let cause = found.split_whitespace().collect::<Vec<_>>().join(" ");
    Err(StoreError::Damaged { place: place(path), cause })
}

async fn migrate(connection: &mut SqliteConnection, path: &Path, existed: bool) -> Result<()> {
    connection.ensure_migrations_table("_sqlx_migrations").await.map_err(|error| not_migrated(path, error))?;
    let applied = connection.list_applied_migrations("_sqlx_migrations").await.map_err(|error| not_migrated(path, error))?;
    let newest_known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let newest_applied = applied.iter().map(|migration| migration.version).max();
    if newest_applied.is_some_and(|version| version > newest_known) {
        return Err(StoreError::NewerDatabase(place(path)));
    }
    if let Some(version) = newest_applied.filter(|version| existed && *version < newest_known) {
        back_up(connection, path, version).await?;
    }
    MIGRATIONS.run_direct(None, connection, false).await.map_err(|error| not_migrated(path, error))
}

/// Copies the database beside itself, once per version.
async fn back_up(connection: &mut SqliteConnection, path: &Path, version: i64) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".before-{version}"));
    let backup = PathBuf::from(name);
    if backup.exists() {
        return Ok(());
    }
    make_private(&backup)?;
    let quoted = backup.to_string_lossy().replace('\'', "''");
    sqlx::query(AssertSqlSafe(format!("VACUUM INTO '{quoted}'"))).execute(connection).await.map_err(failed)?;
    Ok(())
}

pub(super) fn place(path: &Path) -> String {
    path.display().to_string()
}

fn not_migrated(path: &Path, error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => StoreError::NewerDatabase(place(path)),
        MigrateError::Execute(error) => cannot_open(path, error),
        other => StoreError::Damaged { place: place(path), cause: other.to_string() },
    }
}

pub(super) fn cannot_open(path: &Path, error: sqlx::Error) -> StoreError {
    let place = place(path);
    let cause = error.to_string();
    match code(&error) {
        // SQLITE_CORRUPT and SQLITE_NOTADB.
        Some(11 | 26) => StoreError::Damaged { place, cause },
        // SQLITE_PERM, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN.
        Some(3 | 8 | 10 | 13 | 14) => StoreError::NotWritable { place, cause },
        _ if matches!(error, sqlx::Error::Io(_)) => StoreError::NotWritable { place, cause },
        _ => failed(error),
    }
}
