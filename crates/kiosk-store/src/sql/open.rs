//! Opening the files, and what may be wrong with them.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
};

use protocol::{Clock, Entropy, Timestamp};
use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::Mutex;

use super::{Connected, SqlStore, Writer, files, outbox, salvage};
use crate::{Key, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Pages of the write-ahead log after which they move into the file: about 1 MiB.
const LOG_PAGES: &str = "256";
/// Bytes to which the write-ahead log is cut back.
const LOG_BYTES: &str = "1048576";
/// Connections that only read.
const READERS: u32 = 2;

/// An open store.
pub struct Opened {
    /// The store.
    pub store: SqlStore,
    /// Where a damaged outbox, or one written with another key, was moved just now.
    pub set_aside: Option<PathBuf>,
}

impl SqlStore {
    /// Opens the files in `folder`, making what is missing. The cache is always new. An outbox that cannot be read is set aside, and
    /// what can be read of it goes into the new one.
    ///
    /// # Errors
    /// The folder cannot be written, a newer program wrote the outbox, or SQLite failed.
    pub async fn open(
        folder: &Path,
        outbox_key: &Key,
        entropy: &dyn Entropy,
        clock: Arc<dyn Clock>,
    ) -> Result<Opened, StoreError> {
        files::prepare(folder)?;
        files::delete_cache(folder)?;
        let cache_key = Key::random(entropy);
        let (connection, set_aside) = match open_outbox(folder, outbox_key).await {
            Ok(connection) => (connection, None),
            Err(error) if error.is_damage() => {
                let (connection, aside) = replace_outbox(folder, outbox_key, clock.now()).await?;
                (connection, Some(aside))
            }
            Err(error) => return Err(error),
        };
        let mut writer = Writer { connection: Connected::Open(connection), cached: false };
        writer.attach(folder, &cache_key).await?;
        let readers = RwLock::new(readers(folder, outbox_key));
        let store = Self {
            folder: folder.to_owned(),
            writer: Mutex::new(writer),
            readers,
            outbox_key: outbox_key.clone(),
            cache_key,
            clock,
            unreadable: std::sync::Mutex::default(),
        };
        Ok(Opened { store, set_aside })
    }
}

/// Moves an outbox that cannot be read out of the way and makes a new one, with what could be read of the old. Nobody may hold it open.
pub(super) async fn replace_outbox(folder: &Path, key: &Key, now: Timestamp) -> Result<(SqliteConnection, PathBuf), StoreError> {
    let saved = salvage::salvage(&options(folder, key).read_only(true)).await;
    let aside = files::set_outbox_aside(folder, now)?;
    tracing::error!(
        file = %aside.display(),
        saved = saved.len(),
        "the outbox cannot be read (damaged, or its key was lost) and was set aside; what could be read of it goes on"
    );
    let mut connection = open_outbox(folder, key).await?;
    salvage::restore(&mut connection, &saved).await?;
    Ok((connection, aside))
}

/// Whether the whole outbox can be read from the disk. What the other connections remember of it does not count.
pub(super) async fn is_sound(folder: &Path, key: &Key) -> bool {
    let Ok(mut fresh) = SqliteConnection::connect_with(&options(folder, key).read_only(true)).await else { return false };
    let sound = outbox::probe(&mut fresh).await.is_ok();
    let _ = fresh.close().await;
    sound
}

fn options(folder: &Path, key: &Key) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(files::outbox(folder))
        .pragma("key", format!("\"{}\"", key.raw().as_str()))
        // A damaged file is reported by us, once; the library would print it too.
        .pragma("cipher_log_level", "NONE")
        .pragma("temp_store", "MEMORY")
        .pragma("secure_delete", "ON")
        // Statements in a log would carry what customers wrote.
        .disable_statement_logging()
}

pub(super) async fn open_outbox(folder: &Path, key: &Key) -> Result<SqliteConnection, StoreError> {
    let options = options(folder, key)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What a customer was told is kept survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", LOG_PAGES)
        .pragma("journal_size_limit", LOG_BYTES);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let checked = check_and_migrate(&mut connection, folder).await;
    if let Err(error) = checked {
        // The file may be moved next, so nothing must hold it any more.
        let _ = connection.close().await;
        return Err(error);
    }
    Ok(connection)
}

async fn check_and_migrate(connection: &mut SqliteConnection, folder: &Path) -> Result<(), StoreError> {
    outbox::probe(connection).await?;
    MIGRATIONS.run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(_) => StoreError::NewerDatabase { file: files::outbox(folder) },
        MigrateError::Execute(error) => StoreError::Database(error),
        other => StoreError::Database(sqlx::Error::Migrate(Box::new(other))),
    })
}

pub(super) fn readers(folder: &Path, key: &Key) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        // A kiosk that nobody uses does nothing, not even tidying up connections.
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options(folder, key).read_only(true))
}
