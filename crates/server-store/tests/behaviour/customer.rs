use protocol::{customer::Purchase, ids::CustomerId};
use server_store::{
    Store, StoreError,
    records::{AccountRecord, CustomerRecord},
};

use super::write;

pub fn record(customer: &str, phone: &str) -> CustomerRecord {
    CustomerRecord {
        id: customer.into(),
        name: "Asha Example".into(),
        age: Some(29),
        gender: "Female".into(),
        phone: phone.into(),
        city: "Springfield".into(),
        building_name: "Block A".into(),
        address_landmark: "Near Park".into(),
        loyalty_tier: "Silver".into(),
        loyalty_points: 1_211,
        device_preference: "mobile".into(),
        total_spend_minor: 1_208_008,
        items_purchased: 2,
        average_rating: 4.6,
        days_since_last_purchase: 25,
        satisfaction: "Satisfied".into(),
        purchase_history: vec![Purchase {
            order_id: "ORD000901".into(),
            sku: "SKU-1".into(),
            qty: 2,
            amount: 3_232.48,
            date: "2025-12-05".into(),
            rating: Some(3.8),
        }],
    }
}

pub async fn a_customer_comes_back_as_kept(store: &dyn Store) {
    let mut customer = record("901", "+12025550101");
    write(store, async |tx| tx.put_customer(&customer).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.customer(&customer.id).await.unwrap().as_ref(), Some(&customer));
    assert_eq!(tx.customer_by_phone("+12025550101").await.unwrap().as_ref(), Some(&customer));
    assert_eq!(tx.customer_by_phone("2025550101").await.unwrap(), None, "numbers are compared whole");
    drop(tx);
    customer.age = None;
    customer.purchase_history.clear();
    write(store, async |tx| tx.put_customer(&customer).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.customer(&customer.id).await.unwrap(), Some(customer));
    assert_eq!(tx.customer_count().await.unwrap(), 1);
}

pub async fn a_phone_belongs_to_one_customer(store: &dyn Store) {
    write(store, async |tx| tx.put_customer(&record("901", "+12025550101")).await).await.unwrap();
    let refused = write(store, async |tx| tx.put_customer(&record("902", "+12025550101")).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    write(store, async |tx| {
        tx.put_customer(&record("903", "")).await?;
        tx.put_customer(&record("904", "")).await
    })
    .await
    .unwrap();
    assert_eq!(store.read().await.unwrap().customer_by_phone("").await.unwrap(), None, "no phone is nobody's phone");
}

pub async fn ids_are_never_given_twice(store: &dyn Store) {
    let next = async || write(store, async |tx| tx.next_customer_id().await).await.unwrap();
    assert_eq!(next().await, CustomerId::from("101"), "ids start at 101");
    assert_eq!(next().await, CustomerId::from("102"));
    write(store, async |tx| tx.put_customer(&record("901", "")).await).await.unwrap();
    assert_eq!(next().await, CustomerId::from("902"), "above every imported one");
    write(store, async |tx| tx.put_customer(&record("500", "")).await).await.unwrap();
    assert_eq!(next().await, CustomerId::from("903"));
}

pub async fn those_without_a_password_are_listed(store: &dyn Store) {
    write(store, async |tx| {
        for (number, phone) in
            [("1001", "+12025550104"), ("901", "+12025550101"), ("902", "+12025550102"), ("903", "+12025550103"), ("904", "")]
        {
            tx.put_customer(&record(number, phone)).await?;
        }
        for (account, customer, hash) in [(1, "901", Some("$argon2id$…")), (2, "902", None)] {
            tx.insert_account(&AccountRecord {
                password_hash: hash.map(str::to_owned),
                customer_id: Some(customer.into()),
                ..super::account::plain(account)
            })
            .await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let listed = store.read().await.unwrap().customers_without_password().await.unwrap();
    let ids: Vec<&str> = listed.iter().map(|customer| customer.id.0.as_str()).collect();
    assert_eq!(ids, ["902", "903", "1001"]);
}

pub async fn customers_are_listed_in_order_of_their_numbers(store: &dyn Store) {
    write(store, async |tx| {
        for number in ["1001", "901", "902"] {
            tx.put_customer(&record(number, "")).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let page = store.read().await.unwrap().list_customers(2, 1).await.unwrap();
    assert_eq!(page, [record("902", ""), record("1001", "")]);
}

pub async fn a_chat_belongs_to_one_customer(store: &dyn Store) {
    write(store, async |tx| {
        tx.put_customer(&record("901", "")).await?;
        tx.put_customer(&record("902", "")).await?;
        tx.link_telegram_chat("77", &"901".into()).await?;
        tx.link_telegram_chat("78", &"901".into()).await?;
        tx.link_telegram_chat("77", &"902".into()).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.customer_by_telegram_chat("77").await.unwrap(), Some(record("902", "")));
    assert_eq!(tx.customer_by_telegram_chat("78").await.unwrap(), Some(record("901", "")));
    assert_eq!(tx.customer_by_telegram_chat("79").await.unwrap(), None);
}
