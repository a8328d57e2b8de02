use async_trait::async_trait;
use protocol::{
    ids::{Sku, StoreId},
    shop::{Shop, Store as ShopStore},
};
use sqlx::{QueryBuilder, Sqlite, sqlite::SqliteRow};

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_json, json},
};
use crate::{
    Result,
    records::{CatalogueRead, CatalogueWrite, InventoryRecord, ProductFilter, ProductRecord, ProductSearch},
};

/// Every column of a product, its stock counted.
const PRODUCT: &str = "SELECT products.*, coalesce((SELECT sum(max(0, quantity - held)) FROM inventory \
                       WHERE inventory.sku = products.sku), products.listed_stock) AS stock FROM products";

pub(super) fn product(row: &SqliteRow) -> Result<ProductRecord> {
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
        attributes: from_json("product", &row.text("attributes")?)?,
    })
}

fn store(row: &SqliteRow) -> Result<ShopStore> {
    Ok(ShopStore {
        store_id: StoreId(row.text("store_id")?),
        name: row.text("name")?,
        city: row.text("city")?,
        address: row.text("address")?,
        opening_hours: row.text("opening_hours")?,
    })
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &ProductFilter) {
    query.push(" WHERE true");
    let texts = [
        (" AND lower(category) = lower(", &filter.category),
        (" AND lower(subcategory) = lower(", &filter.subcategory),
        (" AND lower(gender) = lower(", &filter.gender),
        (" AND lower(brand) = lower(", &filter.brand),
    ];
    for (condition, value) in texts {
        if let Some(value) = value {
            query.push(condition).push_bind(value.clone()).push(")");
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

/// The search as an FTS5 expression; none where no word has a letter or digit.
fn match_expression(search: &ProductSearch) -> Option<String> {
    let colors = alternatives(&search.colors).map(|colors| format!("{{name color}} : {colors}"));
    let groups: Vec<String> = search.words.iter().filter_map(|words| alternatives(words)).chain(colors).collect();
    (!groups.is_empty()).then(|| groups.join(" AND "))
}

fn alternatives(words: &[String]) -> Option<String> {
    let words: Vec<String> = words
        .iter()
        // A word such as `t-shirt` is a phrase of its parts, as the tokenizer has them.
        .map(|word| word.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect::<String>())
        .map(|word| word.trim().to_owned())
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!words.is_empty()).then(|| format!("({})", words.join(" OR ")))
}

pub(super) fn shop(row: &SqliteRow) -> Result<Shop> {
    from_json("shop", &row.text("body")?)
}

#[async_trait]
impl CatalogueRead for SqliteTx {
    async fn shop(&mut self) -> Result<Option<Shop>> {
        if let Some(shop) = self.ahead.shop() {
            return shop;
        }
        let row = sqlx::query("SELECT body FROM shops").fetch_optional(self.connection()).await.map_err(failed)?;
        row.as_ref().map(shop).transpose()
    }

    async fn stores(&mut self) -> Result<Vec<ShopStore>> {
        let rows = sqlx::query("SELECT * FROM stores ORDER BY store_id").fetch_all(self.connection()).await.map_err(failed)?;
        rows.iter().map(store).collect()
    }

    async fn store(&mut self, id: &StoreId) -> Result<Option<ShopStore>> {
        let row = sqlx::query("SELECT * FROM stores WHERE store_id = ?")
            .bind(&id.0)
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
        let mut query = QueryBuilder::<Sqlite>::new(PRODUCT);
        query.push(" WHERE sku IN (");
        let mut list = query.separated(", ");
        for sku in skus {
            list.push_bind(sku.0.clone());
        }
        query.push(")");
        let rows = query.build().fetch_all(self.connection()).await.map_err(failed)?;
        let found = rows.iter().map(product).collect::<Result<Vec<_>>>()?;
        Ok(skus.iter().filter_map(|sku| found.iter().find(|product| product.sku == *sku).cloned()).collect())
    }

    async fn list_products(&mut self, filter: &ProductFilter, limit: u32, offset: u32) -> Result<(u64, Vec<ProductRecord>)> {
        let mut count = QueryBuilder::<Sqlite>::new("SELECT count(*) FROM products");
        push_filter(&mut count, filter);
        let total: i64 = count.build_query_scalar().fetch_one(self.connection()).await.map_err(failed)?;
        let mut query = QueryBuilder::<Sqlite>::new(PRODUCT);
        push_filter(&mut query, filter);
        query.push(" ORDER BY sku LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
        let rows = query.build().fetch_all(self.connection()).await.map_err(failed)?;
        Ok((u64::try_from(total).unwrap_or_default(), rows.iter().map(product).collect::<Result<_>>()?))
    }

    async fn search_products(&mut self, search: &ProductSearch) -> Result<Vec<ProductRecord>> {
        let mut query = QueryBuilder::<Sqlite>::new(PRODUCT);
        let expression = match_expression(search);
        if let Some(expression) = &expression {
            query
                .push(" JOIN product_words ON product_words.rowid = products.number WHERE product_words MATCH ")
                .push_bind(expression.clone());
        } else {
            query.push(" WHERE true");
        }
        if !search.genders.is_empty() {
            query.push(" AND lower(products.gender) IN (");
            let mut list = query.separated(", ");
            for gender in &search.genders {
                list.push_bind(gender.to_lowercase());
            }
            query.push(")");
        }
        if let Some(least) = search.min_price_minor {
            query.push(" AND products.price_minor >= ").push_bind(least);
        }
        if let Some(most) = search.max_price_minor {
            query.push(" AND products.price_minor <= ").push_bind(most);
        }
        query.push(" ORDER BY stock > 0 DESC, ");
        if expression.is_some() {
            query.push("bm25(product_words, 10.0, 8.0, 6.0, 6.0, 3.0, 1.0, 1.0), ");
        }
        query.push("coalesce(products.rating, 0) DESC, products.sku LIMIT ").push_bind(search.limit);
        let rows = query.build().fetch_all(self.connection()).await.map_err(failed)?;
        rows.iter().map(product).collect()
    }

    async fn inventory(&mut self, sku: &Sku) -> Result<Vec<InventoryRecord>> {
        let rows =
            sqlx::query("SELECT sku, location, max(0, quantity - held) AS free FROM inventory WHERE sku = ? ORDER BY location")
                .bind(&sku.0)
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
impl CatalogueWrite for SqliteTx {
    async fn put_shop(&mut self, shop: &Shop) -> Result<()> {
        sqlx::query("INSERT INTO shops (one, body) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET body = excluded.body")
            .bind(json(shop)?)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn put_store(&mut self, store: &ShopStore) -> Result<()> {
        sqlx::query(
            "INSERT INTO stores (store_id, name, city, address, opening_hours) VALUES (?, ?, ?, ?, ?) ON CONFLICT (store_id) DO UPDATE SET \
             name = excluded.name, city = excluded.city, address = excluded.address, opening_hours = excluded.opening_hours",
        )
        .bind(&store.store_id.0)
        .bind(&store.name)
        .bind(&store.city)
        .bind(&store.address)
        .bind(&store.opening_hours)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn put_product(&mut self, product: &ProductRecord) -> Result<()> {
        let number: i64 = sqlx::query_scalar(
            "INSERT INTO products (sku, name, description, price_minor, rating, listed_stock, category, subcategory, brand, gender, color, \
             image_url, attributes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sku) DO UPDATE SET name = excluded.name, \
             description = excluded.description, price_minor = excluded.price_minor, rating = excluded.rating, \
             listed_stock = excluded.listed_stock, category = excluded.category, subcategory = excluded.subcategory, \
             brand = excluded.brand, gender = excluded.gender, color = excluded.color, image_url = excluded.image_url, \
             attributes = excluded.attributes RETURNING number",
        )
        .bind(&product.sku.0)
        .bind(&product.name)
        .bind(&product.description)
        .bind(product.price_minor)
        .bind(product.rating)
        .bind(product.listed_stock)
        .bind(&product.category)
        .bind(&product.subcategory)
        .bind(&product.brand)
        .bind(&product.gender)
        .bind(&product.color)
        .bind(&product.image_url)
        .bind(json(&product.attributes)?)
        .fetch_one(self.connection())
        .await
        .map_err(failed)?;
        let attributes: Vec<&str> = product.attributes.values().map(String::as_str).collect();
        sqlx::query(
            "INSERT OR REPLACE INTO product_words (rowid, name, subcategory, category, color, brand, description, attributes) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(number)
        .bind(&product.name)
        .bind(&product.subcategory)
        .bind(&product.category)
        .bind(&product.color)
        .bind(&product.brand)
        .bind(&product.description)
        .bind(attributes.join(" "))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn put_inventory(&mut self, inventory: &InventoryRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO inventory (sku, location, quantity) VALUES (?, ?, ?) ON CONFLICT (sku, location) DO UPDATE SET quantity = excluded.quantity",
        )
        .bind(&inventory.sku.0)
        .bind(&inventory.location)
        .bind(inventory.quantity)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
