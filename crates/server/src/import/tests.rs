use std::{fmt::Write as _, fs, path::PathBuf, sync::Arc};

use protocol::{
    ambient::{SystemClock, SystemEntropy},
    ids::{CustomerId, Sku},
    session::{Channel, Sender},
};
use server_store::records::{ProductFilter, SessionStatus};

use super::*;
use crate::{Config, session::operations};

struct Place {
    state: AppState,
    folder: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::at(folder.path().join("data"));
        let state = AppState::open_with(config, Arc::new(SystemClock::new()), Arc::new(SystemEntropy)).await.unwrap();
        Self { state, folder }
    }

    async fn import(&self, dir: &Path) -> Report {
        import(&self.state, dir, None, &ProgressBar::hidden()).await.unwrap()
    }

    /// Imports a folder with these files.
    async fn import_files(&self, files: &[(&str, &str)]) -> Report {
        let dir = tempfile::tempdir_in(self.folder.path()).unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        self.import(dir.path()).await
    }

    async fn draw(&self, list: &Path) -> anyhow::Result<Report> {
        import(&self.state, &demo_shop(), Some(list), &ProgressBar::hidden()).await
    }
}

fn demo_shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo-shop/shop")
}

fn refusals(report: &Report, file: &str) -> Vec<(u64, String)> {
    report.file(file).unwrap().refused.iter().map(|refusal| (refusal.row, refusal.reason.clone())).collect()
}

/// Everything that could be doubled.
async fn counts(state: &AppState) -> Vec<u64> {
    let mut tx = state.read().await.unwrap();
    let (products, page) = tx.list_products(&ProductFilter::default(), 10_000, 0).await.unwrap();
    let mut counts = vec![products, tx.stores().await.unwrap().len() as u64, tx.customer_count().await.unwrap()];
    for product in page {
        counts.push(u64::try_from(product.stock).unwrap());
        counts.push(tx.inventory(&product.sku).await.unwrap().len() as u64);
    }
    for id in ["101", "102", "103"] {
        let id = CustomerId::from(id);
        counts.push(tx.orders_of(&id, 100).await.unwrap().len() as u64);
        let session = tx.active_session_of(&id).await.unwrap().unwrap();
        counts.push(tx.chat_length(session.id).await.unwrap());
        counts.push(session.state.cart.len() as u64);
    }
    counts
}

#[tokio::test]
async fn importing_the_demo_shop_twice_doubles_nothing() {
    let place = Place::new().await;
    let first = place.import(&demo_shop()).await;
    assert!(first.files.iter().all(|file| file.refused.is_empty() && file.problem.is_none()), "{first}");
    let before = counts(&place.state).await;
    assert_eq!(before[..3], [110, 2, 3]);
    let pictures = fs::read_dir(place.state.config.images()).unwrap().count();
    assert_eq!(pictures, 110);

    let second = place.import(&demo_shop()).await;
    assert_eq!(counts(&place.state).await, before);
    assert_eq!(fs::read_dir(place.state.config.images()).unwrap().count(), pictures);
    let conversations = second.file("conversations.json").unwrap();
    assert_eq!((conversations.taken, conversations.kept), (0, 3));
}

#[tokio::test]
async fn what_the_files_say_is_in_the_store() {
    let place = Place::new().await;
    place.import(&demo_shop()).await;
    let mut tx = place.state.read().await.unwrap();
    assert_eq!(tx.shop().await.unwrap().unwrap().currency, "INR");
    let product = tx.product(&Sku::from("SKU-1077")).await.unwrap().unwrap();
    assert_eq!((product.name.as_str(), product.price_minor, product.stock), ("Hill Walk Derby", 379_000, 13));
    assert_eq!(product.attributes["sizes"], "40|41|42|43|44|45");
    assert!(!product.attributes.contains_key("price"));
    // One customer's history is written by Python, the other's is JSON.
    for (id, phone, purchases) in [("101", "+919820000101", 3), ("102", "+919820000102", 4)] {
        let customer = tx.customer(&CustomerId::from(id)).await.unwrap().unwrap();
        assert_eq!((customer.phone.as_str(), customer.purchase_history.len()), (phone, purchases));
    }
    let orders = tx.orders_of(&CustomerId::from("103"), 10).await.unwrap();
    let order = orders.iter().find(|order| order.id == "ORD000104").unwrap();
    assert_eq!((order.total_minor, order.items[0].quantity, order.items[0].unit_price_minor), (339_800, 2, 169_900));
    assert_eq!(order.created_at.to_string(), "2025-12-21T10:05:51.007746Z");
}

