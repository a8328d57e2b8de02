use axum::{
    Json,
    extract::{Path, Query, State},
};
use protocol::{
    ErrorCode,
    catalogue::{CATALOGUE_PAGE, CataloguePage, LARGEST_CATALOGUE_PAGE, Product, ProductPage, StoreList},
    ids::Sku,
    routes,
    shop::Shop,
};
use serde::Deserialize;
use serde_json::{Value, json};
use server_store::records::{ProductFilter, ProductRecord};
use tower_http::{CompressionLevel, compression::CompressionLayer};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    changes::{self, ChangesError},
    currency, image, wire,
};
use crate::{
    http::{Answer, Failure},
    money,
    proof::Device,
    state::AppState,
};

const MOST_PER_PAGE: u32 = 10_000;

/// The shop, products and pictures, which are public, and the pages for kiosks that keep a copy.
pub fn routes() -> OpenApiRouter<AppState> {
    let pages = OpenApiRouter::default().routes(routes!(changes));
    OpenApiRouter::default()
        // Pages are long and much the same all through; nothing in them is secret.
        .merge(pages.layer(CompressionLayer::new().quality(CompressionLevel::Fastest)))
        .routes(routes!(shop))
        .routes(routes!(stores))
        .routes(routes!(products))
        .routes(routes!(product))
        .routes(routes!(image::image))
}

/// The shop.
#[utoipa::path(get, path = routes::SHOP, tag = "catalogue", responses((status = 200, body = Shop), (status = 404)))]
async fn shop(State(state): State<AppState>) -> Answer<Json<Shop>> {
    let shop = state.read().await?.shop().await?;
    shop.map(Json).ok_or_else(|| Failure::new(ErrorCode::NotFound, "No shop was imported yet; run `vitrine-server import DIR`."))
}

/// Every store.
#[utoipa::path(get, path = routes::STORES, tag = "catalogue", responses((status = 200, body = StoreList)))]
async fn stores(State(state): State<AppState>) -> Answer<Json<StoreList>> {
    let stores = state.read().await?.stores().await?;
    Ok(Json(StoreList { total: stores.len() as u64, stores }))
}

/// One product.
///
/// Every other column of the import stands beside these members under its own name.
#[utoipa::path(get, path = routes::PRODUCT, tag = "catalogue", params(("sku" = String, Path)),
    responses((status = 200, body = Product), (status = 404)))]
async fn product(State(state): State<AppState>, Path(sku): Path<String>) -> Answer<Json<Value>> {
    let mut tx = state.read().await?;
    let found = tx.product(&Sku(sku.clone())).await?;
    let product = found.ok_or_else(|| Failure::new(ErrorCode::ProductNotFound, format!("Product {sku} not found")))?;
    Ok(Json(shown(&product, &currency(&mut *tx).await?)))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Page {
    /// 1 to 10 000; default 20.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    limit: Option<String>,
    /// How many to leave out; default 0.
    #[param(value_type = Option<u32>)]
    offset: Option<String>,
    /// Equal without case.
    category: Option<String>,
    /// Equal without case.
    subcategory: Option<String>,
    /// Equal without case.
    gender: Option<String>,
    /// Equal without case.
    brand: Option<String>,
    /// In the shop's currency.
    #[param(value_type = Option<f64>)]
    min_price: Option<String>,
    /// In the shop's currency.
    #[param(value_type = Option<f64>)]
    max_price: Option<String>,
    /// 0 to 5.
    #[param(value_type = Option<f64>)]
    min_rating: Option<String>,
}

/// Products, in the order of the import.
#[utoipa::path(get, path = routes::PRODUCTS, tag = "catalogue", params(Page),
    responses((status = 200, body = ProductPage), (status = 422)))]
