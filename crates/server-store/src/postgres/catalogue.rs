use async_trait::async_trait;
use protocol::{
    ids::{Sku, StoreId},
    shop::{Shop, Store as ShopStore},
};
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder, postgres::PgRow};

use super::{
    PostgresTx,
    column::{Columns as _, clean, clean_or_none, failed, json},
    words,
};
use crate::{
    Result,
    records::{CatalogueRead, CatalogueWrite, InventoryRecord, ProductFilter, ProductRecord, ProductSearch},
};

/// Every column of a product, its stock counted.
const PRODUCT: &str = "SELECT products.sku, name, description, price_minor, rating, listed_stock, category, subcategory, brand, gender, \
                       color, image_url, attributes, coalesce(counted.pieces, listed_stock)::bigint AS stock FROM products \
                       LEFT JOIN LATERAL (SELECT sum(greatest(0, quantity - held)) AS pieces FROM inventory WHERE inventory.sku = products.sku) AS counted ON true";

pub(super) fn product(row: &PgRow) -> Result<ProductRecord> {
    Ok(ProductRecord {
        sku: Sku(row.text("sku")?),
        name: row.text("name")?,
        description: row.text("description")?,
        price_minor: row.integer("price_minor")?,
        rating: row.real_or_none("rating")?,
        listed_stock: row.integer("listed_stock")?,
        stock: row.integer("stock")?,
        category: row.text("category")?,
        subcategory: row.text_or_none("subcategory")?,
        brand: row.text_or_none("brand")?,
        gender: row.text_or_none("gender")?,
        color: row.text_or_none("color")?,
        image_url: row.text("image_url")?,
        attributes: row.json("product", "attributes")?,
    })
}

fn store(row: &PgRow) -> Result<ShopStore> {
    Ok(ShopStore {
        store_id: StoreId(row.text("store_id")?),
        name: row.text("name")?,
        city: row.text("city")?,
        address: row.text("address")?,
        opening_hours: row.text("opening_hours")?,
    })
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &ProductFilter) {
    query.push(" WHERE true");
    let texts = [
        (" AND lower(category) = lower(", &filter.category),
        (" AND lower(subcategory) = lower(", &filter.subcategory),
        (" AND lower(gender) = lower(", &filter.gender),
        (" AND lower(brand) = lower(", &filter.brand),
    ];
    for (condition, value) in texts {
        if let Some(value) = value {
            query.push(condition).push_bind(clean(value).into_owned()).push(")");
        }
    }
    if let Some(least) = filter.min_price_minor {
        query.push(" AND price_minor >= ").push_bind(least);
    }
    if let Some(most) = filter.max_price_minor {
        query.push(" AND price_minor <= ").push_bind(most);
    }
    if let Some(least) = filter.min_rating {
        query.push(" AND rating >= ").push_bind(least);
    }
}

#[async_trait]
impl CatalogueRead for PostgresTx {
    async fn shop(&mut self) -> Result<Option<Shop>> {
        let row = sqlx::query("SELECT body FROM shops").fetch_optional(self.connection()).await.map_err(failed)?;
        row.map(|row| row.json("shop", "body")).transpose()
    }

    async fn stores(&mut self) -> Result<Vec<ShopStore>> {
        let rows = sqlx::query("SELECT * FROM stores ORDER BY store_id").fetch_all(self.connection()).await.map_err(failed)?;
        rows.iter().map(store).collect()
    }

    async fn store(&mut self, id: &StoreId) -> Result<Option<ShopStore>> {
        let row = sqlx::query("SELECT * FROM stores WHERE store_id = $1")
            .bind(clean(&id.0))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(store).transpose()
    }

    async fn product(&mut self, sku: &Sku) -> Result<Option<ProductRecord>> {
        Ok(self.products(std::slice::from_ref(sku)).await?.pop())
    }

    async fn products(&mut self, skus: &[Sku]) -> Result<Vec<ProductRecord>> {
        if skus.is_empty() {
            return Ok(Vec::new());
        }
        let wanted: Vec<_> = skus.iter().map(|sku| clean(&sku.0)).collect();
        let rows = sqlx::query(AssertSqlSafe(format!("{PRODUCT} WHERE products.sku = ANY ($1)")))
            .bind(wanted)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        let found = rows.iter().map(product).collect::<Result<Vec<_>>>()?;
        Ok(skus.iter().filter_map(|sku| found.iter().find(|product| product.sku == *sku).cloned()).collect())
    }