const SHOP: (&str, &str) = (
    "shop.json",
    r##"{"name":"S","country":"US","currency":"USD","time_zone":"UTC","languages":["en"],"theme":{"accent":"#000","accent_ink":"#fff","paper":"#fff","ink":"#000"},"featured":[]}"##,
);

#[tokio::test]
async fn a_bad_row_is_named_with_its_reason_and_the_others_are_taken() {
    let place = Place::new().await;
    let report = place
        .import_files(&[
            SHOP,
            ("stores.csv", "store_id,name,city,address,opening_hours\nS01,One,Springfield,,\n,Nameless,,,\n"),
            (
                "products.csv",
                "sku,name,price,rating,stock\nA,Shoe,19.99,4.5,3\nB,Boot,free,4,1\nC,Cap,10,6,1\n,Belt,10,,\nA,Again,1,,\nD,\"Two\nlines\",0.29,,\nE,Sock,1,,,\nF,Hat,1.005,,\n",
            ),
            ("inventory.csv", "sku,location,quantity\nA,store:S01,4\nA,store:S09,1\nA,shelf,1\nZ,online,1\nA,online,-1\nA,store:S01,9\nD,online,\n"),
            (
                "customers.csv",
                "customer_id,name,age,phone_number,loyalty_tier,total_spend,purchase_history\n\
                 901,Asha Example,29,2025550101,silver,12080.08,\"[{'order_id': 'O1', 'sku': 'A', 'qty': 2, 'amount': 3232.48, 'date': '2025-12-05', 'rating': None}]\"\n\
                 902,Ravi Sample,,(202) 555-0101,,,\n\
                 903,Mia Sample,,5550101,,,\n\
                 904,Leo Sample,200,,,,\n\
                 905,Ida Sample,,,Iron,,\n\
                 906,Ben Sample,,,,,[{oops}]\n\
                 x7,Nia Sample,,,,,\n",
            ),
            (
                "orders.csv",
                "order_id,customer_id,items,total_amount,status,created_at\n\
                 O1,901,\"[{\"\"sku\"\": \"\"A\"\", \"\"qty\"\": 3, \"\"unit_price\"\": 19.99, \"\"line_total\"\": 59.97}]\",59.97,delivered,2025-11-09T07:32:38.830321\n\
                 O2,999,[],1,placed,2025-11-09\n\
                 O3,901,[],1,lost,2025-11-09\n\
                 O4,901,[],1,placed,yesterday\n",
            ),
        ])
        .await;

    assert_eq!(refusals(&report, "stores.csv"), [(3, "store_id is empty".to_owned())]);
    let products: Vec<u64> = refusals(&report, "products.csv").into_iter().map(|(row, _)| row).collect();
    assert_eq!(products, [8, 3, 4, 5, 6, 9]);
    assert!(refusals(&report, "products.csv")[1].1.contains("\"free\""), "{report}");
    assert!(refusals(&report, "products.csv")[4].1.contains("row 2"), "{report}");
    let inventory: Vec<u64> = refusals(&report, "inventory.csv").into_iter().map(|(row, _)| row).collect();
    assert_eq!(inventory, [3, 4, 6, 7, 8, 5]);
    let customers: Vec<u64> = refusals(&report, "customers.csv").into_iter().map(|(row, _)| row).collect();
    assert_eq!(customers, [4, 5, 6, 7, 8, 3]);
    assert!(!report.to_string().contains("555"), "a phone number is in the report: {report}");
    let orders: Vec<u64> = refusals(&report, "orders.csv").into_iter().map(|(row, _)| row).collect();
    assert_eq!(orders, [4, 5, 3]);
    assert!(report.to_string().contains("products.csv row 3: price must be an amount of USD"), "{report}");

    let mut tx = place.state.read().await.unwrap();
    for (sku, price) in [("A", 1_999), ("D", 29)] {
        assert_eq!(tx.product(&Sku::from(sku)).await.unwrap().unwrap().price_minor, price);
    }
    assert_eq!(tx.product(&Sku::from("A")).await.unwrap().unwrap().stock, 4);
    let customer = tx.customer(&CustomerId::from("901")).await.unwrap().unwrap();
    assert_eq!((customer.total_spend_minor, customer.loyalty_tier.as_str()), (1_208_008, "Silver"));
    assert_eq!(tx.customer_count().await.unwrap(), 1);
    assert_eq!(tx.orders_of(&customer.id, 10).await.unwrap()[0].total_minor, 5_997);
}

