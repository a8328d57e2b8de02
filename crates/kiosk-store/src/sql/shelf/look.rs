//! What is there.

use std::collections::HashMap;

use protocol::{Timestamp, catalogue::Product, ids::Sku};
use sqlx::{Row as _, SqlitePool, sqlite::SqliteRow};

use crate::{ShelfProduct, ShelfState, StoreError};

/// Every column of a product. What a complete copy or difference did not name was still so at its end.
const PRODUCT: &str = "SELECT product.body, facet.here, facet.everywhere,
     max(facet.as_of, coalesce((SELECT as_of FROM place), 0)) AS as_of
     FROM product JOIN facet ON facet.number = product.number";

pub(super) async fn state(readers: &SqlitePool) -> Result<ShelfState, StoreError> {
    let row = sqlx::query(
        "SELECT revision, complete, total, as_of, (SELECT count(*) FROM facet) AS products,
         (SELECT count(*) FROM facet WHERE facet.copy = place.copy) AS copied FROM place",
    )
    .fetch_one(readers)
    .await?;
    let count = |name: &str| row.try_get::<i64, _>(name).map(i64::unsigned_abs);
    Ok(ShelfState {
        revision: row.try_get("revision")?,
        complete: row.try_get("complete")?,
        products: count("products")?,
        copied: count("copied")?,
        total: count("total")?,
        as_of: row.try_get::<Option<i64>, _>("as_of")?.map(Timestamp::from_unix_millis),
    })
}

pub(super) async fn is_complete(readers: &SqlitePool) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar("SELECT complete FROM place").fetch_one(readers).await?)
}

pub(super) async fn products(readers: &SqlitePool, skus: &[Sku]) -> Result<Vec<ShelfProduct>, StoreError> {
    let wanted = serde_json::to_string(skus)?;
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{PRODUCT} WHERE product.sku IN (SELECT value FROM json_each(?))")))
        .bind(wanted)
        .fetch_all(readers)
        .await?;
    let mut found = HashMap::new();
    for row in &rows {
        let product = read(row)?;
        found.insert(product.product.sku.clone(), product);
    }
    Ok(skus.iter().filter_map(|sku| found.get(sku).cloned()).collect())
}

/// The products with these numbers, in this order.
pub(super) async fn numbered(readers: &SqlitePool, numbers: &[i64]) -> Result<Vec<ShelfProduct>, StoreError> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "{PRODUCT} JOIN json_each(?) AS wanted ON wanted.value = product.number ORDER BY wanted.key"
    )))
    .bind(serde_json::to_string(numbers)?)
    .fetch_all(readers)
    .await?;
    rows.iter().map(read).collect()
}

pub(super) async fn pictures(readers: &SqlitePool, after: i64, limit: u32) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(sqlx::query_as("SELECT number, image FROM product WHERE number > ? AND image <> '' ORDER BY number LIMIT ?")
        .bind(after)
        .bind(limit)
        .fetch_all(readers)
        .await?)
}

fn read(row: &SqliteRow) -> Result<ShelfProduct, StoreError> {
    let product: Product = serde_json::from_str(row.try_get("body")?)?;
    Ok(ShelfProduct {
        product: Product { stock: row.try_get("everywhere")?, ..product },
        in_this_store: row.try_get("here")?,
        as_of: Timestamp::from_unix_millis(row.try_get("as_of")?),
    })
}
