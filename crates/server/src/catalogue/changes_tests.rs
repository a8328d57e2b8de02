//! The pages that a kiosk copies the catalogue from.

use std::{collections::BTreeMap, io::Read as _, time::Duration};

use protocol::{
    catalogue::CataloguePage,
    ids::{DeviceId, Sku},
    routes,
    shop::{Locale, Shop, Theme},
};
use serde_json::json;
use server_store::records::InventoryRecord;

use crate::{
    event,
    testing::{Reply, TestKiosk, TestServer, product},
};

async fn ask(server: &TestServer, kiosk: &TestKiosk, query: &str, headers: &[(&str, &str)]) -> Reply {
    let proof = server.proof(kiosk, "GET", routes::CATALOGUE, None);
    let headers: Vec<_> = headers.iter().copied().chain([("dpop", proof.as_str())]).collect();
    server.get(&format!("{}{query}", routes::CATALOGUE), &headers).await
}

/// What comes after a revision, in pages of `limit`.
async fn pages(server: &TestServer, kiosk: &TestKiosk, after: Option<&str>, limit: u32) -> Vec<CataloguePage> {
    let mut pages: Vec<CataloguePage> = Vec::new();
    loop {
        let after = pages.last().map(|page| page.revision.as_str()).or(after);
        let after = after.map(|text| format!("&after={text}")).unwrap_or_default();
        let page = ask(server, kiosk, &format!("?limit={limit}{after}"), &[]).await.expect(200);
        pages.push(serde_json::from_value(page).unwrap());
        if pages.last().unwrap().complete {
            return pages;
        }
    }
}

async fn page(server: &TestServer, kiosk: &TestKiosk, after: Option<&str>) -> CataloguePage {
    let mut pages = pages(server, kiosk, after, 500).await;
    assert_eq!(pages.len(), 1);
    pages.remove(0)
}

fn names(page: &CataloguePage) -> Vec<&str> {
    page.products.iter().map(|product| product.name.as_str()).collect()
}

fn counts(page: &CataloguePage) -> BTreeMap<&str, (Option<i64>, i64)> {
    page.stock.iter().map(|stock| (stock.sku.0.as_str(), (stock.in_this_store, stock.everywhere))).collect()
}

