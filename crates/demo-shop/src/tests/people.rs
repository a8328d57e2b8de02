//! Customers, orders and conversations.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{json, product, rows};
use crate::customers::CUSTOMERS;
use crate::orders::ORDERS;

#[test]
fn every_order_line_names_a_product_of_the_catalogue() {
    for row in rows("orders.csv") {
        let items: Value = serde_json::from_str(&row["items"]).expect("JSON");
        for item in items.as_array().expect("a list") {
            product(item["sku"].as_str().expect("a SKU"));
        }
    }
}

#[test]
fn prices_and_totals_add_up() {
    for row in rows("orders.csv") {
        let items: Value = serde_json::from_str(&row["items"]).expect("JSON");
        let mut total = 0;
        for item in items.as_array().expect("a list") {
            let price = product(item["sku"].as_str().expect("a SKU")).price;
            let quantity = u32::try_from(item["qty"].as_u64().expect("pieces")).expect("few pieces");
            assert_eq!(item["unit_price"].as_f64(), Some(f64::from(price)));
            assert_eq!(item["line_total"].as_f64(), Some(f64::from(price * quantity)));
            total += price * quantity;
        }
        assert_eq!(row["total_amount"], format!("{total}.0"), "{}", row["order_id"]);
    }
}

#[test]
fn a_customers_figures_agree_with_the_purchase_history() {
    for row in rows("customers.csv") {
        let history: Value = serde_json::from_str(&row["purchase_history"].replace('\'', "\"")).expect("a list");
        let history = history.as_array().expect("a list");
        let spent: f64 = history.iter().filter_map(|entry| entry["amount"].as_f64()).sum();
        let pieces: u64 = history.iter().filter_map(|entry| entry["qty"].as_u64()).sum();
        assert_eq!(row["total_spend"], format!("{spent:.1}"), "{}", row["name"]);
        assert_eq!(row["items_purchased"], pieces.to_string(), "{}", row["name"]);
        assert!(ORDERS.iter().filter(|order| order.customer.to_string() == row["customer_id"]).count() >= 2);
    }
}

#[test]
fn both_notations_of_the_purchase_history_occur() {
    let histories: Vec<String> = rows("customers.csv").into_iter().map(|row| row["purchase_history"].clone()).collect();
    assert!(histories.iter().any(|history| history.starts_with("[{'")));
    assert!(histories.iter().any(|history| history.starts_with("[{\"")));
}

#[test]
fn phone_numbers_are_ten_digits_of_a_mobile() {
    for customer in CUSTOMERS {
        assert_eq!(customer.phone_number.len(), 10);
        assert!(customer.phone_number.starts_with('9'));
        assert!(customer.phone_number.bytes().all(|byte| byte.is_ascii_digit()));
    }
}

#[test]
fn conversations_run_forward_in_time_across_two_channels() {
    for conversation in json("conversations.json")["conversations"].as_array().expect("a list") {
        let entries = conversation["entries"].as_array().expect("entries");
        assert!((6..=10).contains(&entries.len()));
        let ages: Vec<u64> = entries.iter().filter_map(|entry| entry["minutes_ago"].as_u64()).collect();
        assert!(ages.is_sorted_by(|earlier, later| earlier > later));
        let channels: BTreeSet<&str> = entries.iter().filter_map(|entry| entry["channel"].as_str()).collect();
        assert_eq!(channels, BTreeSet::from(["web", "whatsapp"]));
    }
}

#[test]
fn carts_hold_products_in_sizes_that_exist() {
    for conversation in json("conversations.json")["conversations"].as_array().expect("a list") {
        let cart = conversation["cart"].as_array().expect("a cart");
        assert!((1..=3).contains(&cart.len()));
        for line in cart {
            let product = product(line["sku"].as_str().expect("a SKU"));
            let size = line["size"].as_str().expect("a size");
            assert!(product.kind().sizes.split('|').any(|known| known == size), "{} in {size}", product.name);
        }
    }
}

#[test]
fn prices_said_in_a_conversation_are_those_of_the_products_shown() {
    for conversation in json("conversations.json")["conversations"].as_array().expect("a list") {
        for entry in conversation["entries"].as_array().expect("entries") {
            let message = entry["message"].as_str().expect("a message");
            let shown: Vec<u32> =
                entry["skus"].as_array().into_iter().flatten().filter_map(Value::as_str).map(|sku| product(sku).price).collect();
            for said in message.split('₹').skip(1) {
                let digits: String = said.chars().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
                let amount: u32 = digits.replace(',', "").parse().expect("an amount");
                let known = shown.contains(&amount) || shown.iter().sum::<u32>() == amount;
                assert!(known, "₹{amount} in: {message}");
            }
        }
    }
}
