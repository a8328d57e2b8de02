//! The copy of the catalogue on a real encrypted file: what is found, what goes, what is begun anew.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::{fs, path::Path, time::Duration};

use kiosk_store::{Key, Shelf, ShelfProduct, ShelfSearch, SqlShelf};
use protocol::{
    Timestamp,
    catalogue::{CataloguePage, Product, ProductStock},
};
use tempfile::TempDir;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_millis(1_770_890_400_000).plus(Duration::from_secs(seconds))
}

fn key(byte: u8) -> Key {
    Key::from_bytes(&[byte; 32]).unwrap()
}

fn open(folder: &TempDir) -> SqlShelf {
    SqlShelf::new(folder.path(), &key(1))
}

fn product(sku: &str, name: &str) -> Product {
    Product {
        sku: sku.into(),
        name: name.into(),
        description: "Light and sturdy.".into(),
        price: 19.99,
        price_minor: 1_999,
        currency: "EUR".into(),
        rating: None,
        stock: 1,
        category: "Clothing".into(),
        subcategory: None,
        brand: None,
        gender: None,
        color: None,
        image_url: format!("/images/{sku}.svg"),
        attributes: [("sizes".to_owned(), "S|M|L".to_owned())].into(),
    }
}

fn page(revision: &str, complete: bool, products: Vec<Product>) -> CataloguePage {
    let stock = products.iter().map(|product| stock(&product.sku.0, Some(1), product.stock)).collect();
    CataloguePage { revision: revision.into(), complete, as_of: at(0), total: 3, products, removed: Vec::new(), stock }
}

fn stock(sku: &str, in_this_store: Option<i64>, everywhere: i64) -> ProductStock {
    ProductStock { sku: sku.into(), in_this_store, everywhere }
}

async fn filled(folder: &TempDir, products: Vec<Product>) -> SqlShelf {
    let shelf = open(folder);
    assert!(shelf.take(None, &page("r1", true, products)).await.unwrap());
    shelf
}

fn skus(products: &[ShelfProduct]) -> Vec<&str> {
    products.iter().map(|product| product.product.sku.0.as_str()).collect()
}

async fn found(shelf: &SqlShelf, text: &str) -> Vec<String> {
    let found = shelf.search(&ShelfSearch::typed(text, 10)).await.unwrap();
    skus(&found).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_first_copy_that_broke_off_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = open(&folder);
    assert_eq!(shelf.state().await.unwrap(), kiosk_store::ShelfState::default());
    shelf.take(None, &page("r1", false, vec![product("A", "One"), product("B", "Two")])).await.unwrap();
    shelf.close().await;

    let shelf = open(&folder);
    let state = shelf.state().await.unwrap();
    assert_eq!((state.revision.as_deref(), state.complete, state.copied, state.total), (Some("r1"), false, 2, 3));
    assert_eq!(state.as_of, None);
    assert!(!shelf.take(None, &page("r9", true, vec![])).await.unwrap(), "a page that was not asked after this one");
    assert!(shelf.take(Some("r1"), &page("r2", true, vec![product("C", "Three")])).await.unwrap());
    let state = shelf.state().await.unwrap();
    assert_eq!((state.revision.as_deref(), state.complete, state.products, state.as_of), (Some("r2"), true, 3, Some(at(0))));
    let found = shelf.products(&["C".into(), "X".into(), "A".into()]).await.unwrap();
    assert_eq!(skus(&found), ["C", "A"], "in the order asked for");
}

#[tokio::test]
async fn a_difference_changes_removes_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = filled(&folder, vec![product("A", "Court Shoe"), product("B", "Boot"), product("C", "Belt")]).await;
    let difference = CataloguePage {
        as_of: at(60),
        removed: vec!["B".into(), "never there".into()],
        stock: vec![stock("A", Some(1), 1), stock("C", Some(0), 5)],
        ..page("r2", true, vec![Product { price_minor: 2_999, ..product("A", "Harbour Shoe") }])
    };
    assert!(shelf.take(Some("r1"), &difference).await.unwrap());
    assert_eq!(shelf.product(&"B".into()).await.unwrap(), None);
    let shoe = shelf.product(&"A".into()).await.unwrap().unwrap();
    assert_eq!((shoe.product.name.as_str(), shoe.product.price_minor, shoe.in_this_store), ("Harbour Shoe", 2_999, Some(1)));
    let belt = shelf.product(&"C".into()).await.unwrap().unwrap();
    assert_eq!((belt.in_this_store, belt.product.stock, belt.as_of), (Some(0), 5, at(60)));
    assert_eq!(found(&shelf, "boot").await, [""; 0]);
    assert_eq!(found(&shelf, "court").await, [""; 0]);
    assert_eq!(found(&shelf, "harbour").await, ["A"]);
}

