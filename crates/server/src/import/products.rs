use std::path::Path;

use indicatif::ProgressBar;
use protocol::ids::Sku;
use server_store::{StoreError, records::ProductRecord};

use super::{
    Basis, Doubles, FileReport, ROWS_AT_ONCE, begin, images,
    table::{Row, Table},
};
use crate::state::AppState;

const FILE: &str = "products.csv";
const NAME: &[&str] = &["name", "product_display_name", "ProductDisplayName"];
const RATING: &[&str] = &["rating", "ratings"];
const STOCK: &[&str] = &["stock", "quantity"];
const NEEDS: &[&[&str]] = &[&["sku"], NAME, &["price"]];
/// Columns that become members of a product; every other one becomes an attribute.
const KNOWN: &[&str] = &[
    "sku",
    "name",
    "product_display_name",
    "ProductDisplayName",
    "description",
    "price",
    "rating",
    "ratings",
    "stock",
    "quantity",
    "category",
    "subcategory",
    "brand",
    "gender",
    "color",
    "image_url",
];

/// Reads the catalogue.
pub(super) async fn import(
    state: &AppState,
    dir: &Path,
    basis: &Basis,
    progress: &ProgressBar,
) -> Result<Option<FileReport>, StoreError> {
    let table = match Table::open(dir, FILE, NEEDS) {
        Ok(table) => table,
        Err(why) => return Ok(why),
    };
    let mut report = FileReport::new(FILE);
    let mut doubles = Doubles::default();
    let pictures = images::by_stem(&state.config.images());
    let products = table.collect(&mut report, |row| {
        let mut product = read(row, basis)?;
        if product.image_url.is_empty()
            && let Some(name) = pictures.get(&product.sku.0)
        {
            product.image_url = format!("/images/{name}");
        }
        doubles.check(&product.sku.0, row.number)?;
        Ok(product)
    });
    begin(progress, FILE, products.len());
    for some in products.chunks(ROWS_AT_ONCE) {
        let mut tx = state.write().await?;
        for (_, product) in some {
            tx.put_product(product).await?;
            progress.inc(1);
        }
        tx.commit().await?;
        report.taken += some.len() as u64;
    }
    Ok(Some(report))
}

fn read(row: Row<'_>, basis: &Basis) -> Result<ProductRecord, String> {
    let text = |name: &str| row.text(&[name]).map(str::to_owned);
    let listed_stock = row.count(STOCK)?;
    Ok(ProductRecord {
        sku: Sku::from(row.required(&["sku"])?),
        name: row.required(NAME)?.to_owned(),
        description: text("description").unwrap_or_default(),
        price_minor: basis.price("price", row.required(&["price"])?)?,
        rating: row.rating(RATING)?,
        listed_stock,
        stock: listed_stock,
        category: text("category").unwrap_or_else(|| "Other".into()),
        subcategory: text("subcategory"),
        brand: text("brand"),
        gender: text("gender"),
        color: text("color"),
        image_url: text("image_url").unwrap_or_default(),
        attributes: row.others(KNOWN),
    })
}
