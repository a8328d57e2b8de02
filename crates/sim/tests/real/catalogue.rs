//! A real kiosk copies the catalogue of a real server, and keeps it when the server is gone.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use kiosk_core::KioskHandle;
use kiosk_store::{Key, Shelf as _, ShelfSearch, SqlShelf};
use protocol::{catalogue::Product, kiosk_health::CatalogueHealth};
use testkit::server::TestServer;

use super::{Drawer, PATIENCE, let_in, switched_on};

/// Kiosks hear of a change at once and ask within ten seconds.
const SOON: Duration = Duration::from_secs(30);

async fn until(kiosk: &KioskHandle, what: &str, wanted: impl Fn(&CatalogueHealth) -> bool) -> CatalogueHealth {
    let looking = async {
        loop {
            let health = kiosk.health().await.catalogue;
            if wanted(&health) {
                return health;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let Ok(health) = tokio::time::timeout(PATIENCE, looking).await else {
        panic!("{what}: {:?}", kiosk.health().await.catalogue);
    };
    health
}

/// What is in the file of a kiosk that is off.
async fn copy(folder: &Path, drawer: &Drawer) -> BTreeMap<String, Product> {
    let key = Key::from_bytes(&drawer.0.lock().unwrap()["outbox"]).unwrap();
    let shelf = SqlShelf::new(&folder.join("kiosk"), &key);
    let all = shelf.search(&ShelfSearch { limit: 1_000, ..ShelfSearch::default() }).await.unwrap();
    shelf.close().await;
    all.into_iter().map(|product| (product.product.sku.0.clone(), product.product)).collect()
}

/// What everybody reads on the server.
async fn shop(server: &TestServer) -> BTreeMap<String, Product> {
    #[derive(serde::Deserialize)]
    struct Page {
        products: Vec<Product>,
    }
    let address = format!("{}/products?limit=10000", server.directly());
    let body = kiosk_core::http_client().unwrap().get(address).send().await.unwrap().bytes().await.unwrap();
    let page: Page = serde_json::from_slice(&body).unwrap();
    page.products.into_iter().map(|product| (product.sku.0.clone(), product)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kiosk_has_the_whole_catalogue_without_its_server_and_hears_of_a_new_price_within_seconds() {
    let mut server = TestServer::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let drawer = Arc::<Drawer>::default();
    let kiosk = switched_on(&server, folder.path(), &drawer);
    let_in(&server, &kiosk).await;
    let there = shop(&server).await;
    assert!(there.len() > 50);
    let copied = until(&kiosk, "the whole catalogue", |health| health.complete).await;
    assert_eq!((copied.products as usize, copied.total as usize), (there.len(), there.len()));
    kiosk.shutdown().await;
    assert_eq!(copy(folder.path(), &drawer).await, there);

    server.stop().unwrap();
    let kiosk = switched_on(&server, folder.path(), &drawer);
    let alone = until(&kiosk, "the copy without a server", |health| health.failing_with.is_some()).await;
    assert!(alone.complete && alone.products == copied.products && alone.as_of >= copied.as_of, "{alone:?}");

    // A new price while the server is down, and one while it serves.
    reprice(&server, folder.path(), "SKU-1001", "77.00");
    server.serve().unwrap();
    let has = async |price: i64| {
        let looking = async {
            while copy(folder.path(), &drawer).await["SKU-1001"].price_minor != price {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(SOON, looking).await.unwrap_or_else(|_| panic!("the price is not {price} within {SOON:?}"));
    };
    has(7_700).await;
    reprice(&server, folder.path(), "SKU-1001", "78.00");
    has(7_800).await;
    kiosk.shutdown().await;
    assert_eq!(copy(folder.path(), &drawer).await, shop(&server).await);
}

/// Imports one row, as an operator does whose product has another price now.
fn reprice(server: &TestServer, folder: &Path, sku: &str, price: &str) {
    let changes = folder.join("changes");
    fs::create_dir_all(&changes).unwrap();
    fs::write(changes.join("products.csv"), format!("sku,name,price\n{sku},Field Jacket,{price}\n")).unwrap();
    let ended = server.run([Path::new("import"), &changes]).unwrap();
    assert!(ended.status.success(), "{}", ended.said);
}
