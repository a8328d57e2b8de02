//! The catalogue and its stock.

use std::collections::{BTreeMap, BTreeSet};

use super::rows;
use crate::catalogue::{self, Product};
use crate::settings::FEATURED;

#[test]
fn every_sku_is_used_once_and_in_order() {
    let products = catalogue::products();
    assert!(products.len() >= 88, "a shop of {} products", products.len());
    for (expected, product) in (1001..).zip(&products) {
        assert_eq!(product.sku, expected, "{}", product.name);
    }
}

#[test]
fn prices_ratings_and_descriptions_are_those_of_a_real_shop() {
    for product in catalogue::products() {
        assert!((799..=14_990).contains(&product.price), "{}: {}", product.name, product.price);
        assert!((36..=49).contains(&product.rating), "{}: {}", product.name, product.rating);
        let sentences = product.description.matches(". ").count() + 1;
        assert_eq!(sentences, 2, "{}: {}", product.name, product.description);
        assert!(product.description.ends_with('.'), "{}", product.description);
        assert!(product.tags.split('|').count() >= 3, "{}", product.name);
    }
}

#[test]
fn no_two_products_share_name_and_colour() {
    let mut seen = BTreeSet::new();
    for product in catalogue::products() {
        assert!(seen.insert((product.name, product.colour.0, product.kind().sizes)), "{}", product.name);
    }
}

#[test]
fn the_stock_of_a_product_is_the_sum_of_its_inventory() {
    let mut sums: BTreeMap<String, u32> = BTreeMap::new();
    for row in rows("inventory.csv") {
        assert!(["online", "store:S01", "store:S02"].contains(&row["location"].as_str()));
        *sums.entry(row["sku"].clone()).or_default() += row["quantity"].parse::<u32>().expect("a number");
    }
    for row in rows("products.csv") {
        assert_eq!(row["stock"], sums[&row["sku"]].to_string(), "{}", row["sku"]);
    }
}

#[test]
fn the_window_shows_different_kinds_in_different_colours() {
    let window: Vec<Product> = FEATURED.iter().filter_map(|sku| catalogue::product(*sku)).collect();
    assert_eq!(window.len(), FEATURED.len());
    let kinds: BTreeSet<&str> = window.iter().map(|product| product.kind().subcategory).collect();
    let colours: BTreeSet<&str> = window.iter().map(|product| product.colour.1).collect();
    assert_eq!((kinds.len(), colours.len()), (FEATURED.len(), FEATURED.len()));
}