#[tokio::test]
async fn what_no_difference_names_is_as_old_as_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = filled(&folder, vec![product("A", "One"), product("B", "Two")]).await;
    let age = async |sku: &str| shelf.product(&sku.into()).await.unwrap().unwrap().as_of;
    let first = CataloguePage { as_of: at(50), ..page("r2", false, vec![product("A", "One")]) };
    shelf.take(Some("r1"), &first).await.unwrap();
    assert_eq!((age("A").await, age("B").await), (at(50), at(0)), "there may be more to come about the other");
    shelf.take(Some("r2"), &CataloguePage { as_of: at(60), ..page("r3", true, vec![]) }).await.unwrap();
    assert_eq!((age("A").await, age("B").await), (at(60), at(60)));
    shelf.still_true(at(100)).await.unwrap();
    shelf.still_true(at(90)).await.unwrap();
    assert_eq!(age("B").await, at(100));
    assert_eq!(shelf.state().await.unwrap().as_of, Some(at(100)));
}

#[tokio::test]
async fn that_all_is_still_as_it_was_is_written_when_the_file_is_closed_and_not_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = filled(&folder, vec![product("A", "One")]).await;
    let bytes = || {
        let mut files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    shelf.state().await.unwrap();
    let before = bytes();
    for seconds in 1..=100 {
        shelf.still_true(at(seconds)).await.unwrap();
    }
    assert_eq!(shelf.state().await.unwrap().as_of, Some(at(100)));
    assert!(before == bytes(), "nothing is written");
    shelf.close().await;
    assert_eq!(open(&folder).state().await.unwrap().as_of, Some(at(100)));
}

#[tokio::test]
async fn a_new_copy_takes_nothing_away_before_it_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = filled(&folder, vec![product("A", "One"), product("B", "Two"), product("C", "Three")]).await;
    shelf.start_over().await.unwrap();
    let state = shelf.state().await.unwrap();
    assert_eq!((state.revision, state.complete, state.products, state.copied), (None, false, 3, 0));
    shelf.take(None, &page("s1", false, vec![product("A", "One")])).await.unwrap();
    assert_eq!(found(&shelf, "two").await, ["B"]);
    shelf.take(Some("s1"), &page("s2", true, vec![product("C", "Three")])).await.unwrap();
    assert_eq!(found(&shelf, "two").await, [""; 0]);
    assert_eq!(shelf.product(&"B".into()).await.unwrap(), None);
    assert_eq!(shelf.state().await.unwrap().products, 2);
}

#[tokio::test]
async fn words_are_found_in_their_own_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let in_words = |sku: &str, name: &str| product(sku, name);
    let shelf = filled(
        &folder,
        vec![
            in_words("en", "Crème Brûlée T-Shirt"),
            in_words("es", "Camisón de algodón para niña"),
            in_words("hi", "नीला सूती कुर्ता"),
            in_words("ar", "قميص قطني أزرق"),
        ],
    )
    .await;
    for (text, sku) in [
        ("creme brulee", "en"),
        ("CRÈME", "en"),
        ("t-shirt", "en"),
        ("shir", "en"),
        ("camison nin", "es"),
        ("ALGODÓN", "es"),
        ("कुर्ता", "hi"),
        ("कुर्", "hi"),
        ("सूती नीला", "hi"),
        ("قميص", "ar"),
        ("قطن", "ar"),
    ] {
        assert_eq!(found(&shelf, text).await, [sku], "{text}");
    }
    assert_eq!(found(&shelf, "कुता").await, [""; 0], "a word is more than its consonants");
    for text in ["\"", "' OR 1=1 --", "NEAR(", "*", "name:", "^", "{", "\u{0}", "-", "AND", "camison AND"] {
        found(&shelf, text).await;
    }
    assert_eq!(found(&shelf, "- *").await, [""; 0], "no letter, no product");
}

