//! How values are kept in columns.

use std::borrow::Cow;

use protocol::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sqlx::{Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

pub(super) use crate::value::{from_word, word};
use crate::{Result, StoreError, value::unreadable};

/// Any failure of the database, with those told apart that a caller decides on.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(cause) if cause.is_unique_violation() => StoreError::Duplicate,
        sqlx::Error::Database(cause) => match cause.code().as_deref().unwrap_or_default() {
            // Somebody else held what we waited for, or was chosen to go first: lock_not_available, query_canceled by a time
            // limit, serialization_failure and deadlock_detected.
            "55P03" | "57014" | "40001" | "40P01" => StoreError::Busy(Box::new(error)),
            // Connection exceptions, too_many_connections, the server stops or starts, idle_in_transaction_session_timeout, and
            // read_only_sql_transaction, which is what a server that was replaced by its standby says.
            "53300" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25006" => StoreError::Unreachable(Box::new(error)),
            code if code.starts_with("08") => StoreError::Unreachable(Box::new(error)),
            // disk_full, and io_error.
            "53100" | "58030" => StoreError::Disk(Box::new(error)),
            // data_corrupted and index_corrupted.
            "XX001" | "XX002" => StoreError::Spoilt(Box::new(error)),
            _ => StoreError::Database(Box::new(error)),
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => StoreError::Unreachable(Box::new(error)),
        _ => StoreError::Database(Box::new(error)),
    }
}

/// Refuses a change that met no row.
pub(super) fn one_row(result: &sqlx::postgres::PgQueryResult) -> Result<()> {
    if result.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Missing) }
}

/// An instant as the database keeps it, in whole microseconds.
pub(super) fn instant(at: Timestamp) -> OffsetDateTime {
    let at = at.inner();
    at.replace_nanosecond(at.nanosecond() / 1_000 * 1_000).unwrap_or(at)
}

/// A text as the database can keep it: it knows every character but NUL.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// [`clean`], where there is a text.
pub(super) fn clean_or_none(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(clean)
}

/// A value as JSON.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    let mut value = serde_json::to_value(value).map_err(|error| unreadable("value", &error))?;
    clean_json(&mut value);
    Ok(value)
}

fn clean_json(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(cleaned) = clean(text) {
                *text = cleaned;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(clean_json),
        Value::Object(members) => {
            if members.keys().any(|name| name.contains('\0')) {
                *members = std::mem::take(members).into_iter().map(|(name, value)| (clean(&name).into_owned(), value)).collect();
            }
            members.values_mut().for_each(clean_json);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Reads columns by name.
pub(super) trait Columns {
    fn text(&self, column: &'static str) -> Result<String>;
    fn text_or_none(&self, column: &'static str) -> Result<Option<String>>;
    fn integer(&self, column: &'static str) -> Result<i64>;
    fn integer_or_none(&self, column: &'static str) -> Result<Option<i64>>;
    fn small(&self, column: &'static str) -> Result<i32>;
    fn small_or_none(&self, column: &'static str) -> Result<Option<i32>>;
    fn real(&self, column: &'static str) -> Result<f64>;
    fn real_or_none(&self, column: &'static str) -> Result<Option<f64>>;
    fn bytes(&self, column: &'static str) -> Result<Vec<u8>>;
    fn bytes_or_none(&self, column: &'static str) -> Result<Option<Vec<u8>>>;
    fn uuid(&self, column: &'static str) -> Result<Uuid>;
    fn uuid_or_none(&self, column: &'static str) -> Result<Option<Uuid>>;
    fn flag(&self, column: &'static str) -> Result<bool>;
    fn at(&self, column: &'static str) -> Result<Timestamp>;
    fn at_or_none(&self, column: &'static str) -> Result<Option<Timestamp>>;
    fn json<T: DeserializeOwned>(&self, what: &'static str, column: &'static str) -> Result<T>;
    fn json_or_none<T: DeserializeOwned>(&self, what: &'static str, column: &'static str) -> Result<Option<T>>;
}

impl Columns for PgRow {
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
    fn small(&self, column: &'static str) -> Result<i32> {
        self.try_get(column).map_err(failed)
    }
    fn small_or_none(&self, column: &'static str) -> Result<Option<i32>> {
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
        self.try_get::<OffsetDateTime, _>(column).map(Timestamp::from).map_err(failed)
    }
    fn at_or_none(&self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.try_get::<Option<OffsetDateTime>, _>(column).map_err(failed)?.map(Timestamp::from))
    }
    fn json<T: DeserializeOwned>(&self, what: &'static str, column: &'static str) -> Result<T> {
        let value: Value = self.try_get(column).map_err(failed)?;
        serde_json::from_value(value).map_err(|error| unreadable(what, &error))
    }
    fn json_or_none<T: DeserializeOwned>(&self, what: &'static str, column: &'static str) -> Result<Option<T>> {
        let value: Option<Value> = self.try_get(column).map_err(failed)?;
        value.map(|value| serde_json::from_value(value).map_err(|error| unreadable(what, &error))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json as value;

    use super::*;

    #[test]
    fn a_character_that_no_column_takes_is_replaced_wherever_it_stands() {
        let cleaned = json(&value!({"a\0": ["x\0y", {"b": "\\u0000"}], "n": 1.5})).unwrap();
        assert_eq!(cleaned, value!({"a\u{fffd}": ["x\u{fffd}y", {"b": "\\u0000"}], "n": 1.5}));
        assert_eq!(clean("plain"), "plain");
    }
}
