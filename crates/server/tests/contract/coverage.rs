//! Whether the tables leave anything out: every operation that the documents name is sent, so that it succeeds, so that it is
//! refused to nobody in particular, and so that what it names is not there.

use std::collections::{BTreeMap, BTreeSet};

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::{
    TABLES,
    place::{Database, Place},
};

/// What the two documents do not name: what this product added, and what is no API.
const NOT_DOCUMENTED: &[&str] = &["/v1/", "/K", "/k", "/account/", "/phone/", "/docs", "/openapi.json", "/metrics", "/ready"];

/// Answers that no row can have, and where they are shown instead.
const SHOWN_ELSEWHERE: &[(&str, u16)] = &[
    // A socket that opens: `transcript.rs`, with a real client.
    ("/ws/transcript/{session_id}", 101),
    // No engine that looks at pictures is part of this product.
    ("/api/visual-search", 200),
];

/// Method and path, as the description has them, of a row.
fn operation<'a>(api: &'a serde_json::Map<String, Value>, method: &str, path: &str) -> Option<(&'a str, String)> {
    // What an answer named as the address of a photo.
    let path = path.replace("<photo>", "/media/<photo>");
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    let fits = |template: &str| {
        let (mut parts, mut wanted) = (path.split('/'), template.split('/'));
        loop {
            match (parts.next(), wanted.next()) {
                (None, None) => return true,
                (Some(_), Some(wanted)) if wanted.starts_with('{') => {}
                (Some(part), Some(wanted)) if part == wanted => {}
                _ => return false,
            }
        }
    };
    let method = method.to_ascii_lowercase();
    let fitting = api.iter().filter(|(template, item)| fits(template) && item.get(&method).is_some());
    // A word of its own wins over a place for any word.
    let template = fitting.min_by_key(|(template, _)| template.matches('{').count())?.0;
    Some((template, method))
}

#[tokio::test]
async fn contract_no_documented_operation_is_left_out() {
    let place = Place::open(Database::Sqlite).await;
    let answer = place.ask(Request::get("/openapi.json").body(Body::empty()).unwrap()).await.body.unwrap();
    let api = answer["paths"].as_object().unwrap();
    let mut seen: BTreeMap<(&str, String), BTreeSet<u16>> = BTreeMap::new();
    for row in TABLES.iter().copied().flatten() {
        if let Some(operation) = operation(api, row.method, row.path) {
            seen.entry(operation).or_default().insert(row.status);
        }
    }
    let mut missing = Vec::new();
    let mut judged = 0;
    for (path, item) in api {
        if NOT_DOCUMENTED.iter().any(|begin| path.starts_with(begin)) {
            continue;
        }
        for (method, described) in item.as_object().unwrap() {
            judged += 1;
            let seen = seen.get(&(path.as_str(), method.clone())).cloned().unwrap_or_default();
            let is_described = |status: u16| described["responses"].get(status.to_string()).is_some();
            // No credential is one of the sets that open it.
            let is_open = described["security"].as_array().is_none_or(|sets| sets.iter().any(|set| *set == json!({})));
            let named = path.contains('{') && !path.starts_with("/inventory/") && !path.starts_with("/loyalty/");
            let mut wanted: Vec<u16> = [101, 200, 201, 202].into_iter().filter(|status| is_described(*status)).collect();
            wanted.extend([401].into_iter().filter(|status| !is_open && is_described(*status)));
            wanted.extend([404].into_iter().filter(|_| named));
            let is_left = |status: &u16| !seen.contains(status) && !SHOWN_ELSEWHERE.contains(&(path.as_str(), *status));
            let left: Vec<u16> = wanted.into_iter().filter(is_left).collect();
            if seen.is_empty() || !left.is_empty() {
                missing.push(format!("{method} {path}: {left:?}"));
            }
        }
    }
    assert!(judged > 60, "the description was read: {judged}");
    assert!(missing.is_empty(), "no row shows these:\n{}", missing.join("\n"));
}
