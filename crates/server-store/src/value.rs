//! How values of ours become words and JSON, alike in every database.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Result, StoreError};

/// A plain enum's name on the wire.
pub fn word<T: Serialize>(value: T) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => Ok(word),
        Ok(_) => Err(StoreError::Unreadable { what: "word", cause: "it has members".into() }),
        Err(error) => Err(StoreError::Unreadable { what: "word", cause: error.to_string() }),
    }
}

/// A plain enum from its name on the wire.
pub fn from_word<T: DeserializeOwned>(what: &'static str, word: String) -> Result<T> {
    serde_json::from_value(Value::String(word)).map_err(|error| StoreError::Unreadable { what, cause: error.to_string() })
}

/// Why JSON is not what it should be. The parser's own words would repeat the stored value, which can be personal.
pub fn unreadable(what: &'static str, error: &serde_json::Error) -> StoreError {
    StoreError::Unreadable { what, cause: format!("{:?} at column {}", error.classify(), error.column()) }
}
