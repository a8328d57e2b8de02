use server_store::{
    Store,
    records::{OrderFilter, OrderItem, OrderRecord},
};

use super::{at, write};

fn order(number: i64, customer: &str) -> OrderRecord {
    OrderRecord {
        id: format!("ORD{number}"),
        customer_id: customer.into(),
        items: vec![OrderItem { sku: "SKU-1".into(), quantity: 3, unit_price_minor: 228_000, line_total_minor: 684_000 }],
        total_minor: 684_000,
        status: "delivered".into(),
        created_at: at(number),
        shipping_address: None,
    }
}

pub async fn orders_are_listed_by_customer_and_status(store: &dyn Store) {
    let placed = OrderRecord { status: "placed".into(), ..order(3, "901") };
    write(store, async |tx| {
        for order in [&order(1, "901"), &order(2, "902"), &placed] {
            tx.put_order(order).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.order("ORD2").await.unwrap(), Some(order(2, "902")));
    assert_eq!(tx.order("ORD9").await.unwrap(), None);
    let all = OrderFilter::default();
    assert_eq!(tx.list_orders(&all, 2, 1).await.unwrap(), (3, vec![order(2, "902"), order(1, "901")]));
    let of = OrderFilter { customer_id: Some("901".into()), status: None };
    assert_eq!(tx.list_orders(&of, 10, 0).await.unwrap(), (2, vec![placed.clone(), order(1, "901")]));
    let of = OrderFilter { customer_id: Some("901".into()), status: Some("placed".into()) };
    assert_eq!(tx.list_orders(&of, 10, 0).await.unwrap(), (1, vec![placed]));
}

pub async fn an_order_keeps_where_it_goes(store: &dyn Store) {
    let address = [("city".to_owned(), "Pune".to_owned()), ("building".to_owned(), "Block A".to_owned())];
    let sent = OrderRecord { shipping_address: Some(address.into()), ..order(1, "901") };
    write(store, async |tx| tx.put_order(&sent).await).await.unwrap();
    assert_eq!(store.read().await.unwrap().order("ORD1").await.unwrap().as_ref(), Some(&sent));
    let imported = OrderRecord { status: "shipped".into(), ..order(1, "901") };
    write(store, async |tx| tx.put_order(&imported).await).await.unwrap();
    let after = OrderRecord { shipping_address: sent.shipping_address, ..imported };
    assert_eq!(store.read().await.unwrap().order("ORD1").await.unwrap(), Some(after), "an import knows no addresses");
}

pub async fn a_customers_orders_come_newest_first(store: &dyn Store) {
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
