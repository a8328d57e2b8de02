//! The shop's tables as CSV.

use crate::catalogue::Product;
use crate::customers::CUSTOMERS;
use crate::offers::{COUPONS, PROMOTIONS};
use crate::orders::ORDERS;
use crate::stores::STORES;

/// Columns of `products.csv`.
const PRODUCT_COLUMNS: [&str; 16] = [
    "sku",
    "name",
    "description",
    "price",
    "rating",
    "stock",
    "category",
    "subcategory",
    "brand",
    "gender",
    "color",
    "image_url",
    "color_hex",
    "sizes",
    "material",
    "tags",
];

/// Columns of `customers.csv`.
const CUSTOMER_COLUMNS: [&str; 17] = [
    "customer_id",
    "name",
    "age",
    "gender",
    "phone_number",
    "city",
    "building_name",
    "address_landmark",
    "loyalty_tier",
    "loyalty_points",
    "device_preference",
    "total_spend",
    "items_purchased",
    "average_rating",
    "days_since_last_purchase",
    "satisfaction",
    "purchase_history",
];

/// `products.csv`.
pub fn products(products: &[Product]) -> Vec<u8> {
    table(
        PRODUCT_COLUMNS,
        products.iter().map(|product| {
            let kind = product.kind();
            [
                product.sku_text(),
                product.name.to_owned(),
                product.description.to_owned(),
                rupees(product.price),
                tenths(product.rating),
                product.stock.iter().sum::<u32>().to_string(),
                kind.category.to_owned(),
                kind.subcategory.to_owned(),
                product.brand.to_string(),
                product.gender.to_string(),
                product.colour.0.to_owned(),
                format!("/{}", product.image_path()),
                product.colour.1.to_owned(),
                kind.sizes.to_owned(),
                product.material.to_owned(),
                product.tags.to_owned(),
            ]
        }),
    )
}

/// `stores.csv`.
pub fn stores() -> Vec<u8> {
    table(
        ["store_id", "name", "city", "address", "opening_hours"],
        STORES.iter().map(|store| [store.id, store.name, store.city, store.address, store.opening_hours].map(str::to_owned)),
    )
}

/// `inventory.csv`.
pub fn inventory(products: &[Product]) -> Vec<u8> {
    let places = || std::iter::once("online".to_owned()).chain(STORES.iter().map(|store| format!("store:{}", store.id)));
    table(
        ["sku", "location", "quantity"],
        products.iter().flat_map(|product| {
            places().zip(product.stock).map(|(place, quantity)| [product.sku_text(), place, quantity.to_string()])
        }),
    )
}

/// `customers.csv`.
pub fn customers() -> Vec<u8> {
    table(
        CUSTOMER_COLUMNS,
        CUSTOMERS.iter().map(|customer| {
            [
                customer.id.to_string(),
                customer.name.to_owned(),
                customer.age.to_string(),
                customer.gender.to_owned(),
                customer.phone_number.to_owned(),
                customer.city.to_owned(),
                customer.building_name.to_owned(),
                customer.address_landmark.to_owned(),
                customer.loyalty_tier.to_owned(),
                customer.loyalty_points.to_string(),
                customer.device_preference.to_owned(),
                rupees(customer.total_spend()),
                customer.items_purchased().to_string(),
                tenths(customer.average_rating()),
                customer.days_since_last_purchase.to_string(),
                customer.satisfaction.to_owned(),
                customer.purchase_history(),
            ]
        }),
    )
}

/// `orders.csv`.
pub fn orders() -> Vec<u8> {
    table(
        ["order_id", "customer_id", "items", "total_amount", "status", "created_at", "channel"],
        ORDERS.iter().map(|order| {
            [
                order.id.to_owned(),
                order.customer.to_string(),
                order.items(),
                rupees(order.total()),
                order.status.to_string(),
                order.created_at.to_owned(),
                order.channel.to_owned(),
            ]
        }),
    )
}

/// `coupons.csv`.
pub fn coupons() -> Vec<u8> {
    table(["code", "discount_percent", "min_purchase", "description"], COUPONS.iter().map(|coupon| coupon.map(str::to_owned)))
}

/// `promotions.csv`.
pub fn promotions() -> Vec<u8> {
    table(
        ["name", "discount_percent", "min_purchase", "days", "from", "until", "category", "description"],
        PROMOTIONS.iter().map(|promotion| promotion.map(str::to_owned)),
    )
}

fn table<const N: usize>(columns: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing rows of one length into memory cannot fail.
    let _ = writer.write_record(columns);
    for row in rows {
        let _ = writer.write_record(row);
    }
    writer.into_inner().unwrap_or_default()
}

fn rupees(amount: u32) -> String {
    format!("{amount}.0")
}

fn tenths(value: u32) -> String {
    format!("{}.{}", value / 10, value % 10)
}