#[tokio::test]
async fn payments_coupons_and_promotions_are_taken_and_withdrawn() {
    let place = Place::new().await;
    let shop = [
        SHOP,
        ("customers.csv", "customer_id,name,phone_number\n901,Asha Example,2025550101\n"),
        ("orders.csv", "order_id,customer_id,items,total_amount,status,created_at\nO1,901,[],59.97,delivered,2025-11-09\n"),
        (
            "payments.csv",
            "payment_id,order_id,amount,method,status,created_at\nP1,O1,59.97,Card,completed,2025-11-09T07:32:38\n\
             P2,O9,1,card,completed,2025-11-09\nP3,O1,free,card,completed,2025-11-09\n",
        ),
        (
            "coupons.csv",
            "code,discount_percent,min_purchase,description\nsave15,15,750,For you\nNEW50,50,2000,\nSAVE15,10,,\nBAD,101,,\n",
        ),
        (
            "promotions.csv",
            "name,discount_percent,min_purchase,days,from,until,category,description\nMorning,15,500,,06:00,10:00,,Early\n\
             Weekend,25,1500,sat|sun,,,Footwear,\nNever,10,,someday,,,,\n",
        ),
        ("loyalty.toml", "spend_per_point = 100\n[tiers.Gold]\ndiscount_percent = 10\nbenefits = { delivery = \"free\" }\n"),
    ];
    for _ in 0..2 {
        let report = place.import_files(&shop).await;
        assert_eq!(refusals(&report, "payments.csv").into_iter().map(|(row, _)| row).collect::<Vec<_>>(), [4, 3], "{report}");
        assert_eq!(refusals(&report, "coupons.csv").into_iter().map(|(row, _)| row).collect::<Vec<_>>(), [4, 5], "{report}");
        assert_eq!(refusals(&report, "promotions.csv").into_iter().map(|(row, _)| row).collect::<Vec<_>>(), [4], "{report}");
        assert_eq!(report.file("loyalty.toml").unwrap().taken, 1, "{report}");
    }
    let mut tx = place.state.read().await.unwrap();
    let (total, payments) = tx.list_payments(10, 0).await.unwrap();
    let paid = (payments[0].amount_minor, payments[0].method.as_str(), payments[0].customer_id.0.as_str());
    assert_eq!((total, paid), (1, (5_997, "card", "901")));
    let coupon = tx.coupon("SAVE15").await.unwrap().unwrap();
    assert_eq!((coupon.discount_percent, coupon.min_purchase_minor), (15, 75_000));
    let promotions = tx.promotions().await.unwrap();
    assert_eq!((promotions[0].from_minute, promotions[0].until_minute), (360, 600));
    assert_eq!((promotions[1].days.as_slice(), promotions[1].until_minute), (&[6, 7][..], 1_440));
    let rules = tx.loyalty_rules().await.unwrap().unwrap();
    assert_eq!((rules.spend_per_point, rules.tiers["Gold"].discount_percent), (100, 10));
    drop(tx);
    place.import_files(&[("coupons.csv", "code,discount_percent\nNEW50,40\n")]).await;
    let codes: Vec<String> =
        place.state.read().await.unwrap().coupons().await.unwrap().into_iter().map(|coupon| coupon.code).collect();
    assert_eq!(codes, ["NEW50"], "a coupon that is gone from the file is withdrawn");
    let report = place.import_files(&[("loyalty.toml", "spend_per_point = 0\n")]).await;
    assert!(report.file("loyalty.toml").unwrap().problem.is_some());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_what_it_needs_and_the_others_are_taken() {
    let place = Place::new().await;
    let report = place
        .import_files(&[
            SHOP,
            ("products.csv", "sku,title\nA,Shoe\n"),
            ("conversations.json", "{"),
            ("stores.csv", "store_id,name\nS01,One\n"),
        ])
        .await;
    assert!(
        report.file("products.csv").unwrap().problem.as_ref().unwrap().contains("missing: name or product_display_name"),
        "{report}"
    );
    assert!(report.file("conversations.json").unwrap().problem.is_some());
    assert_eq!(report.file("stores.csv").unwrap().taken, 1);
    assert!(report.took_anything());
}

#[tokio::test]
async fn a_folder_with_nothing_to_import_is_an_error() {
    let place = Place::new().await;
    let error = import(&place.state, place.folder.path(), None, &ProgressBar::hidden()).await.unwrap_err();
    assert!(error.to_string().contains("products.csv"), "{error}");
    assert!(import(&place.state, &place.folder.path().join("nowhere"), None, &ProgressBar::hidden()).await.is_err());
    assert!(!place.import_files(&[("products.csv", "wrong\n")]).await.took_anything());
}

#[tokio::test]
async fn many_rows_are_taken_in_a_few_transactions() {
    let place = Place::new().await;
    let mut text = "sku,name,price\n".to_owned();
    for number in 0..=ROWS_AT_ONCE * 2 {
        writeln!(text, "SKU{number},Thing,1").unwrap();
    }
    let report = place.import_files(&[("products.csv", &text)]).await;
    assert_eq!(report.file("products.csv").unwrap().taken, ROWS_AT_ONCE as u64 * 2 + 1);
    let (total, _) = place.state.read().await.unwrap().list_products(&ProductFilter::default(), 1, 0).await.unwrap();
    assert_eq!(total, ROWS_AT_ONCE as u64 * 2 + 1);
}

#[tokio::test]
async fn a_conversation_becomes_its_customers_session() {
    let place = Place::new().await;
    place.import(&demo_shop()).await;
    let mut tx = place.state.read().await.unwrap();
    let session = tx.active_session_of(&CustomerId::from("101")).await.unwrap().unwrap();
    assert!(session.is_live(place.state.now()) && !session.guest);
    assert_eq!(session.state.channels, [Channel::Web, Channel::Whatsapp]);
    assert_eq!(session.channel, Channel::Whatsapp);
    assert_eq!(session.state.last_recommended_skus, [Sku::from("SKU-1022"), Sku::from("SKU-1001")]);
    assert!(session.state.conversation_summary.contains("interactions so far"), "{}", session.state.conversation_summary);
    let cart: Vec<_> =
        session.state.cart.iter().map(|line| (line.sku.0.as_str(), line.options["size"].as_str(), line.price_minor)).collect();
    assert_eq!(cart, [("SKU-1001", "M", 529_000), ("SKU-1022", "S", 189_900)]);
    let entries = tx.chat_entries(session.id, 100).await.unwrap();
    assert_eq!(entries.len(), 8);
    assert!(entries.is_sorted_by_key(|entry| entry.timestamp));
    assert_eq!((entries[1].sender, entries[1].channel), (Sender::Agent, Channel::Web));
    let shown = &entries[1].metadata.as_ref().unwrap()["cards"][0];
    assert_eq!((shown["sku"].as_str(), shown["name"].as_str()), (Some("SKU-1022"), Some("Clerk Oxford Shirt")));
}

#[tokio::test]
async fn a_session_that_went_on_or_ended_is_left_alone() {
    let place = Place::new().await;
    place.import(&demo_shop()).await;
    let id = CustomerId::from("101");
    let mut tx = place.state.write().await.unwrap();
    let mut session = tx.active_session_of(&id).await.unwrap().unwrap();
    operations::clear_cart(&mut tx, &mut session).await.unwrap();
    let other = CustomerId::from("102");
    let mut ended = tx.active_session_of(&other).await.unwrap().unwrap();
    ended.status = SessionStatus::LoggedOut;
    tx.update_session(&ended).await.unwrap();
    tx.commit().await.unwrap();

    place.import(&demo_shop()).await;
    let mut tx = place.state.read().await.unwrap();
    let after = tx.active_session_of(&id).await.unwrap().unwrap();
    assert_eq!((after.version, after.state.cart.len()), (session.version, 0));
    assert_eq!(tx.chat_length(after.id).await.unwrap(), 8);
    assert!(tx.active_session_of(&other).await.unwrap().is_none(), "what a customer has ended stays ended");
}

#[tokio::test]
async fn drawn_sign_ins_work_stay_and_are_for_the_owners_eyes() {
    let place = Place::new().await;
    let list = place.folder.path().join("made for it").join("sign-ins.json");
    let report = place.draw(&list).await.unwrap();
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&list).unwrap().permissions()) & 0o777, 0o600);
    let before = fs::read_to_string(&list).unwrap();
    let sign_ins: Vec<SignIn> = serde_json::from_str(&before).unwrap();
    assert_eq!(sign_ins.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Asha Menon", "Ravi Kulkarni", "Meera Dutta"]);
    for one in &sign_ins {
        let account = place.state.read().await.unwrap().account_by_phone(&one.phone).await.unwrap().unwrap();
        assert!(account.phone_verified && account.customer_id.is_some());
        let check = place.state.passwords.check(&one.password, account.password_hash).await.unwrap();
        assert_eq!(check, crate::password::Check::Right);
        assert!(!report.to_string().contains(&one.password) && !format!("{one:?}").contains(&one.password));
    }

    place.draw(&list).await.unwrap();
    assert_eq!(fs::read_to_string(&list).unwrap(), before, "who has a password keeps it");
    let names: Vec<_> = fs::read_dir(list.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 1, "nothing lies beside the list: {names:?}");
}

