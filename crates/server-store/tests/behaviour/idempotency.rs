use server_store::{Store, records::IdempotencyRecord};

use super::{at, write};

pub async fn an_answer_is_kept_until_it_is_forgotten(store: &dyn Store) {
    let mut record =
        IdempotencyRecord { slot: vec![1; 32], body_mac: vec![2; 32], status: 201, sealed_answer: vec![3; 99], at: at(1) };
    for status in [201, 200] {
        record.status = status;
        write(store, async |tx| tx.keep_answer(&record).await).await.unwrap();
        assert!(store.read().await.unwrap().kept_answer(&record.slot).await.unwrap() == Some(record.clone()));
    }
    assert!(store.read().await.unwrap().kept_answer(&[9; 32]).await.unwrap().is_none());
    assert_eq!(write(store, async |tx| tx.forget_answers(at(1)).await).await.unwrap(), 0);
    assert_eq!(write(store, async |tx| tx.forget_answers(at(2)).await).await.unwrap(), 1);
    assert!(store.read().await.unwrap().kept_answer(&record.slot).await.unwrap().is_none());
}
