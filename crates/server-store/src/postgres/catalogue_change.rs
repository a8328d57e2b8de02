use async_trait::async_trait;
use protocol::{Timestamp, ids::Sku};
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    catalogue::product,
    column::{Columns as _, clean, failed, instant},
};
use crate::{
    Result,
    records::{CatalogueChange, CatalogueChangeRead, CatalogueChangeWrite, CataloguePlace, ChangedProduct, CountedStock},
};

fn change(row: &PgRow) -> Result<CatalogueChange> {
    let counted =
        || -> Result<CountedStock> { Ok(CountedStock { here: row.integer_or_none("here")?, everywhere: row.integer("stock")? }) };
    Ok(CatalogueChange {
        number: row.integer("change_number")?,
        sku: Sku(row.text("changed_sku")?),
        now: match (row.flag("is_there")?, row.flag("is_changed")?) {
            (false, _) => ChangedProduct::Gone,
            (true, false) => ChangedProduct::Counted(counted()?),
            (true, true) => ChangedProduct::Changed(Box::new(product(row)?), counted()?),
        },
    })
}

#[async_trait]
impl CatalogueChangeRead for PostgresTx {
    async fn catalogue_place(&mut self) -> Result<CataloguePlace> {
        let row = sqlx::query(
            "SELECT epoch, forgotten, greatest(forgotten, (SELECT max(number) FROM catalogue_changes)) AS newest, \
             (SELECT count(*) FROM products) AS products FROM catalogue_place",
        )
        .fetch_one(self.connection())
        .await
        .map_err(failed)?;
        Ok(CataloguePlace {
            epoch: row.text("epoch")?,
            newest: row.integer("newest")?,
            forgotten: row.integer("forgotten")?,
            products: row.integer("products")?.unsigned_abs(),
        })
    }

    async fn catalogue_changes(&mut self, after: i64, whole: i64, location: &str, limit: u32) -> Result<Vec<CatalogueChange>> {
        let rows = sqlx::query(
            "SELECT change.number AS change_number, change.sku AS changed_sku, products.sku IS NOT NULL AS is_there, \
             change.product_number > $4 AS is_changed, products.sku, name, description, price_minor, rating, listed_stock, \
             category, subcategory, brand, gender, color, image_url, attributes, \
             coalesce(counted.everywhere, listed_stock)::bigint AS stock, \
             CASE WHEN counted.everywhere IS NOT NULL THEN coalesce(counted.here, 0) END::bigint AS here \
             FROM (SELECT * FROM catalogue_changes WHERE number > $1 ORDER BY number LIMIT $3) AS change \
             LEFT JOIN products ON products.sku = change.sku \
             LEFT JOIN LATERAL (SELECT sum(greatest(0, quantity - held)) AS everywhere, \
             sum(greatest(0, quantity - held)) FILTER (WHERE location = $2) AS here \
             FROM inventory WHERE inventory.sku = change.sku) AS counted ON true ORDER BY change.number",
        )
        .bind(after)
        .bind(clean(location))
        .bind(i64::from(limit))
        .bind(whole)
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(change).collect()
    }
}

#[async_trait]
impl CatalogueChangeWrite for PostgresTx {
    async fn forget_gone_products(&mut self, now: Timestamp, before: Timestamp) -> Result<u64> {
        sqlx::query("UPDATE catalogue_changes SET gone_at = $1 WHERE gone AND gone_at IS NULL")
            .bind(instant(now))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        let newest: Option<i64> = sqlx::query_scalar("SELECT max(number) FROM catalogue_changes WHERE gone AND gone_at < $1")
            .bind(instant(before))
            .fetch_one(self.connection())
            .await
            .map_err(failed)?;
        let Some(newest) = newest else { return Ok(0) };
        sqlx::query("UPDATE catalogue_place SET forgotten = greatest(forgotten, $1)")
            .bind(newest)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        let result = sqlx::query("DELETE FROM catalogue_changes WHERE gone AND gone_at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