#[tokio::test]
async fn a_list_of_sign_ins_that_cannot_be_read_is_not_overwritten_or_quoted() {
    let place = Place::new().await;
    let list = place.folder.path().join("sign-ins.json");
    fs::write(&list, r#"[{"name":"A","phone":"+1","password":"hunter-2-hunter"#).unwrap();
    let error = format!("{:#}", place.draw(&list).await.unwrap_err());
    assert!(error.contains("move it away") && !error.contains("hunter"), "{error}");
    assert!(fs::read_to_string(&list).unwrap().contains("hunter"));
    let without = place.state.read().await.unwrap().customers_without_password().await.unwrap();
    assert_eq!(without.len(), 3, "nobody got a password that nobody was told");
}

#[tokio::test]
async fn only_pictures_with_plain_names_are_copied() {
    let place = Place::new().await;
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("images")).unwrap();
    for name in ["A.svg", "notes.txt", ".hidden.png", "a%2f.png"] {
        fs::write(dir.path().join("images").join(name), "x").unwrap();
    }
    fs::write(dir.path().join("products.csv"), "sku,name,price\nA,Shoe,1\n").unwrap();
    let report = place.import(dir.path()).await;
    assert_eq!((report.file("images").unwrap().taken, report.file("images").unwrap().refused.len()), (1, 3));
    let copied: Vec<_> = fs::read_dir(place.state.config.images()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(copied, ["A.svg"]);
    let product = place.state.read().await.unwrap().product(&Sku::from("A")).await.unwrap().unwrap();
    assert_eq!(product.image_url, "/images/A.svg", "a product without a picture of its own takes the one with its name");
}
