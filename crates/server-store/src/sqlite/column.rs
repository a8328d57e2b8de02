//! How values are kept in columns.

use protocol::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row as _, sqlite::SqliteRow};
use uuid::Uuid;

pub(super) use crate::value::{from_word, word};
use crate::{Result, StoreError, value::unreadable};

/// Any failure of the database, with doubles told apart.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    if error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation) {
        return StoreError::Duplicate;
    }
    match code(&error) {
        // SQLITE_CORRUPT and SQLITE_NOTADB.
        Some(11 | 26) => StoreError::Spoilt(Box::new(error)),
        // SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN.
        Some(8 | 10 | 13 | 14) => StoreError::Disk(Box::new(error)),
        _ => StoreError::Database(Box::new(error)),
    }
}

/// SQLite's primary result code.
pub(super) fn code(error: &sqlx::Error) -> Option<i64> {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code)?;
    code.parse::<i64>().ok().map(|code| code & 0xff)
}

/// Refuses a change that met no row.
pub(super) fn one_row(result: &sqlx::sqlite::SqliteQueryResult) -> Result<()> {
    if result.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Missing) }
}

/// Microseconds since 1970.
pub(super) fn micros(at: Timestamp) -> i64 {
    i64::try_from(at.inner().unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

/// The instant so many microseconds after 1970.
pub(super) fn timestamp(micros: i64) -> Result<Timestamp> {
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
        .map(Timestamp::from)
        .map_err(|error| StoreError::Unreadable { what: "instant", cause: error.to_string() })
}

/// A value as JSON text.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| unreadable("value", &error))
}

/// A value from JSON text.
pub(super) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| unreadable(what, &error))
}

/// Reads columns by name.
pub(super) trait Columns {
    fn text(&self, column: &'static str) -> Result<String>;
    fn text_or_none(&self, column: &'static str) -> Result<Option<String>>;
    fn integer(&self, column: &'static str) -> Result<i64>;
    fn integer_or_none(&self, column: &'static str) -> Result<Option<i64>>;
    fn real(&self, column: &'static str) -> Result<f64>;
    fn real_or_none(&self, column: &'static str) -> Result<Option<f64>>;
    fn bytes(&self, column: &'static str) -> Result<Vec<u8>>;
    fn bytes_or_none(&self, column: &'static str) -> Result<Option<Vec<u8>>>;
    fn uuid(&self, column: &'static str) -> Result<Uuid>;
    fn uuid_or_none(&self, column: &'static str) -> Result<Option<Uuid>>;
    fn flag(&self, column: &'static str) -> Result<bool>;
    fn at(&self, column: &'static str) -> Result<Timestamp>;
    fn at_or_none(&self, column: &'static str) -> Result<Option<Timestamp>>;
}

impl Columns for SqliteRow {
    fn text(&self, column: &'static str) -> Result<String> {
        self.try_get(column).map_err(failed)
    }
    fn text_or_none(&self, column: &'static str) -> Result<Option<String>> {
        self.try_get(column).map_err(failed)
    }
    fn integer(&self, column: &'static str) -> Result<i64> {
        self.try_get(column).map_err(failed)
    }
    fn integer_or_none(&self, column: &'static str) -> Result<Option<i64>> {
        self.try_get(column).map_err(failed)
    }
    fn real(&self, column: &'static str) -> Result<f64> {
        self.try_get(column).map_err(failed)
    }
    fn real_or_none(&self, column: &'static str) -> Result<Option<f64>> {
        self.try_get(column).map_err(failed)
    }
    fn bytes(&self, column: &'static str) -> Result<Vec<u8>> {
        self.try_get(column).map_err(failed)
    }
    fn bytes_or_none(&self, column: &'static str) -> Result<Option<Vec<u8>>> {
        self.try_get(column).map_err(failed)
    }
    fn uuid(&self, column: &'static str) -> Result<Uuid> {
        self.try_get(column).map_err(failed)
    }
    fn uuid_or_none(&self, column: &'static str) -> Result<Option<Uuid>> {
        self.try_get(column).map_err(failed)
    }
    fn flag(&self, column: &'static str) -> Result<bool> {
        self.try_get(column).map_err(failed)
    }
    fn at(&self, column: &'static str) -> Result<Timestamp> {
        timestamp(self.integer(column)?)
    }
    fn at_or_none(&self, column: &'static str) -> Result<Option<Timestamp>> {
        self.integer_or_none(column)?.map(timestamp).transpose()
    }
}
