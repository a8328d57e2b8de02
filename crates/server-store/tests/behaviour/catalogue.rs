use protocol::{
    ids::Sku,
    shop::{Locale, Shop, Store as ShopStore, Theme},
};
use server_store::{
    Store,
    records::{InventoryRecord, ProductFilter, ProductRecord, ProductSearch},
};

use super::write;

pub fn product(sku: &str, name: &str) -> ProductRecord {
    ProductRecord {
        sku: sku.into(),
        name: name.into(),
        description: "Light and sturdy.".into(),
        price_minor: 199_900,
        rating: Some(4.4),
        listed_stock: 7,
        stock: 7,
        category: "Footwear".into(),
        subcategory: Some("Sneakers".into()),
        brand: Some("Samplewear".into()),
        gender: Some("Unisex".into()),
        color: Some("White".into()),
        image_url: format!("/images/{sku}.svg"),
        attributes: [("tags".to_owned(), "casual|walking".to_owned())].into(),
    }
}

async fn keep(store: &dyn Store, products: &[ProductRecord]) {
    write(store, async |tx| {
        for product in products {
            tx.put_product(product).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

async fn found(store: &dyn Store, search: ProductSearch) -> Vec<String> {
    let products = store.read().await.unwrap().search_products(&search).await.unwrap();
    products.into_iter().map(|product| product.sku.0).collect()
}

fn words(groups: &[&[&str]]) -> ProductSearch {
    let words = groups.iter().map(|group| group.iter().map(|&word| word.to_owned()).collect()).collect();
    ProductSearch { words, limit: 10, ..ProductSearch::default() }
}

pub async fn a_shop_and_its_stores_are_replaced_whole(store: &dyn Store) {
    assert_eq!(store.read().await.unwrap().shop().await.unwrap(), None);
    let mut shop = Shop {
        name: "Example".into(),
        country: "US".into(),
        currency: "USD".into(),
        time_zone: "America/Chicago".into(),
        languages: vec![Locale::En, Locale::Hi],
        theme: Theme::default(),
        featured: vec!["SKU-1".into()],
    };
    let mut place = ShopStore {
        store_id: "S02".into(),
        name: "Harbour".into(),
        city: "Springfield".into(),
        address: "1 Sample Street".into(),
        opening_hours: "10:00-21:00".into(),
    };
    for name in ["Example", "Example & Co"] {
        shop.name = name.into();
        place.name = name.into();
        write(store, async |tx| {
            tx.put_shop(&shop).await?;
            tx.put_store(&place).await
        })
        .await
        .unwrap();
    }
    write(store, async |tx| tx.put_store(&ShopStore { store_id: "S01".into(), ..place.clone() }).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.shop().await.unwrap(), Some(shop));
    assert_eq!(tx.store(&"S02".into()).await.unwrap(), Some(place));
    let ids: Vec<String> = tx.stores().await.unwrap().into_iter().map(|store| store.store_id.0).collect();
    assert_eq!(ids, ["S01", "S02"]);
}

pub async fn stock_is_the_sum_of_all_locations(store: &dyn Store) {
    keep(store, &[product("SKU-1", "Court Low")]).await;
    let sku = Sku::from("SKU-1");
    assert_eq!(store.read().await.unwrap().product(&sku).await.unwrap().unwrap(), product("SKU-1", "Court Low"));
    let count = |location: &str, quantity| InventoryRecord { sku: sku.clone(), location: location.into(), quantity };
    write(store, async |tx| {
        tx.put_inventory(&count("online", 8)).await?;
        tx.put_inventory(&count("store:S01", 9)).await?;
        tx.put_inventory(&count("store:S01", 4)).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.product(&sku).await.unwrap().unwrap().stock, 12);
    assert_eq!(tx.inventory(&sku).await.unwrap(), [count("online", 8), count("store:S01", 4)]);
}

pub async fn products_come_in_the_order_asked_for(store: &dyn Store) {
    keep(store, &[product("SKU-1", "One"), product("SKU-2", "Two"), product("SKU-3", "Three")]).await;
    let mut tx = store.read().await.unwrap();
    let asked: Vec<Sku> = ["SKU-3", "SKU-404", "SKU-1"].into_iter().map(Sku::from).collect();
    let names: Vec<String> = tx.products(&asked).await.unwrap().into_iter().map(|product| product.name).collect();
    assert_eq!(names, ["Three", "One"]);
    assert!(tx.products(&[]).await.unwrap().is_empty());
}

pub async fn a_list_is_filtered_and_paged(store: &dyn Store) {
    let mut dear = product("SKU-2", "Two");
    dear.price_minor = 900_000;
    dear.rating = None;
    dear.gender = Some("Women".into());
    keep(store, &[product("SKU-1", "One"), dear, product("SKU-3", "Three")]).await;
    let list = async |filter: ProductFilter, limit, offset| {
        let (total, page) = store.read().await.unwrap().list_products(&filter, limit, offset).await.unwrap();
        (total, page.into_iter().map(|product| product.sku.0).collect::<Vec<_>>())
    };
    assert_eq!(list(ProductFilter::default(), 2, 1).await, (3, vec!["SKU-2".to_owned(), "SKU-3".to_owned()]));
    let women = ProductFilter { gender: Some("WOMEN".into()), ..ProductFilter::default() };
    assert_eq!(list(women, 9, 0).await.0, 1);
    let cheap = ProductFilter { max_price_minor: Some(199_900), min_rating: Some(4.4), ..ProductFilter::default() };
    assert_eq!(list(cheap, 9, 0).await.0, 2);
    let dear = ProductFilter { min_price_minor: Some(199_901), category: Some("footwear".into()), ..ProductFilter::default() };
    assert_eq!(list(dear, 9, 0).await.0, 1);
}

pub async fn a_search_finds_by_the_beginnings_of_words(store: &dyn Store) {
    let mut boot = product("SKU-2", "Ridge Boot");
    boot.subcategory = Some("Boots".into());
    boot.color = Some("Bottle Green".into());
    boot.price_minor = 549_000;
    boot.gender = Some("Men".into());
    let mut gone = product("SKU-3", "Court High");
    gone.listed_stock = 0;
    gone.rating = Some(5.0);
    keep(store, &[gone, product("SKU-1", "Court Low"), boot]).await;
    assert_eq!(found(store, words(&[&["SNEAK"]])).await, ["SKU-1", "SKU-3"], "what is in stock comes first");
    assert_eq!(found(store, words(&[&["sneaker", "boot"], &["ridge"]])).await, ["SKU-2"], "every group must be met");
    assert_eq!(found(store, words(&[&["walk"]])).await.len(), 3, "other columns count");
    assert!(found(store, words(&[&["umbrella"]])).await.is_empty());
    let green = ProductSearch { colors: vec!["green".into()], limit: 10, ..ProductSearch::default() };
    assert_eq!(found(store, green).await, ["SKU-2"]);
    let priced = ProductSearch { min_price_minor: Some(200_000), max_price_minor: Some(549_000), ..words(&[]) };
    assert_eq!(found(store, priced).await, ["SKU-2"]);
    let for_men = ProductSearch { genders: vec!["MEN".into()], ..words(&[&["boot", "sneaker"]]) };
    assert_eq!(found(store, for_men).await, ["SKU-2"]);
    assert_eq!(found(store, ProductSearch { limit: 1, ..words(&[]) }).await.len(), 1);
}

pub async fn a_search_with_strange_letters_is_harmless(store: &dyn Store) {
    let mut shirt = product("SKU-1", "Garden Tee");
    shirt.subcategory = Some("T-Shirts".into());
    keep(store, &[shirt]).await;
    assert_eq!(found(store, words(&[&["t-shirt"]])).await, ["SKU-1"]);
    for word in ["\"", "' OR 1=1 --", "NEAR(", "*", "name:", "^", "{", "\u{0}"] {
        found(store, words(&[&[word]])).await;
        let colored = ProductSearch { colors: vec![word.into()], limit: 10, ..ProductSearch::default() };
        found(store, colored).await;
    }
}

pub async fn a_renamed_product_is_found_by_its_new_name_only(store: &dyn Store) {
    keep(store, &[product("SKU-1", "Court Low"), product("SKU-1", "Harbour Low")]).await;
    assert!(found(store, words(&[&["court"]])).await.is_empty());
    assert_eq!(found(store, words(&[&["harbour"]])).await, ["SKU-1"]);
}
