//! The description tells the truth about the router.

use std::collections::BTreeSet;

use axum::{Router, body::Body};
use protocol::routes;
use serde_json::{Value, json};

use super::Document;
use crate::{
    AppState,
    http::areas,
    testing::{TestServer, request},
};

fn described() -> Value {
    serde_json::from_slice(Document::of(&areas().into_openapi()).text()).unwrap()
}

/// Each operation: method, path, what is said about it.
fn operations(api: &Value) -> Vec<(String, String, Value)> {
    let mut list = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            list.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    list
}

/// The addresses that the router knows; it tells them only when it is printed.
fn addresses(router: &Router<AppState>) -> BTreeSet<String> {
    let printed = format!("{router:?}");
    // Its fallback is told like two more.
    let fallback = ["/", "/{__private__axum_fallback}"];
    let mut found = BTreeSet::new();
    for piece in printed.split("RouteId(").skip(1) {
        if let Some((_, rest)) = piece.split_once("): \"")
            && let Some((path, _)) = rest.split_once('"')
            && path.starts_with('/')
        {
            found.insert(path.replace("{*", "{"));
        }
    }
    found.retain(|path| !fallback.contains(&path.as_str()));
    found
}

#[test]
fn every_address_of_the_router_is_described_and_no_other() {
    let api = described();
    let described: BTreeSet<String> = api["paths"].as_object().unwrap().keys().cloned().collect();
    let (router, _) = areas().split_for_parts();
    let known = addresses(&router);
    assert!(known.len() > 20, "the router's own list is read: {known:?}");
    assert_eq!(known, described);
}

#[test]
fn every_operation_says_what_it_does_and_what_it_answers() {
    let api = described();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&api) {
        let name = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name} has no summary");
        assert!(operation["tags"][0].is_string(), "{name} has no tag");
        assert!(ids.insert(operation["operationId"].to_string()), "{name} shares its id with another operation");
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.keys().any(|status| status.starts_with('2') || matches!(status.as_str(), "101" | "303")),
            "{name} never succeeds"
        );
        for (status, response) in responses {
            assert!(!response["description"].as_str().unwrap_or_default().is_empty(), "{name} {status} is not described");
            let empty = matches!(status.as_str(), "101" | "204" | "304") || status.starts_with("30");
            assert_eq!(response.get("content").is_none(), empty, "{name} {status}: its body");
        }
        if matches!(method.as_str(), "PUT" | "PATCH") {
            assert!(operation.get("requestBody").is_some(), "{name} has no body");
        }
        let placeholders = path.matches('{').count();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let named = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
        assert_eq!(placeholders, named, "{name} describes each part of its path");
    }
}

#[test]
fn every_name_that_is_referred_to_is_there() {
    fn walk<'a>(value: &'a Value, refs: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(object) => {
                refs.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|inner| walk(inner, refs));
            }
            Value::Array(list) => list.iter().for_each(|inner| walk(inner, refs)),
            _ => {}
        }
    }
    let api = described();
    let mut refs = BTreeSet::new();
    walk(&api, &mut refs);
    assert!(refs.contains("#/components/schemas/Session"));
    for name in refs {
        assert!(api.pointer(name.trim_start_matches('#')).is_some(), "{name} is not there");
    }
    for (method, path, operation) in operations(&api) {
        for set in operation["security"].as_array().into_iter().flatten() {
            for name in set.as_object().unwrap().keys() {
                assert!(api["components"]["securitySchemes"].get(name).is_some(), "{method} {path}: no credential {name}");
            }
        }
    }
}

#[tokio::test]
async fn what_needs_a_credential_is_refused_without_one() {
    let server = TestServer::start().await;
    let mut asked = 0;
    for (method, path, operation) in operations(&described()) {
        let sets = operation["security"].as_array().cloned().unwrap_or_default();
        if sets.is_empty() || sets.contains(&json!({})) {
            continue;
        }
        asked += 1;
        let nobody = "00000000-0000-7000-8000-000000000000";
        let address = path.split('/').map(|part| if part.starts_with('{') { nobody } else { part }).collect::<Vec<_>>().join("/");
        let call = request(&method, &address, &[("content-type", "application/json")]).body(Body::from("{}")).unwrap();
        let reply = server.send(call).await;
        // The shape of a body may be judged before the credential.
        assert!(matches!(reply.status.as_u16(), 400 | 401 | 403 | 404 | 422), "{method} {path} answered {}", reply.status);
    }
    assert!(asked > 5);
}

#[tokio::test]
async fn the_description_is_served_and_kept_by_its_tag() {
    let server = TestServer::start().await;
    let reply = server.get(routes::OPENAPI, &[]).await;
    let sent = reply.expect(200);
    assert_eq!(sent, described());
    assert_eq!(sent["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let tag = reply.headers["etag"].to_str().unwrap();
    assert_eq!(server.get(routes::OPENAPI, &[("if-none-match", tag)]).await.status, 304);
}

#[tokio::test]
async fn the_page_needs_nothing_but_this_server() {
    let server = TestServer::start().await;
    let page = server.get(routes::DOCS, &[]).await;
    assert_eq!((page.status.as_u16(), &page.headers["content-type"]), (200, &"text/html; charset=utf-8".parse().unwrap()));
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    let mut size = html.len();
    for attribute in ["src=\"", "href=\""] {
        for piece in html.split(attribute).skip(1) {
            let address = piece.split('"').next().unwrap();
            assert!(address.starts_with('/') && !address.starts_with("//"), "{address}");
            let part = server.get(address, &[]).await;
            assert_eq!(part.status, 200, "{address}");
            if address != routes::OPENAPI {
                assert!(!String::from_utf8_lossy(&part.body).contains("://"), "{address} looks elsewhere");
                size += part.body.len();
            }
        }
    }
    assert!(size < 20_000, "the page is small: {size}");
    server.get("/docs/other.js", &[]).await.refused(404, "not_found", "Not Found");
}