#[tokio::test]
async fn the_best_and_what_is_in_stock_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = filled(
        &folder,
        vec![
            Product { description: "Goes with a linen shirt.".into(), ..product("tie", "Tie") },
            product("shirt", "Linen Shirt"),
            Product { stock: 0, ..product("gone", "Linen Shirt") },
        ],
    )
    .await;
    assert_eq!(found(&shelf, "linen shirt").await, ["shirt", "tie", "gone"]);
    assert_eq!(found(&shelf, "SHIRT").await[0], "shirt", "a SKU is a word, too");
}

#[tokio::test]
async fn a_whole_sku_comes_before_all_that_begin_so() {
    let folder = tempfile::tempdir().unwrap();
    let longer = (0..600).map(|number| Product { rating: Some(5.0), ..product(&format!("K-10{number}"), "Sock") });
    let short = Product { stock: 0, ..product("K-10", "Scarf") };
    let shelf = filled(&folder, longer.chain([short]).collect()).await;
    for text in ["K-10", "k-10"] {
        let found = found(&shelf, text).await;
        assert_eq!((found[0].as_str(), found.len()), ("K-10", 10), "{text}");
    }
    let dear = ShelfSearch { min_price_minor: Some(5_000), ..ShelfSearch::typed("K-10", 10) };
    assert_eq!(shelf.search(&dear).await.unwrap(), [], "filters hold for it, too");
}

#[tokio::test]
async fn filters_narrow_a_search_with_and_without_words() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = filled(
        &folder,
        vec![
            Product { color: Some("Bottle Green".into()), gender: Some("Men".into()), ..product("A", "Shirt") },
            Product { price_minor: 9_999, subcategory: Some("Formal".into()), ..product("B", "Shirt") },
            Product {
                attributes: [("sizes".to_owned(), "XL".to_owned())].into(),
                category: "Outerwear".into(),
                ..product("C", "Coat")
            },
        ],
    )
    .await;
    let search = async |search: ShelfSearch| {
        let found = shelf.search(&ShelfSearch { limit: 10, ..search }).await.unwrap();
        let mut skus: Vec<_> = skus(&found).into_iter().map(str::to_owned).collect();
        skus.sort();
        skus
    };
    let all = ShelfSearch::default;
    let shirts = || ShelfSearch::typed("shirt", 10);
    let list = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    assert_eq!(search(all()).await, ["A", "B", "C"]);
    assert_eq!(search(ShelfSearch { limit: 10, ..shirts() }).await, ["A", "B"]);
    assert_eq!(search(ShelfSearch { min_price_minor: Some(5_000), ..shirts() }).await, ["B"]);
    assert_eq!(search(ShelfSearch { max_price_minor: Some(5_000), ..all() }).await, ["A", "C"]);
    assert_eq!(search(ShelfSearch { colors: list(&["green", "red"]), ..all() }).await, ["A"]);
    assert_eq!(search(ShelfSearch { genders: list(&["MEN"]), ..shirts() }).await, ["A"]);
    assert_eq!(search(ShelfSearch { categories: list(&["formal", "outerwear"]), ..all() }).await, ["B", "C"]);
    assert_eq!(search(ShelfSearch { sizes: list(&["xl"]), ..all() }).await, ["C"]);
    assert_eq!(search(ShelfSearch { sizes: list(&["l"]), ..all() }).await, ["A", "B"], "XL is not L");
    let either = ShelfSearch { words: vec![list(&["coat", "parka"])], ..all() };
    assert_eq!(search(either).await, ["C"]);
}

#[tokio::test]
async fn a_word_that_thousands_have_is_answered_by_names_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut many: Vec<Product> = (0..2_500)
        .map(|number| Product { description: "Made of cotton.".into(), ..product(&format!("S{number}"), "Sock") })
        .collect();
    many.push(product("named", "Cotton Scarf"));
    let shelf = filled(&folder, many).await;
    let found = found(&shelf, "cotton").await;
    assert_eq!((found[0].as_str(), found.len()), ("named", 10));
}

