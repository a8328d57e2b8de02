//! What must hold for the shop as a whole.

mod catalogue;
mod committed;
mod people;
mod pictures;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::Product;

fn file(path: &str) -> Vec<u8> {
    let found = crate::files().into_iter().find(|(name, _)| name == path);
    found.unwrap_or_else(|| panic!("{path} is one of the files")).1
}

fn rows(path: &str) -> Vec<BTreeMap<String, String>> {
    let content = file(path);
    csv::Reader::from_reader(content.as_slice()).deserialize().map(|row| row.expect("a row")).collect()
}

fn json(path: &str) -> Value {
    serde_json::from_slice(&file(path)).expect("JSON")
}

fn product(sku: &str) -> Product {
    let number = sku.strip_prefix("SKU-").and_then(|number| number.parse().ok()).expect("a number in the SKU");
    crate::catalogue::product(number).unwrap_or_else(|| panic!("{sku} is in the catalogue"))
}
