use server_store::Store;

use super::{at, id, write};

pub async fn what_was_spent_adds_up_by_person_and_day(store: &dyn Store) {
    write(store, async |tx| {
        tx.spend(id(1), 20_000, 300, at(0)).await?;
        tx.spend(id(1), 20_000, 50, at(1)).await?;
        tx.spend(id(1), 20_001, 7, at(9)).await?;
        tx.spend(id(2), 20_000, 9, at(1)).await
    })
    .await
    .unwrap();
    let spent = async |who: u128, day: i64| store.read().await.unwrap().spent(id(who), day).await.unwrap();
    assert_eq!((spent(1, 20_000).await, spent(1, 20_001).await, spent(2, 20_000).await, spent(3, 20_000).await), (350, 7, 9, 0));
    assert_eq!(write(store, async |tx| tx.forget_spending(at(9)).await).await.unwrap(), 2);
    assert_eq!((spent(1, 20_000).await, spent(1, 20_001).await), (0, 7));
}
