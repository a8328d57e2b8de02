use protocol::{
    ids::Sku,
    shop::{Locale, Shop, Theme},
};
use server_store::{
    Store,
    records::{CatalogueChange, CataloguePlace, ChangedProduct, CountedStock, InventoryRecord, StockHoldRecord},
};

use super::{at, catalogue::product, id, write};

const HERE: &str = "store:S01";

async fn place(store: &dyn Store) -> CataloguePlace {
    store.read().await.unwrap().catalogue_place().await.unwrap()
}

async fn changes(store: &dyn Store, after: i64) -> Vec<CatalogueChange> {
    store.read().await.unwrap().catalogue_changes(after, after, HERE, 100).await.unwrap()
}

/// The changes after `after`, in a word each.
async fn told(store: &dyn Store, after: i64) -> Vec<String> {
    let word = |change: CatalogueChange| match change.now {
        ChangedProduct::Gone => format!("{} is gone", change.sku),
        ChangedProduct::Counted(stock) => format!("{} is counted {:?} of {}", change.sku, stock.here, stock.everywhere),
        ChangedProduct::Changed(product, stock) => {
            format!("{} is {}, {:?} of {}", change.sku, product.name, stock.here, stock.everywhere)
        }
    };
    changes(store, after).await.into_iter().map(word).collect()
}

fn count(sku: &str, location: &str, quantity: i64) -> InventoryRecord {
    InventoryRecord { sku: sku.into(), location: location.into(), quantity }
}

async fn keep(store: &dyn Store, sku: &str, name: &str) {
    write(store, async |tx| tx.put_product(&product(sku, name)).await).await.unwrap();
}

async fn keep_count(store: &dyn Store, sku: &str, location: &str, quantity: i64) {
    write(store, async |tx| tx.put_inventory(&count(sku, location, quantity)).await).await.unwrap();
}

pub async fn products_come_once_each_in_the_order_of_their_newest_changes(store: &dyn Store) {
    let empty = place(store).await;
    assert_eq!((empty.newest, empty.forgotten, empty.products), (0, 0, 0));
    for (sku, name) in [("SKU-1", "One"), ("SKU-2", "Two"), ("SKU-3", "Three"), ("SKU-1", "One more")] {
        keep(store, sku, name).await;
    }
    let all = ["SKU-2 is Two, None of 7", "SKU-3 is Three, None of 7", "SKU-1 is One more, None of 7"];
    assert_eq!(told(store, 0).await, all);
    let first = store.read().await.unwrap().catalogue_changes(0, 0, HERE, 2).await.unwrap();
    assert_eq!(first.len(), 2, "a page is as long as was asked for");
    assert_eq!(told(store, first[1].number).await, all[2..], "and the next one goes on after it");
    let now = place(store).await;
    assert_eq!((now.products, changes(store, now.newest).await), (3, Vec::new()));
    assert_eq!((now.epoch, changes(store, now.newest - 1).await.len()), (empty.epoch, 1));
}

pub async fn a_change_of_the_stock_alone_is_told_without_the_product(store: &dyn Store) {
    keep(store, "SKU-1", "One").await;
    keep(store, "SKU-2", "Two").await;
    let before = place(store).await.newest;
    keep_count(store, "SKU-1", "online", 8).await;
    assert_eq!(told(store, before).await, ["SKU-1 is counted Some(0) of 8"], "whoever counted elsewhere found none here");
    keep_count(store, "SKU-1", HERE, 4).await;
    keep_count(store, "SKU-1", "store:S02", 3).await;
    assert_eq!(told(store, before).await, ["SKU-1 is counted Some(4) of 15"]);

    let before = place(store).await.newest;
    let hold = StockHoldRecord {
        id: protocol::ids::HoldId(id(7)),
        sku: "SKU-1".into(),
        location: HERE.into(),
        quantity: 3,
        owner: "somebody".into(),
        created_at: at(0),
        expires_at: at(60),
    };
    assert_eq!(write(store, async |tx| tx.hold_stock(&hold).await).await.unwrap(), Some(1));
    assert_eq!(told(store, before).await, ["SKU-1 is counted Some(1) of 12"]);
    write(store, async |tx| tx.end_overdue_holds(at(60)).await).await.unwrap();
    assert_eq!(told(store, before).await, ["SKU-1 is counted Some(4) of 15"]);
    write(store, async |tx| tx.sell_stock(&"SKU-1".into(), "online", 8, at(60)).await).await.unwrap();
    assert_eq!(told(store, before).await, ["SKU-1 is counted Some(4) of 7"]);
    assert_eq!(
        changes(store, 0).await.pop().map(|change| change.now),
        Some(ChangedProduct::Changed(
            Box::new(server_store::records::ProductRecord { stock: 7, ..product("SKU-1", "One") }),
            CountedStock { here: Some(4), everywhere: 7 }
        )),
        "whoever has not got the product yet gets all of it"
    );
    let before = place(store).await.newest;
    let listed = server_store::records::ProductRecord { listed_stock: 9, ..product("SKU-2", "Two") };
    write(store, async |tx| tx.put_product(&listed).await).await.unwrap();
    assert_eq!(told(store, before).await, ["SKU-2 is counted None of 9"]);
}

