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
    put(connection, &page.products, copy, as_of).await?;
    remove(connection, &page.removed).await?;
    count(connection, &page.stock, as_of).await?;
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

// A whole page goes to the database at once, here and below: the way to its thread and back takes longer than a product.
async fn put(connection: &mut SqliteConnection, products: &[Product], copy: i64, as_of: i64) -> Result<(), StoreError> {
    let bodies: Vec<_> = products
        .iter()
        .map(|one| Ok((&one.sku, &one.image_url, serde_json::to_string(one)?)))
        .collect::<Result<_, StoreError>>()?;
    sqlx::query(
        "INSERT INTO product (sku, image, body) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
         ON CONFLICT (sku) DO UPDATE SET image = excluded.image, body = excluded.body",
    )
    .bind(serde_json::to_string(&bodies)?)
    .execute(&mut *connection)
    .await?;

    let folded = |text: &Option<String>| text.as_deref().map(fold).unwrap_or_default();
    let facets: Vec<_> = products
        .iter()
        .map(|one| {
            let sizes: Vec<String> = one.sizes().iter().map(|size| fold(size)).collect();
            let kind = (fold(&one.category), folded(&one.subcategory), folded(&one.gender));
            (&one.sku, one.stock, one.price_minor, one.rating.unwrap_or_default(), kind, format!("|{}|", sizes.join("|")))
        })
        .collect();
    // Counts of the page follow; until then those known stay.
    sqlx::query(
        "INSERT INTO facet (number, copy, as_of, everywhere, price_minor, rating, category, subcategory, gender, sizes)
         SELECT number, ?, ?, value ->> 1, value ->> 2, value ->> 3, value ->> '$[4][0]', value ->> '$[4][1]', value ->> '$[4][2]',
         value ->> 5 FROM json_each(?) CROSS JOIN product ON sku = value ->> 0 WHERE true
         ON CONFLICT (number) DO UPDATE SET copy = excluded.copy, as_of = excluded.as_of, everywhere = excluded.everywhere,
         price_minor = excluded.price_minor, rating = excluded.rating, category = excluded.category,
         subcategory = excluded.subcategory, gender = excluded.gender, sizes = excluded.sizes",
    )
    .bind(copy)
    .bind(as_of)
    .bind(serde_json::to_string(&facets)?)
    .execute(&mut *connection)
    .await?;

    let words: Vec<_> = products
        .iter()
        .map(|one| {
            let attributes: Vec<&str> = one.attributes.values().map(String::as_str).collect();
            let kind = (&one.subcategory, &one.category, &one.color, &one.brand);
            (&one.sku, &one.name, kind, &one.description, attributes.join(" "))
        })
        .collect();
    sqlx::query(
        "INSERT OR REPLACE INTO words (rowid, sku, name, subcategory, category, color, brand, description, attributes)
         SELECT number, sku, value ->> 1, value ->> '$[2][0]', value ->> '$[2][1]', value ->> '$[2][2]', value ->> '$[2][3]',
         value ->> 3, value ->> 4 FROM json_each(?) CROSS JOIN product ON sku = value ->> 0",
    )
    .bind(serde_json::to_string(&words)?)
    .execute(connection)
    .await?;
    Ok(())
}

async fn count(connection: &mut SqliteConnection, stock: &[ProductStock], as_of: i64) -> Result<(), StoreError> {
    let counts: Vec<_> = stock.iter().map(|one| (&one.sku, one.in_this_store, one.everywhere)).collect();
    sqlx::query(
        "UPDATE facet SET here = value ->> 1, everywhere = value ->> 2, as_of = ? FROM json_each(?) JOIN product ON sku = value ->> 0
         WHERE facet.number = product.number",
    )
    .bind(as_of)
    .bind(serde_json::to_string(&counts)?)
    .execute(connection)
    .await?;
    Ok(())
}

async fn remove(connection: &mut SqliteConnection, skus: &[Sku]) -> Result<(), StoreError> {
    let numbers: Vec<i64> =
        sqlx::query_scalar("DELETE FROM product WHERE sku IN (SELECT value FROM json_each(?)) RETURNING number")
            .bind(serde_json::to_string(skus)?)
            .fetch_all(&mut *connection)
            .await?;
    let numbers = serde_json::to_string(&numbers)?;
    for statement in [
        "DELETE FROM facet WHERE number IN (SELECT value FROM json_each(?))",
        "DELETE FROM words WHERE rowid IN (SELECT value FROM json_each(?))",
    ] {
        sqlx::query(statement).bind(&numbers).execute(&mut *connection).await?;
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
