//! Opening `catalogue.db`, and its shape.

use std::path::Path;

use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Key, StoreError,
    sql::{
        files,
        outbox::{damage, probe},
    },
};

/// Raised whenever [`SCHEMA`] changes: a file of another shape is deleted, as the server has all of it.
const SHAPE: i64 = 1;
/// Bytes to which the write-ahead log is cut back.
const LOG_BYTES: &str = "4194304";
/// Pages of a reader's memory, in KiB below zero: what a search reads again and again.
const READER_PAGES: &str = "-12288";
/// Connections that only read.
const READERS: u32 = 2;

// Words and what is filtered by stand apart from the products themselves, so that a search reads few pages.
//
// Marks that follow a letter belong to the word in many scripts: without them a word in Devanagari falls into pieces.
const SCHEMA: &str = "
    CREATE TABLE place (
        only     INTEGER PRIMARY KEY CHECK (only = 1),
        revision TEXT,
        -- Grows with each new copy; what an earlier one named and this one does not is gone once it is complete.
        copy     INTEGER NOT NULL,
        complete INTEGER NOT NULL,
        total    INTEGER NOT NULL,
        as_of    INTEGER
    ) STRICT;
    INSERT INTO place (only, copy, complete, total) VALUES (1, 1, 0, 0);
    CREATE TABLE product (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        sku    TEXT NOT NULL UNIQUE,
        image  TEXT NOT NULL,
        body   TEXT NOT NULL
    ) STRICT;
    CREATE TABLE facet (
        number      INTEGER PRIMARY KEY,
        copy        INTEGER NOT NULL,
        as_of       INTEGER NOT NULL,
        here        INTEGER,
        everywhere  INTEGER NOT NULL,
        price_minor INTEGER NOT NULL,
        rating      REAL NOT NULL,
        category    TEXT NOT NULL,
        subcategory TEXT NOT NULL,
        gender      TEXT NOT NULL,
        -- Between bars: |s|m|l|
        sizes       TEXT NOT NULL
    ) STRICT;
    CREATE INDEX facet_by_copy ON facet (copy);
    CREATE VIRTUAL TABLE words USING fts5 (
        sku, name, subcategory, category, color, brand, description, attributes,
        content = '', contentless_delete = 1, prefix = '1 2 3',
        tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'\"
    );
";

fn options(folder: &Path, key: &Key) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(files::catalogue(folder))
        .pragma("key", format!("\"{}\"", key.raw().as_str()))
        // A damaged file is reported by us, once; the library would print it too.
        .pragma("cipher_log_level", "NONE")
        .pragma("temp_store", "MEMORY")
        // What a customer searches for belongs into no log.
        .disable_statement_logging()
}

/// Opens the file, making it where it is missing.
///
/// # Errors
/// As damaged counts also what was written with another key, and a file of another shape.
pub(super) async fn open(folder: &Path, key: &Key) -> Result<SqliteConnection, StoreError> {
    let options = options(folder, key)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .pragma("journal_size_limit", LOG_BYTES);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let shaped = shape(&mut connection).await;
    if let Err(error) = shaped {
        // The file may be deleted next, so nothing must hold it any more.
        let _ = connection.close().await;
        return Err(error);
    }
    Ok(connection)
}

async fn shape(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master").fetch_one(&mut *connection).await?;
    let shape: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    match (tables, shape) {
        (0, 0) => {
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::raw_sql(SCHEMA).execute(&mut *tx).await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {SHAPE}"))).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(())
        }
        (_, SHAPE) => Ok(()),
        _ => Err(damage()),
    }
}

/// Whether the whole file can be read.
pub(super) async fn is_sound(folder: &Path, key: &Key) -> bool {
    let Ok(mut fresh) = SqliteConnection::connect_with(&options(folder, key).read_only(true)).await else { return false };
    let sound = probe(&mut fresh).await.is_ok();
    let _ = fresh.close().await;
    sound
}

pub(super) fn readers(folder: &Path, key: &Key) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        // A kiosk that nobody uses does nothing, not even tidying up connections.
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options(folder, key).read_only(true).pragma("cache_size", READER_PAGES))
}
