//! Staff look up products, with and without the server.

use kiosk_store::Shelf as _;
use protocol::{
    Timestamp,
    catalogue::{CataloguePage, Product, ProductStock},
    intent::Intent,
    look_up::{FoundProduct, LookUp, LookUpAnswer},
    view::{Overlay, View},
};

use crate::{table::Table, type_pin};

fn product(sku: &str, name: &str) -> Product {
    Product {
        sku: sku.into(),
        name: name.into(),
        description: String::new(),
        price: 24.99,
        price_minor: 2_499,
        currency: "EUR".into(),
        rating: None,
        stock: 5,
        category: "Clothing".into(),
        subcategory: None,
        brand: None,
        gender: None,
        color: Some("Saffron".into()),
        image_url: format!("/images/{sku}.svg"),
        attributes: [("sizes".to_owned(), "S|M".to_owned()), ("color_hex".to_owned(), "#f4c430".to_owned())].into(),
    }
}

fn as_of() -> Timestamp {
    Timestamp::from_unix_millis(1_770_890_400_000)
}

async fn copy(table: &Table) {
    let page = CataloguePage {
        revision: "1".into(),
        complete: true,
        as_of: as_of(),
        total: 2,
        products: vec![product("SKU-1", "Anarkali Kurta"), product("SKU-2", "Linen Shirt")],
        removed: Vec::new(),
        stock: vec![ProductStock { sku: "SKU-1".into(), in_this_store: Some(2), everywhere: 5 }],
    };
    // The kiosk has begun to copy what its server has, which is nothing.
    let revision = table.shelf.state().await.unwrap().revision;
    assert!(table.shelf.take(revision.as_deref(), &page).await.unwrap());
}

fn look_up(view: &View) -> Option<&LookUp> {
    match &view.overlay {
        Some(Overlay::StaffDesk { look_up, .. }) => look_up.as_ref(),
        _ => None,
    }
}

fn type_text(table: &Table, text: &str) {
    table.intend(Intent::LookUp { text: text.into() });
}

/// What is shown once the answer to this text is there.
async fn found(table: &mut Table, text: &str) -> LookUpAnswer {
    type_text(table, text);
    let answered = |view: &View| look_up(view).is_some_and(|shown| shown.text == text && shown.answer.is_some());
    let view = table.until(answered).await;
    look_up(&view).unwrap().answer.clone().unwrap()
}

async fn names(table: &mut Table, text: &str) -> Vec<String> {
    // What an older text found would stay on the screen until the answer comes.
    table.intend(Intent::LeaveLookUp);
    table.until(|view| look_up(view).is_none()).await;
    match found(table, text).await {
        LookUpAnswer::Found { products, .. } => products.into_iter().map(|product| product.name).collect(),
        other => panic!("{other:?}"),
    }
}

async fn come_in(table: &mut Table) {
    table.intend(Intent::OpenStaff);
    type_pin(table, "2580");
    table.until(|view| matches!(view.overlay, Some(Overlay::StaffDesk { .. }))).await;
}

#[tokio::test(start_paused = true)]
async fn staff_find_products_by_word_and_number_without_the_server() {
    let mut table = Table::start();
    table.attract().await;
    copy(&table).await;
    table.server.go_offline();
    table.until(|view| !view.frame.online).await;
    come_in(&mut table).await;

    let LookUpAnswer::Found { products, more: false, complete: true } = found(&mut table, "kurt").await else {
        panic!("nothing is found");
    };
    let kurta = FoundProduct {
        sku: "SKU-1".into(),
        name: "Anarkali Kurta".into(),
        image: "/images/SKU-1.svg".into(),
        price_minor: 2_499,
        currency: "EUR".into(),
        color: Some("Saffron".into()),
        color_hex: Some("#f4c430".into()),
        sizes: vec!["S".into(), "M".into()],
        in_this_store: Some(2),
        everywhere: 5,
        as_of: products[0].as_of,
    };
    assert!(kurta.as_of >= as_of());
    assert_eq!(products, [kurta]);
    assert_eq!(names(&mut table, "sku-2").await, ["Linen Shirt"]);
    assert_eq!(names(&mut table, "zeppelin").await, [""; 0]);
    assert_eq!(names(&mut table, "").await, [""; 0], "nothing is looked for yet");
}

#[tokio::test(start_paused = true)]
async fn of_many_texts_the_last_one_is_answered() {
    let mut table = Table::start();
    table.attract().await;
    copy(&table).await;
    come_in(&mut table).await;
    for text in ["l", "li", "lin", "k", "ku"] {
        type_text(&table, text);
    }
    let last = |view: &View| look_up(view).is_some_and(|shown| shown.text == "ku" && shown.answer.is_some());
    table.until(last).await;
    assert_eq!(names(&mut table, "ku").await, ["Anarkali Kurta"]);
}

#[tokio::test(start_paused = true)]
async fn a_kiosk_without_a_copy_says_so_once_staff_begin() {
    let mut table = Table::start();
    table.attract().await;
    type_text(&table, "kurta");
    come_in(&mut table).await;
    assert_eq!(look_up(&table.views.borrow()), None, "nobody looks anything up before the PIN");
    assert_eq!(found(&mut table, "").await, LookUpAnswer::NotCopied);
}

#[tokio::test(start_paused = true)]
async fn what_was_looked_up_is_gone_with_whoever_did() {
    let mut table = Table::start();
    table.attract().await;
    copy(&table).await;
    come_in(&mut table).await;
    assert_eq!(names(&mut table, "kurta").await, ["Anarkali Kurta"]);
    table.intend(Intent::LeaveLookUp);
    table.until(|view| matches!(view.overlay, Some(Overlay::StaffDesk { look_up: None, .. }))).await;

    assert_eq!(names(&mut table, "kurta").await, ["Anarkali Kurta"]);
    table.until(|view| view.overlay.is_none()).await;
    come_in(&mut table).await;
    assert_eq!(look_up(&table.views.borrow()), None, "the screen closed by itself");

    let writes = table.store.writes();
    names(&mut table, "shirt").await;
    assert_eq!(table.store.writes(), writes, "nothing of it is written");
}