async fn products(State(state): State<AppState>, Query(page): Query<Page>) -> Answer<Json<ProductPage>> {
    let limit = number("limit", page.limit.as_deref())?.unwrap_or(20);
    if !(1..=MOST_PER_PAGE).contains(&limit) {
        return Err(Failure::field("limit", ErrorCode::ValidationError, "limit must be from 1 to 10000"));
    }
    let offset = number("offset", page.offset.as_deref())?.unwrap_or(0);
    let mut tx = state.read().await?;
    let currency = currency(&mut *tx).await?;
    let price = |name: &str, text: Option<&str>| {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
        let minor = money::parse(text, &currency);
        minor.map(Some).ok_or_else(|| Failure::field(name, ErrorCode::ValidationError, format!("{name} must be a number")))
    };
    let filter = ProductFilter {
        category: page.category,
        subcategory: page.subcategory,
        gender: page.gender,
        brand: page.brand,
        min_price_minor: price("min_price", page.min_price.as_deref())?,
        max_price_minor: price("max_price", page.max_price.as_deref())?,
        min_rating: rating(page.min_rating.as_deref())?,
    };
    let (total, found) = tx.list_products(&filter, limit, offset).await?;
    let products: Vec<Value> = found.iter().map(|product| shown(product, &currency)).collect();
    Ok(Json(ProductPage { total, limit, offset, products }))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Place {
    /// The `revision` of the last page that was taken in; everything where none is named.
    #[param(value_type = Option<String>)]
    after: Option<String>,
    /// Most changes on the page, 1 to 2 000; default 500.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 2_000)]
    limit: Option<String>,
}

/// What has changed in the catalogue, for a kiosk that keeps a copy of it.
///
/// Oldest change first; ask after `revision` until a page is `complete`, and from then on for differences. Where the server cannot
/// tell any more what has changed since, it answers 410 and a new copy begins.
#[utoipa::path(get, path = routes::CATALOGUE, tag = "kiosks", params(Place),
    responses((status = 200, body = CataloguePage), (status = 410), (status = 422)), security(("device" = [])))]
async fn changes(State(state): State<AppState>, device: Device, Query(place): Query<Place>) -> Answer<Json<CataloguePage>> {
    let limit = number("limit", place.limit.as_deref())?.unwrap_or(CATALOGUE_PAGE);
    if !(1..=LARGEST_CATALOGUE_PAGE).contains(&limit) {
        return Err(Failure::field("limit", ErrorCode::ValidationError, "limit must be from 1 to 2000"));
    }
    let after = place.after.as_deref().filter(|text| !text.is_empty());
    let mut tx = state.read().await?;
    Ok(Json(changes::page(&mut *tx, &device.store_id, after, limit, state.now()).await?))
}

fn rating(text: Option<&str>) -> Answer<Option<f64>> {
    let rating = number::<f64>("min_rating", text)?;
    if rating.is_some_and(|rating| !rating.is_finite()) {
        return Err(Failure::field("min_rating", ErrorCode::ValidationError, "min_rating must be a number"));
    }
    Ok(rating)
}

/// A product with the members that clients look for beside those of the type: `ratings`, `product_url` and every other
/// column of the import by its own name.
fn shown(record: &ProductRecord, currency: &str) -> Value {
    let mut value = json!(wire::product(record, currency));
    if let Value::Object(object) = &mut value {
        object.insert("ratings".into(), json!(record.rating));
        object.insert("product_url".into(), format!("/products/{}", record.sku).into());
        for (name, text) in &record.attributes {
            object.entry(name.clone()).or_insert_with(|| text.clone().into());
        }
    }
    value
}

fn number<T: std::str::FromStr>(name: &str, text: Option<&str>) -> Answer<Option<T>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| Failure::field(name, ErrorCode::ValidationError, format!("{name} must be a number")))
}

impl From<ChangesError> for Failure {
    fn from(error: ChangesError) -> Self {
        match error {
            ChangesError::Expired => Self::new(ErrorCode::CursorExpired, error.to_string()),
            ChangesError::Store(error) => error.into(),
        }
    }
}
