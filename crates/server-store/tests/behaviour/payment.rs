use server_store::{Store, records::PaymentRecord};

use super::{at, write};

pub async fn payments_are_found_by_id_and_order(store: &dyn Store) {
    let payment = |number: i64, order: &str| PaymentRecord {
        id: format!("PAY{number}"),
        order_id: order.into(),
        customer_id: "901".into(),
        amount_minor: 684_000,
        method: "card".into(),
        status: "completed".into(),
        created_at: at(number),
        transaction_id: None,
    };
    let known = PaymentRecord { transaction_id: Some("tx_77".into()), ..payment(1, "ORD1") };
    let refunded = PaymentRecord { status: "refunded".into(), ..known.clone() };
    write(store, async |tx| {
        for (number, order) in [(1, "ORD1"), (2, "ORD2"), (3, "ORD1")] {
            tx.put_payment(&payment(number, order)).await?;
        }
        tx.put_payment(&known).await?;
        tx.put_payment(&PaymentRecord { transaction_id: None, ..refunded.clone() }).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.payment("PAY1").await.unwrap().as_ref(), Some(&refunded));
    assert_eq!(tx.payment("PAY9").await.unwrap(), None);
    assert_eq!(tx.payments_of("ORD1").await.unwrap(), [refunded, payment(3, "ORD1")]);
    assert_eq!(tx.list_payments(1, 1).await.unwrap(), (3, vec![payment(2, "ORD2")]));
}