pub async fn a_product_whose_stock_changed_after_it_is_still_told_whole(store: &dyn Store) {
    keep(store, "SKU-1", "One").await;
    keep(store, "SKU-2", "Two").await;
    let whole = place(store).await.newest;
    keep(store, "SKU-1", "One more").await;
    keep(store, "SKU-2", "Two more").await;
    let after = place(store).await.newest;
    keep_count(store, "SKU-1", HERE, 4).await;
    // Whoever read a page up to here meanwhile did not find it there.
    let page = store.read().await.unwrap().catalogue_changes(after, whole, HERE, 9).await.unwrap();
    assert!(
        matches!(&page[..], [CatalogueChange { now: ChangedProduct::Changed(product, _), .. }] if product.name == "One more")
    );
}

pub async fn what_is_written_as_it_was_is_no_change(store: &dyn Store) {
    keep(store, "SKU-1", "One").await;
    keep_count(store, "SKU-1", HERE, 4).await;
    let before = place(store).await;
    keep(store, "SKU-1", "One").await;
    keep_count(store, "SKU-1", HERE, 4).await;
    keep_count(store, "SKU-404", HERE, 4).await;
    assert_eq!(place(store).await, before);
}

pub async fn another_currency_begins_the_catalogue_anew(store: &dyn Store) {
    let mut shop = Shop {
        name: "Example".into(),
        country: "US".into(),
        currency: "USD".into(),
        time_zone: "America/Chicago".into(),
        languages: vec![Locale::En],
        theme: Theme::default(),
        featured: Vec::new(),
    };
    let put = async |shop: &Shop| write(store, async |tx| tx.put_shop(shop).await).await.unwrap();
    put(&shop).await;
    let first = place(store).await.epoch;
    assert!(!first.is_empty() && first.chars().all(|letter| letter.is_ascii_alphanumeric()), "{first}");
    shop.name = "Example & Co".into();
    put(&shop).await;
    assert_eq!(place(store).await.epoch, first);
    shop.currency = "EUR".into();
    put(&shop).await;
    assert_ne!(place(store).await.epoch, first);
}

/// `remove` deletes a product past the store, as no part of the program does.
pub async fn a_product_that_is_gone_is_told_until_it_is_forgotten(store: &dyn Store, remove: impl AsyncFn(Sku)) {
    for sku in ["SKU-1", "SKU-2", "SKU-3"] {
        keep(store, sku, "Any").await;
        keep_count(store, sku, HERE, 4).await;
    }
    let before = place(store).await.newest;
    remove("SKU-2".into()).await;
    keep_count(store, "SKU-2", HERE, 5).await;
    assert_eq!(told(store, before).await, ["SKU-2 is gone"]);
    let gone = place(store).await;
    assert_eq!((gone.products, gone.forgotten), (2, 0));

    let sweep = async |now, before| write(store, async |tx| tx.forget_gone_products(at(now), at(before)).await).await.unwrap();
    assert_eq!(sweep(1_000, 900).await, 0);
    assert_eq!(sweep(1_500, 1_000).await, 0, "it was noticed to be gone at 1000");
    assert_eq!(sweep(2_000, 1_001).await, 1);
    assert_eq!((told(store, before).await, place(store).await.forgotten), (Vec::new(), gone.newest));
    assert_eq!(place(store).await.newest, gone.newest, "a number is never given twice");

    keep(store, "SKU-2", "Back").await;
    assert_eq!(told(store, gone.newest).await, ["SKU-2 is Back, Some(5) of 5"]);
    remove("SKU-2".into()).await;
    sweep(3_000, 2_000).await;
    keep(store, "SKU-2", "Back again").await;
    assert_eq!(sweep(9_000, 8_000).await, 0, "what is back is not gone");
    assert_eq!(told(store, gone.newest).await, ["SKU-2 is Back again, Some(5) of 5"]);
}
