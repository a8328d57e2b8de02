//! The public catalogue.

use serde_json::json;

use crate::testing::TestServer;

#[tokio::test]
async fn a_product_has_the_documented_members() {
    let server = TestServer::start().await;
    let product = server.get("/products/SKU-1", &[]).await.expect(200);
    for (name, value) in [
        ("sku", json!("SKU-1")),
        ("name", json!("Example Runner")),
        ("price", json!(19.99)),
        ("price_minor", json!(1_999)),
        ("currency", json!("USD")),
        ("rating", json!(4.4)),
        ("ratings", json!(4.4)),
        ("stock", json!(12)),
        ("image_url", json!("/images/SKU-1.svg")),
        ("product_url", json!("/products/SKU-1")),
        ("color_hex", json!("#ffffff")),
    ] {
        assert_eq!(product[name], value, "{name}");
    }
    server.get("/products/SKU-404", &[]).await.refused(404, "product_not_found", "Product SKU-404 not found");
}

#[tokio::test]
async fn products_are_listed_in_pages_and_filtered() {
    let server = TestServer::start().await;
    let skus = async |query: &str| {
        let body = server.get(&format!("/products{query}"), &[]).await.expect(200);
        let skus: Vec<String> =
            body["products"].as_array().unwrap().iter().map(|product| product["sku"].as_str().unwrap().to_owned()).collect();
        (body["total"].as_u64().unwrap(), skus)
    };
    let owned = |skus: &[&str]| skus.iter().map(|&sku| sku.to_owned()).collect::<Vec<_>>();
    assert_eq!(skus("").await, (3, owned(&["SKU-1", "SKU-2", "SKU-3"])));
    assert_eq!(skus("?limit=1&offset=1").await, (3, owned(&["SKU-2"])));
    assert_eq!(skus("?min_price=20&max_price=30").await, (1, owned(&["SKU-3"])));
    assert_eq!(skus("?category=footwear&brand=SAMPLEWEAR").await.0, 3);
    assert_eq!(skus("?gender=men").await.0, 0);
    assert_eq!(skus("?min_rating=4.5").await.0, 0);
    for query in ["?limit=0", "?limit=10001", "?limit=x", "?offset=-1", "?min_price=cheap"] {
        assert_eq!(server.get(&format!("/products{query}"), &[]).await.expect(422)["code"], json!("validation_error"), "{query}");
    }
}

#[tokio::test]
async fn the_shop_and_its_stores_are_public() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/v1/shop", &[]).await.expect(200)["name"], json!("Example"));
    let stores = server.get("/stores", &[]).await.expect(200);
    assert_eq!((&stores["total"], &stores["stores"][0]["store_id"]), (&json!(2), &json!("S01")));
}

#[tokio::test]
async fn a_picture_comes_from_its_folder_and_no_other() {
    let server = TestServer::start().await;
    let images = server.state.config.images();
    std::fs::create_dir_all(&images).unwrap();
    std::fs::write(images.join("SKU-1.svg"), "<svg/>").unwrap();
    std::fs::write(server.state.config.data.join("secret.svg"), "secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(server.state.config.key_file(), images.join("link.svg")).unwrap();

    let reply = server.get("/images/SKU-1.svg", &[]).await;
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (200, &b"<svg/>"[..]));
    assert_eq!(reply.headers["content-type"], "image/svg+xml");
    assert!(reply.headers["cache-control"].to_str().unwrap().contains("max-age"));
    assert!(reply.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    let tag = reply.headers["etag"].to_str().unwrap();
    assert_eq!(server.get("/images/SKU-1.svg", &[("if-none-match", tag)]).await.status.as_u16(), 304);

    for path in [
        "/images/..%2Fsecret.svg",
        "/images/%2e%2e%2fsecret.svg",
        "/images/../secret.svg",
        "/images/..%5Csecret.svg",
        "/images/%2Fetc%2Fpasswd",
        "/images/link.svg",
        "/images/.hidden",
        "/images/absent.svg",
        "/images/a%00b",
        "/images/",
    ] {
        let reply = server.get(path, &[]).await;
        assert_eq!(reply.status.as_u16(), 404, "{path}");
    }
}