    async fn list_products(&mut self, filter: &ProductFilter, limit: u32, offset: u32) -> Result<(u64, Vec<ProductRecord>)> {
        let mut count = QueryBuilder::<Postgres>::new("SELECT count(*) FROM products");
        push_filter(&mut count, filter);
        let total: i64 = count.build_query_scalar().fetch_one(self.connection()).await.map_err(failed)?;
        let mut query = QueryBuilder::<Postgres>::new(PRODUCT);
        push_filter(&mut query, filter);
        query.push(" ORDER BY products.sku LIMIT ").push_bind(i64::from(limit)).push(" OFFSET ").push_bind(i64::from(offset));
        let rows = query.build().fetch_all(self.connection()).await.map_err(failed)?;
        Ok((u64::try_from(total).unwrap_or_default(), rows.iter().map(product).collect::<Result<_>>()?))
    }

    async fn search_products(&mut self, search: &ProductSearch) -> Result<Vec<ProductRecord>> {
        let mut query = QueryBuilder::<Postgres>::new(PRODUCT);
        let wanted = words::query(search);
        if let Some(wanted) = &wanted {
            query.push(" WHERE words @@ ").push_bind(wanted.clone()).push("::tsquery");
        } else {
            query.push(" WHERE true");
        }
        if !search.genders.is_empty() {
            query.push(" AND lower(products.gender) IN (");
            let mut list = query.separated(", ");
            for gender in &search.genders {
                list.push_bind(clean(&gender.to_lowercase()).into_owned());
            }
            query.push(")");
        }
        if let Some(least) = search.min_price_minor {
            query.push(" AND products.price_minor >= ").push_bind(least);
        }
        if let Some(most) = search.max_price_minor {
            query.push(" AND products.price_minor <= ").push_bind(most);
        }
        query.push(" ORDER BY coalesce(counted.pieces, listed_stock) > 0 DESC, ");
        if let Some(wanted) = wanted {
            // Weights of D, C, B and A; longer texts count a little less.
            query.push("ts_rank('{0.1, 0.7, 0.6, 1.0}', words, ").push_bind(wanted).push("::tsquery, 1) DESC, ");
        }
        query.push("coalesce(products.rating, 0) DESC, products.sku LIMIT ").push_bind(i64::from(search.limit));
        let rows = query.build().fetch_all(self.connection()).await.map_err(failed)?;
        rows.iter().map(product).collect()
    }

    async fn inventory(&mut self, sku: &Sku) -> Result<Vec<InventoryRecord>> {
        let rows = sqlx::query(
            "SELECT sku, location, greatest(0, quantity - held) AS free FROM inventory WHERE sku = $1 ORDER BY location",
        )
        .bind(clean(&sku.0))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter()
            .map(|row| {
                Ok(InventoryRecord {
                    sku: Sku(row.text("sku")?),
                    location: row.text("location")?,
                    quantity: row.integer("free")?,
                })
            })
            .collect()
    }
}

#[async_trait]
impl CatalogueWrite for PostgresTx {
    async fn put_shop(&mut self, shop: &Shop) -> Result<()> {
        sqlx::query("INSERT INTO shops (one, body) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET body = excluded.body")
            .bind(json(shop)?)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn put_store(&mut self, store: &ShopStore) -> Result<()> {
        sqlx::query(
            "INSERT INTO stores (store_id, name, city, address, opening_hours) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (store_id) DO UPDATE SET \
             name = excluded.name, city = excluded.city, address = excluded.address, opening_hours = excluded.opening_hours",
        )
        .bind(clean(&store.store_id.0))
        .bind(clean(&store.name))
        .bind(clean(&store.city))
        .bind(clean(&store.address))
        .bind(clean(&store.opening_hours))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn put_product(&mut self, product: &ProductRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO products (sku, name, description, price_minor, rating, listed_stock, category, subcategory, brand, gender, color, \
             image_url, attributes, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::tsvector) \
             ON CONFLICT (sku) DO UPDATE SET name = excluded.name, description = excluded.description, \
             price_minor = excluded.price_minor, rating = excluded.rating, listed_stock = excluded.listed_stock, \
             category = excluded.category, subcategory = excluded.subcategory, brand = excluded.brand, gender = excluded.gender, \
             color = excluded.color, image_url = excluded.image_url, attributes = excluded.attributes, words = excluded.words",
        )
        .bind(clean(&product.sku.0))
        .bind(clean(&product.name))
        .bind(clean(&product.description))
        .bind(product.price_minor)
        .bind(product.rating)
        .bind(product.listed_stock)
        .bind(clean(&product.category))
        .bind(clean_or_none(product.subcategory.as_deref()))
        .bind(clean_or_none(product.brand.as_deref()))
        .bind(clean_or_none(product.gender.as_deref()))
        .bind(clean_or_none(product.color.as_deref()))
        .bind(clean(&product.image_url))
        .bind(json(&product.attributes)?)
        .bind(words::of_product(product))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn put_inventory(&mut self, inventory: &InventoryRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO inventory (sku, location, quantity) VALUES ($1, $2, $3) ON CONFLICT (sku, location) DO UPDATE SET quantity = excluded.quantity",
        )
        .bind(clean(&inventory.sku.0))
        .bind(clean(&inventory.location))
        .bind(inventory.quantity)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
