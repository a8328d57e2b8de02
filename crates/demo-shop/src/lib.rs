//! The demo shop: Maren & Co, a fashion shop of our own invention, with its catalogue, the drawings
//! of every product, its stores, stock, customers, orders and conversations.
//!
//! Everything is made from code, without input or output, and is the same on every machine; the
//! committed copy in `shop/` is what [`files`] returns.

pub mod catalogue;
pub mod colour;
mod conversations;
mod csv_files;
mod curve;
mod customers;
pub mod drawing;
mod offers;
mod orders;
mod outlines;
mod paint;
mod settings;
mod stores;
pub mod svg;

#[cfg(test)]
mod tests;

/// Every file of the shop: its path relative to the shop's folder, with `/`, and its content.
#[must_use]
pub fn files() -> Vec<(String, Vec<u8>)> {
    let products = catalogue::products();
    let mut files = vec![
        ("shop.json".to_owned(), settings::json()),
        ("products.csv".to_owned(), csv_files::products(&products)),
        ("stores.csv".to_owned(), csv_files::stores()),
        ("inventory.csv".to_owned(), csv_files::inventory(&products)),
        ("customers.csv".to_owned(), csv_files::customers()),
        ("orders.csv".to_owned(), csv_files::orders()),
        ("coupons.csv".to_owned(), csv_files::coupons()),
        ("promotions.csv".to_owned(), csv_files::promotions()),
        ("loyalty.toml".to_owned(), offers::LOYALTY.as_bytes().to_vec()),
        ("conversations.json".to_owned(), conversations::json()),
    ];
    files.extend(products.iter().map(|product| {
        let picture = drawing::picture(product.sku, product.garment, product.look());
        (product.image_path(), picture.into_bytes())
    }));
    files
}
