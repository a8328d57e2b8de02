//! Taking pages of the server in.

use protocol::{
    Timestamp,
    catalogue::{CataloguePage, Product, ProductStock},
    ids::Sku,
};
use sqlx::{Row as _, SqliteConnection};

use super::search::fold;
use crate::StoreError;

pub(super) async fn take(
    connection: &mut SqliteConnection,
    after: Option<&str>,
    page: &CataloguePage,
) -> Result<bool, StoreError> {
    let place = sqlx::query("SELECT revision, copy, complete FROM place").fetch_one(&mut *connection).await?;
    if place.try_get::<Option<&str>, _>("revision")? != after {
        return Ok(false);
    }
    let (copy, was_complete): (i64, bool) = (place.try_get("copy")?, place.try_get("complete")?);
    let as_of = page.as_of.unix_millis();
    for product in &page.products {
        put(connection, product, copy, as_of).await?;
    }
    for sku in &page.removed {
        remove(connection, sku).await?;
    }
    for stock in &page.stock {
        count(connection, stock, as_of).await?;
    }
    let completes = page.complete && !was_complete;
    if completes {
        remove_before(connection, copy).await?;
        // What came in hundreds of pieces is one from now on, which each search is quicker by.
        sqlx::query("INSERT INTO words (words) VALUES ('optimize')").execute(&mut *connection).await?;
    }
    sqlx::query("UPDATE place SET revision = ?, complete = ?, total = ?, as_of = iif(?, ?, as_of)")
        .bind(&page.revision)
        .bind(page.complete || was_complete)
        .bind(i64::try_from(page.total).unwrap_or(i64::MAX))
        .bind(page.complete)
        .bind(as_of)
        .execute(connection)
        .await?;
    Ok(true)
}

async fn put(connection: &mut SqliteConnection, product: &Product, copy: i64, as_of: i64) -> Result<(), StoreError> {
    let number: i64 = sqlx::query_scalar(
        "INSERT INTO product (sku, image, body) VALUES (?, ?, ?)
         ON CONFLICT (sku) DO UPDATE SET image = excluded.image, body = excluded.body RETURNING number",
    )
    .bind(&product.sku.0)
    .bind(&product.image_url)
    .bind(serde_json::to_string(product)?)
    .fetch_one(&mut *connection)
    .await?;
    let folded = |text: &Option<String>| text.as_deref().map(fold).unwrap_or_default();
    let sizes: Vec<String> = product.sizes().iter().map(|size| fold(size)).collect();
    // Counts of the page follow; until then those known stay.
    sqlx::query(
        "INSERT INTO facet (number, copy, as_of, everywhere, price_minor, rating, category, subcategory, gender, sizes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (number) DO UPDATE SET copy = excluded.copy, as_of = excluded.as_of, everywhere = excluded.everywhere,
         price_minor = excluded.price_minor, rating = excluded.rating, category = excluded.category,
         subcategory = excluded.subcategory, gender = excluded.gender, sizes = excluded.sizes",
    )
    .bind(number)
    .bind(copy)
    .bind(as_of)
    .bind(product.stock)
    .bind(product.price_minor)
    .bind(product.rating.unwrap_or_default())
    .bind(fold(&product.category))
    .bind(folded(&product.subcategory))
    .bind(folded(&product.gender))
    .bind(format!("|{}|", sizes.join("|")))
    .execute(&mut *connection)
    .await?;
    let attributes: Vec<&str> = product.attributes.values().map(String::as_str).collect();
    sqlx::query(
        "INSERT OR REPLACE INTO words (rowid, sku, name, subcategory, category, color, brand, description, attributes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(number)
    .bind(&product.sku.0)
    .bind(&product.name)
    .bind(product.subcategory.as_deref().unwrap_or_default())
    .bind(&product.category)
    .bind(product.color.as_deref().unwrap_or_default())
    .bind(product.brand.as_deref().unwrap_or_default())
    .bind(&product.description)
    .bind(attributes.join(" "))
    .execute(connection)
    .await?;
    Ok(())
}

async fn count(connection: &mut SqliteConnection, stock: &ProductStock, as_of: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE facet SET here = ?, everywhere = ?, as_of = ? WHERE number = (SELECT number FROM product WHERE sku = ?)")
        .bind(stock.in_this_store)
        .bind(stock.everywhere)
        .bind(as_of)
        .bind(&stock.sku.0)
        .execute(connection)
        .await?;
    Ok(())
}

async fn remove(connection: &mut SqliteConnection, sku: &Sku) -> Result<(), StoreError> {
    let number: Option<i64> = sqlx::query_scalar("DELETE FROM product WHERE sku = ? RETURNING number")
        .bind(&sku.0)
        .fetch_optional(&mut *connection)
        .await?;
    for statement in ["DELETE FROM facet WHERE number = ?", "DELETE FROM words WHERE rowid = ?"] {
        sqlx::query(statement).bind(number).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Removes what only an earlier copy has named.
async fn remove_before(connection: &mut SqliteConnection, copy: i64) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM product WHERE number IN (SELECT number FROM facet WHERE copy < ?)",
        "DELETE FROM words WHERE rowid IN (SELECT number FROM facet WHERE copy < ?)",
        "DELETE FROM facet WHERE copy < ?",
    ] {
        sqlx::query(statement).bind(copy).execute(&mut *connection).await?;
    }
    Ok(())
}

pub(super) async fn start_over(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("UPDATE place SET revision = NULL, copy = copy + 1, complete = 0").execute(connection).await?;
    Ok(())
}

pub(super) async fn still_true(connection: &mut SqliteConnection, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query("UPDATE place SET as_of = ?1 WHERE complete AND as_of < ?1").bind(at.unix_millis()).execute(connection).await?;
    Ok(())
}
