use std::path::Path;

use protocol::shop::Shop;
use server_store::StoreError;

use super::FileReport;
use crate::state::AppState;

const FILE: &str = "shop.json";

/// Reads the shop's name, country, currency, languages and colours.
pub(super) async fn import(state: &AppState, dir: &Path) -> Result<Option<FileReport>, StoreError> {
    let path = dir.join(FILE);
    if !path.exists() {
        return Ok(None);
    }
    let shop = match std::fs::read(&path).map_err(|error| error.to_string()).and_then(|bytes| read(&bytes)) {
        Ok(shop) => shop,
        Err(problem) => return Ok(Some(FileReport::unreadable(FILE, problem))),
    };
    let mut tx = state.write().await?;
    tx.put_shop(&shop).await?;
    tx.commit().await?;
    Ok(Some(FileReport { taken: 1, ..FileReport::new(FILE) }))
}

fn read(bytes: &[u8]) -> Result<Shop, String> {
    let mut shop: Shop = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    shop.country.make_ascii_uppercase();
    shop.currency.make_ascii_uppercase();
    let letters = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if shop.name.trim().is_empty() {
        return Err("name is empty".into());
    }
    if !letters(&shop.country, 2) {
        return Err("country must be two letters such as IN".into());
    }
    if !letters(&shop.currency, 3) {
        return Err("currency must be three letters such as INR".into());
    }
    if shop.languages.is_empty() {
        return Err("languages must name at least one".into());
    }
    Ok(shop)
}
