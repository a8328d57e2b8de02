use server_store::{
    Store,
    records::{OrderItem, OrderRecord},
};

use super::{at, write};

pub async fn a_customers_orders_come_newest_first(store: &dyn Store) {
    let order = |number: i64, customer: &str| OrderRecord {
        id: format!("ORD{number}"),
        customer_id: customer.into(),
        items: vec![OrderItem { sku: "SKU-1".into(), quantity: 3, unit_price_minor: 228_000, line_total_minor: 684_000 }],
        total_minor: 684_000,
        status: "delivered".into(),
        created_at: at(number),
    };
    write(store, async |tx| {
        for (number, customer) in [(2, "901"), (1, "901"), (3, "902"), (4, "901")] {
            tx.put_order(&order(number, customer)).await?;
        }
        tx.put_order(&OrderRecord { status: "cancelled".into(), ..order(4, "901") }).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    let orders = tx.orders_of(&"901".into(), 2).await.unwrap();
    assert_eq!(orders, [OrderRecord { status: "cancelled".into(), ..order(4, "901") }, order(2, "901")]);
}