async fn put(server: &TestServer, name: &str, sku: &str) {
    let mut tx = server.state.write().await.unwrap();
    tx.put_product(&product(sku, name, 1_999)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn count(server: &TestServer, sku: &str, location: &str, quantity: i64) {
    let mut tx = server.state.write().await.unwrap();
    tx.put_inventory(&InventoryRecord { sku: sku.into(), location: location.into(), quantity }).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_first_copy_comes_in_pages_and_is_followed_by_differences() {
    for server in TestServer::on_each_database().await {
        let kiosk = server.kiosk("S01").await;
        let first = pages(&server, &kiosk, None, 2).await;
        assert_eq!(first.iter().map(|page| page.products.len()).collect::<Vec<_>>(), [2, 1]);
        assert!(first.iter().all(|page| page.total == 3 && page.as_of == server.state.now()));
        assert_eq!(
            serde_json::to_value(&first[0].products[0]).unwrap(),
            {
                let mut shown = server.get("/products/SKU-1", &[]).await.expect(200);
                let shown = shown.as_object_mut().unwrap();
                shown.retain(|name, _| !["ratings", "product_url", "color_hex"].contains(&name.as_str()));
                json!(shown)
            },
            "a product is as everybody sees it"
        );
        assert_eq!(counts(&first[0])["SKU-1"], (Some(4), 12));

        let same = page(&server, &kiosk, Some(&first[1].revision)).await;
        assert_eq!((&same.revision, same.products.len(), same.stock.len()), (&first[1].revision, 0, 0), "nothing has changed");

        put(&server, "Hill Walk Oxford", "SKU-2").await;
        count(&server, "SKU-3", "store:S01", 1).await;
        let changed = page(&server, &kiosk, Some(&same.revision)).await;
        assert_eq!(names(&changed), ["Hill Walk Oxford"]);
        assert_eq!(counts(&changed), BTreeMap::from([("SKU-2", (Some(4), 12)), ("SKU-3", (Some(1), 9))]));

        server
            .sql(&format!("DELETE FROM {}products WHERE sku = 'SKU-1'", if server.is_on_postgres() { "vitrine." } else { "" }))
            .await;
        let removed = page(&server, &kiosk, Some(&changed.revision)).await;
        assert_eq!((removed.removed, removed.total, removed.products.len()), (vec![Sku::from("SKU-1")], 2, 0));
    }
}

#[tokio::test]
async fn what_changes_during_a_copy_is_not_missed() {
    for server in TestServer::on_each_database().await {
        let kiosk = server.kiosk("S01").await;
        let first: CataloguePage = serde_json::from_value(ask(&server, &kiosk, "?limit=1", &[]).await.expect(200)).unwrap();
        assert!(!first.complete);
        // One that was copied, and one whose turn is still to come and that comes later now.
        put(&server, "Example Walker", "SKU-1").await;
        put(&server, "Hill Walk Oxford", "SKU-2").await;
        count(&server, "SKU-2", "store:S01", 0).await;
        let rest = pages(&server, &kiosk, Some(&first.revision), 1).await;
        let told: Vec<&str> = rest.iter().flat_map(names).collect();
        assert_eq!(told, ["Market Tote", "Example Walker", "Hill Walk Oxford"]);
    }
}

#[tokio::test]
async fn stock_is_that_of_the_kiosks_own_store() {
    let server = TestServer::start().await;
    count(&server, "SKU-1", "store:S02", 5).await;
    put(&server, "Uncounted", "SKU-4").await;
    let (one, other) = (server.kiosk("S01").await, server.kiosk("S02").await);
    assert_eq!(counts(&page(&server, &one, None).await)["SKU-1"], (Some(4), 17));
    let copy = page(&server, &other, None).await;
    assert_eq!(counts(&copy)["SKU-1"], (Some(5), 17));
    assert_eq!(counts(&copy)["SKU-2"], (Some(0), 12), "who counted elsewhere found none here");
    assert_eq!(counts(&copy)["SKU-4"], (None, 0), "nobody counted");
    // A kiosk that is moved to another store counts anew.
    let refused = ask(&server, &one, &format!("?after={}", copy.revision), &[]).await;
    assert_eq!(refused.expect(410)["code"], json!("cursor_expired"));
}

#[tokio::test]
async fn held_and_sold_pieces_are_told_as_soon_as_they_are() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    let copy = page(&server, &kiosk, None).await;
    let three = json!({"sku": "SKU-1", "quantity": 3, "location": "store:S01"});
    server.post_from(&kiosk, routes::HOLD, None, &three).await.expect(200);
    let held = page(&server, &kiosk, Some(&copy.revision)).await;
    assert_eq!((counts(&held), held.products.len()), (BTreeMap::from([("SKU-1", (Some(1), 9))]), 0));
    server.pass(Duration::from_mins(20));
    let mut tx = server.state.write().await.unwrap();
    let now = server.state.now();
    tx.end_overdue_holds(now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counts(&page(&server, &kiosk, Some(&held.revision)).await), BTreeMap::from([("SKU-1", (Some(4), 12))]));
}

#[tokio::test]
async fn a_copy_that_cannot_be_continued_begins_anew() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    let copy = page(&server, &kiosk, None).await;
    let refused = async |after: &str| {
        let detail = "This copy of the catalogue cannot be continued; begin a new one without `after`.";
        ask(&server, &kiosk, &format!("?after={after}"), &[]).await.refused(410, "cursor_expired", detail);
    };
    for strange in ["nonsense", "0.0.0.0.S01", "%00"] {
        refused(strange).await;
    }
    server.sql("DELETE FROM products WHERE sku = 'SKU-1'").await;
    event::sweep(&server.state).await.unwrap();
    let halfway: CataloguePage = serde_json::from_value(ask(&server, &kiosk, "?limit=1", &[]).await.expect(200)).unwrap();
    server.pass(Duration::from_hours(91 * 24));
    event::sweep(&server.state).await.unwrap();
    refused(&copy.revision).await;
    // A copy that began when it was gone already goes on.
    assert_eq!(pages(&server, &kiosk, Some(&halfway.revision), 1).await.len(), 1);

    let copy = page(&server, &kiosk, None).await;
    let mut tx = server.state.write().await.unwrap();
    let shop = Shop {
        name: "Example".into(),
        country: "ES".into(),
        currency: "EUR".into(),
        time_zone: "Europe/Madrid".into(),
        languages: vec![Locale::Es],
        theme: Theme::default(),
        featured: Vec::new(),
    };
    tx.put_shop(&shop).await.unwrap();
    tx.commit().await.unwrap();
    refused(&copy.revision).await;
    assert!(page(&server, &kiosk, None).await.products.iter().all(|product| product.currency == "EUR"));
}

#[tokio::test]
async fn pages_are_for_enrolled_devices_and_of_a_bounded_length() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    assert_eq!(server.get(routes::CATALOGUE, &[]).await.expect(401)["code"], json!("invalid_proof"));
    let stranger = TestKiosk { id: DeviceId(server.state.new_id()), key: testkit::proof::DeviceKey::new().unwrap() };
    assert_eq!(ask(&server, &stranger, "", &[]).await.expect(403)["code"], json!("kiosk_not_enrolled"));
    for query in ["?limit=0", "?limit=2001", "?limit=x"] {
        assert_eq!(ask(&server, &kiosk, query, &[]).await.expect(422)["code"], json!("validation_error"), "{query}");
    }
    assert_eq!(ask(&server, &kiosk, "?after=&limit=2000", &[]).await.expect(200)["total"], json!(3));
}

#[tokio::test]
async fn a_page_travels_compressed_to_whoever_can_read_that() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    let plain = ask(&server, &kiosk, "", &[]).await;
    assert!(!plain.headers.contains_key("content-encoding"));
    let reply = ask(&server, &kiosk, "", &[("accept-encoding", "gzip")]).await;
    assert_eq!(reply.headers["content-encoding"], "gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&reply.body[..]).read_to_string(&mut text).unwrap();
    let (page, plain): (CataloguePage, CataloguePage) =
        (serde_json::from_str(&text).unwrap(), serde_json::from_value(plain.expect(200)).unwrap());
    assert_eq!(page, plain);
    assert!(reply.body.len() * 2 < text.len());
}

#[tokio::test]
async fn a_first_copy_of_a_large_shop_is_not_refused_as_too_much() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    let mut tx = server.state.write().await.unwrap();
    for number in 0..400 {
        tx.put_product(&product(&format!("MANY-{number}"), "Example Runner", 1_999)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let pages = pages(&server, &kiosk, None, 1).await;
    assert_eq!(pages.iter().map(|page| page.products.len()).sum::<usize>(), 403);
}