#[tokio::test]
async fn a_damaged_file_or_another_key_begins_a_new_copy() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = filled(&folder, vec![product("A", "One")]).await;
    shelf.close().await;
    let other = SqlShelf::new(folder.path(), &key(2));
    assert_eq!(other.state().await.unwrap().revision, None, "another key reads nothing");
    other.lost().await;
    other.take(None, &page("r1", true, vec![product("A", "One")])).await.unwrap();
    other.close().await;

    damage(folder.path());
    let shelf = SqlShelf::new(folder.path(), &key(2));
    assert_eq!(shelf.product(&"A".into()).await.unwrap(), None);
    assert!(!shelf.take(Some("r1"), &page("r2", true, vec![])).await.unwrap(), "a difference to what is gone");
    assert!(shelf.take(None, &page("r1", true, vec![product("A", "One")])).await.unwrap());
    assert_eq!(found(&shelf, "one").await, ["A"]);
}

#[tokio::test]
async fn damage_that_comes_while_it_is_open_is_mended_by_whoever_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let many: Vec<Product> = (0..500).map(|number| product(&format!("S{number}"), "Sock")).collect();
    let shelf = filled(&folder, many).await;
    shelf.close().await;
    let shelf = open(&folder);
    assert!(shelf.state().await.unwrap().complete);
    // Everything but the pages that were read already.
    let file = folder.path().join("catalogue.db");
    let mut bytes = fs::read(&file).unwrap();
    let from = bytes.len() / 4;
    bytes[from..].fill(0);
    fs::write(&file, bytes).unwrap();
    shelf.forget_questions().await;
    assert_eq!(found(&shelf, "sock").await, [""; 0]);
    tokio::time::timeout(Duration::from_secs(10), shelf.lost()).await.unwrap();
    assert_eq!(shelf.state().await.unwrap().revision, None);
    assert!(shelf.take(None, &page("r1", true, vec![product("A", "One")])).await.unwrap());
}

/// Overwrites the whole file.
fn damage(folder: &Path) {
    let file = folder.join("catalogue.db");
    let length = usize::try_from(fs::metadata(&file).unwrap().len()).unwrap();
    fs::write(&file, vec![7; length]).unwrap();
}

#[tokio::test]
async fn nothing_of_it_is_readable_and_nothing_is_written_while_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = filled(&folder, vec![product("A", "Saffron Kurta Extraordinary")]).await;
    shelf.still_true(at(0)).await.unwrap();
    let written = || -> Vec<Vec<u8>> {
        let mut files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        files.iter().filter(|file| !file.ends_with("catalogue.db-shm")).map(|file| fs::read(file).unwrap()).collect()
    };
    let before = written();
    let text = b"Saffron";
    assert!(before.iter().all(|bytes| !bytes.windows(text.len()).any(|window| window == text)));
    assert_eq!(found(&shelf, "saffron").await, ["A"]);
    shelf.state().await.unwrap();
    shelf.still_true(at(0)).await.unwrap();
    assert!(before == written());
}

#[tokio::test]
async fn pictures_are_listed_in_an_order_that_grows_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let blank = Product { image_url: String::new(), ..product("B", "Two") };
    let shelf = filled(&folder, vec![product("A", "One"), blank, product("C", "Three")]).await;
    let all = shelf.pictures(0, 10).await.unwrap();
    assert_eq!(all.iter().map(|(_, path)| path.as_str()).collect::<Vec<_>>(), ["/images/A.svg", "/images/C.svg"]);
    let first = shelf.pictures(0, 1).await.unwrap();
    assert_eq!(shelf.pictures(first[0].0, 10).await.unwrap(), all[1..]);
    shelf.take(Some("r1"), &page("r2", true, vec![product("A", "One more"), product("D", "Four")])).await.unwrap();
    let last = all[1].0;
    assert_eq!(shelf.pictures(last, 10).await.unwrap().len(), 1, "only what is new");
}
