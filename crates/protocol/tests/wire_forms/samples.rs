//! One of each, as the tests need them.

use std::collections::BTreeMap;

use protocol::{Timestamp, catalogue, customer, ids, kiosk_profile, session, shop};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

/// The wire form of `value`, after checking that it reads back as the same wire form.
pub fn wire<T: Serialize + DeserializeOwned>(value: &T) -> Value {
    let sent = serde_json::to_value(value).unwrap();
    let read: T = serde_json::from_value(sent.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), sent, "what is written must be readable");
    sent
}

pub fn at() -> Timestamp {
    Timestamp::parse("2026-02-12T10:00:00.123456Z").unwrap()
}

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn options() -> BTreeMap<String, String> {
    BTreeMap::from([("size".into(), "M".into())])
}

pub fn card() -> catalogue::ProductCard {
    catalogue::ProductCard {
        kind: catalogue::CardKind::Product,
        sku: "SKU-1001".into(),
        name: "Field Jacket".into(),
        price: 5490.0,
        price_minor: 549_000,
        currency: "INR".into(),
        image: "/images/SKU-1001.svg".into(),
        image_url: "/images/SKU-1001.svg".into(),
        description: "Warm.".into(),
        personalized_reason: Some("2 left in this store".into()),
        gift_message: None,
        gift_suitability: None,
        brand: Some("Samplewear".into()),
        color: Some("pine".into()),
        color_hex: Some("#2f4a43".into()),
        sizes: vec!["M".into()],
        in_this_store: Some(2),
    }
}

pub fn entry() -> session::ChatEntry {
    session::ChatEntry {
        id: ids::EntryId(id(1)),
        sender: session::Sender::User,
        message: "white shoes?".into(),
        timestamp: at(),
        channel: session::Channel::Web,
        metadata: json!({"intent": "recommendation"}).as_object().cloned(),
    }
}

pub fn line() -> session::CartLine {
    session::CartLine {
        sku: "SKU-1001".into(),
        name: "Field Jacket".into(),
        quantity: 2,
        price: 5490.0,
        price_minor: 549_000,
        currency: "INR".into(),
        image_url: "/images/SKU-1001.svg".into(),
        options: options(),
        price_changed: true,
    }
}

pub fn customer() -> customer::Customer {
    customer::Customer {
        customer_id: "901".into(),
        name: "Asha Example".into(),
        age: Some(29),
        gender: "Female".into(),
        phone_number: "+12025550101".into(),
        city: "Springfield".into(),
        building_name: String::new(),
        address_landmark: String::new(),
        loyalty_tier: "Silver".into(),
        loyalty_points: 1211,
        device_preference: "mobile".into(),
        total_spend: 12_080.08,
        items_purchased: 2,
        average_rating: 4.6,
        days_since_last_purchase: 25,
        satisfaction: "Satisfied".into(),
        purchase_history: vec![customer::Purchase {
            order_id: "ORD000901".into(),
            sku: "SKU000901".into(),
            qty: 2,
            amount: 3232.48,
            date: "2025-12-05".into(),
            rating: Some(3.8),
        }],
    }
}

pub fn profile_at_kiosk() -> kiosk_profile::KioskProfile {
    kiosk_profile::KioskProfile { version: 5, clothing_size: Some("M".into()), shoe_size: Some("42".into()), fit: None }
}

pub fn a_shop() -> shop::Shop {
    shop::Shop {
        name: "Maren & Co".into(),
        country: "IN".into(),
        currency: "INR".into(),
        time_zone: "Asia/Kolkata".into(),
        languages: vec![shop::Locale::En, shop::Locale::Hi, shop::Locale::Es, shop::Locale::Ar],
        theme: shop::Theme::default(),
        featured: vec!["SKU-1001".into()],
    }
}

pub fn store() -> shop::Store {
    shop::Store {
        store_id: "S01".into(),
        name: "Linking Road".into(),
        city: "Mumbai".into(),
        address: "1 Sample Street".into(),
        opening_hours: "10:00-21:30".into(),
    }
}

pub fn featured() -> catalogue::FeaturedProduct {
    catalogue::FeaturedProduct {
        sku: "SKU-1001".into(),
        name: "Field Jacket".into(),
        image: "/images/SKU-1001.svg".into(),
        color_hex: Some("#2f4a43".into()),
    }
}
