use protocol::ids::{HoldId, Sku};
use server_store::{
    Store,
    records::{InventoryRecord, StockHoldRecord},
};

use super::{at, catalogue, id, write};

fn hold(number: u128, quantity: u32) -> StockHoldRecord {
    StockHoldRecord {
        id: HoldId(id(number)),
        sku: "SKU-1".into(),
        location: "online".into(),
        quantity,
        owner: format!("session:{number}"),
        created_at: at(0),
        expires_at: at(300),
    }
}

fn count(location: &str, quantity: i64) -> InventoryRecord {
    InventoryRecord { sku: "SKU-1".into(), location: location.into(), quantity }
}

async fn stock_up(store: &dyn Store) {
    write(store, async |tx| {
        tx.put_product(&catalogue::product("SKU-1", "Runner")).await?;
        tx.put_product(&catalogue::product("SKU-2", "Derby")).await?;
        tx.put_inventory(&count("online", 5)).await?;
        tx.put_inventory(&count("store:S01", 2)).await
    })
    .await
    .unwrap();
}

async fn free(store: &dyn Store, sku: &str, seconds: i64) -> Vec<(String, i64)> {
    let counts = store.read().await.unwrap().free_stock(&Sku::from(sku), at(seconds)).await.unwrap();
    counts.into_iter().map(|count| (count.location, count.quantity)).collect()
}

fn counted(online: i64) -> Vec<(String, i64)> {
    vec![("online".into(), online), ("store:S01".into(), 2)]
}

pub async fn held_pieces_are_nobody_elses_until_they_are_released(store: &dyn Store) {
    stock_up(store).await;
    assert_eq!(write(store, async |tx| tx.hold_stock(&hold(1, 3)).await).await.unwrap(), Some(2));
    assert_eq!(write(store, async |tx| tx.hold_stock(&hold(2, 3)).await).await.unwrap(), None, "too few are free");
    assert_eq!(free(store, "SKU-1", 1).await, counted(2));
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.stock_hold(hold(1, 3).id).await.unwrap(), Some(hold(1, 3)));
    assert_eq!(tx.stock_hold(hold(2, 3).id).await.unwrap(), None);
    assert_eq!(tx.stock_holds_of("session:1").await.unwrap(), [hold(1, 3)]);
    assert_eq!(tx.stock_holds_of("session:2").await.unwrap(), []);
    assert_eq!(tx.product(&"SKU-1".into()).await.unwrap().unwrap().stock, 4);
    assert_eq!(tx.inventory(&"SKU-1".into()).await.unwrap()[0], count("online", 2));
    assert_eq!(tx.live_holds_of("session:1", at(299)).await.unwrap(), 1);
    assert_eq!(tx.live_holds_of("session:1", at(300)).await.unwrap(), 0);
    drop(tx);
    assert_eq!(write(store, async |tx| tx.release_stock(hold(1, 3).id).await).await.unwrap(), Some(5));
    assert_eq!(write(store, async |tx| tx.release_stock(hold(1, 3).id).await).await.unwrap(), None, "once");
    assert_eq!(free(store, "SKU-1", 1).await, counted(5));
}

pub async fn a_hold_whose_time_is_over_gives_its_pieces_back(store: &dyn Store) {
    stock_up(store).await;
    write(store, async |tx| tx.hold_stock(&hold(1, 5)).await).await.unwrap();
    assert_eq!(store.read().await.unwrap().next_stock_expiry().await.unwrap(), Some(at(300)));
    assert_eq!(free(store, "SKU-1", 299).await, counted(0));
    assert_eq!(free(store, "SKU-1", 300).await, counted(5), "without anybody tidying up");
    let late = StockHoldRecord { created_at: at(300), expires_at: at(600), ..hold(2, 4) };
    assert_eq!(write(store, async |tx| tx.hold_stock(&late).await).await.unwrap(), Some(1));
    assert_eq!(write(store, async |tx| tx.release_stock(hold(1, 5).id).await).await.unwrap(), None, "it is over");
    assert_eq!(write(store, async |tx| tx.end_overdue_holds(at(600)).await).await.unwrap(), 1);
    assert_eq!(write(store, async |tx| tx.end_overdue_holds(at(600)).await).await.unwrap(), 0);
    assert_eq!(free(store, "SKU-1", 600).await, counted(5));
    assert_eq!(store.read().await.unwrap().next_stock_expiry().await.unwrap(), None);
}

pub async fn sold_pieces_do_not_come_back(store: &dyn Store) {
    stock_up(store).await;
    let sku = Sku::from("SKU-1");
    assert_eq!(write(store, async |tx| tx.sell_stock(&sku, "online", 2, at(0)).await).await.unwrap(), Some(3));
    write(store, async |tx| tx.hold_stock(&hold(1, 2)).await).await.unwrap();
    assert_eq!(write(store, async |tx| tx.sell_stock(&sku, "online", 2, at(0)).await).await.unwrap(), None, "two are held");
    assert_eq!(write(store, async |tx| tx.sell_stock(&sku, "store:S09", 1, at(0)).await).await.unwrap(), None);
    assert!(write(store, async |tx| tx.sell_held(hold(1, 2).id).await).await.unwrap());
    assert!(!write(store, async |tx| tx.sell_held(hold(1, 2).id).await).await.unwrap());
    assert_eq!(free(store, "SKU-1", 1_000).await, counted(1));
}

pub async fn a_new_count_leaves_held_pieces_held(store: &dyn Store) {
    stock_up(store).await;
    write(store, async |tx| tx.hold_stock(&hold(1, 3)).await).await.unwrap();
    write(store, async |tx| tx.put_inventory(&count("online", 10)).await).await.unwrap();
    assert_eq!(free(store, "SKU-1", 1).await, counted(7));
    write(store, async |tx| tx.put_inventory(&count("online", 1)).await).await.unwrap();
    assert_eq!(free(store, "SKU-1", 1).await, counted(0), "never fewer than none");
    assert_eq!(write(store, async |tx| tx.release_stock(hold(1, 3).id).await).await.unwrap(), Some(1));
}

pub async fn what_no_location_counted_is_online(store: &dyn Store) {
    stock_up(store).await;
    let online = |quantity| vec![("online".to_owned(), quantity)];
    assert_eq!(free(store, "SKU-2", 0).await, online(7));
    let of_second = StockHoldRecord { sku: "SKU-2".into(), ..hold(1, 3) };
    assert_eq!(write(store, async |tx| tx.hold_stock(&of_second).await).await.unwrap(), Some(4));
    assert_eq!(free(store, "SKU-2", 0).await, online(4));
    assert_eq!(free(store, "SKU-404", 0).await, []);
    let (total, page) = store.read().await.unwrap().list_stock(at(0), 1, 1).await.unwrap();
    assert_eq!((total, page[0].0.0.as_str(), page[0].1[0].quantity), (2, "SKU-2", 4));
}

pub async fn the_last_piece_goes_to_one(store: &dyn Store) {
    stock_up(store).await;
    let take = async |number: u128| write(store, async |tx| tx.hold_stock(&hold(number, 5)).await).await.unwrap();
    let outcomes: [Option<i64>; 4] = tokio::join!(take(1), take(2), take(3), take(4)).into();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_some()).count(), 1, "{outcomes:?}");
}
