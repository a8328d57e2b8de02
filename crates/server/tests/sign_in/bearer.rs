//! Bearer tokens.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{
    provider::{Provider, unsigned},
    wait,
};

use crate::shop::{ORIGIN, Shop};

const ME: &str = "/api/auth/me";

/// What a good token says.
fn claims(shop: &Shop, provider: &Provider) -> Value {
    json!({"iss": provider.issuer(), "sub": "user_2ab", "aud": "shop", "iat": shop.now(), "exp": shop.now() + 300})
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[tokio::test]
async fn tokens_of_the_provider_are_taken_in_every_algorithm() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let mut ids = Vec::new();
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        let token = provider.token_for(&format!("urn:shop:{algorithm}")).await.unwrap();
        let body = shop.get_as(&token, ME).await.expect(200);
        assert_eq!((&body["email"], &body["csrf_token"]), (&Value::Null, &json!("")), "{algorithm}");
        ids.push(body["id"].as_str().unwrap().to_owned());
        let signed = provider.sign(algorithm, &claims(&shop, &provider)).unwrap();
        shop.get_as(&signed, ME).await.expect(200);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "one person at the provider has one account here");
}

#[tokio::test]
async fn a_bearer_reads_and_changes_the_own_account_without_an_anti_forgery_token() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let person = json!({"name": "Asha Example", "email": "Asha@Id.Example", "email_verified": true});
    let mut said = claims(&shop, &provider);
    said.as_object_mut().unwrap().extend(person.as_object().unwrap().clone());
    let token = provider.sign("ES256", &said).unwrap();
    let profile = shop.get_as(&token, "/api/users/profile").await.expect(200);
    assert_eq!((&profile["email"], &profile["email_verified"]), (&json!("asha@id.example"), &json!(true)));
    assert_eq!(profile["roles"], json!(["customer"]), "no claim gives a role");
    let bearer = format!("bearer {token}");
    let changed = shop.send("PATCH", "/api/users/profile", &[("authorization", &bearer)], r#"{"display_name":"Asha E."}"#).await;
    assert_eq!(changed.expect(200)["display_name"], "Asha E.");
    assert_eq!(shop.get_as(&token, ME).await.expect(200)["display_name"], "Asha E.", "the account is not made anew");
}

#[tokio::test]
async fn an_equal_email_links_nobody() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let form = r#"{"email":"asha@id.example","password":"walking by the river","display_name":"Asha Example"}"#;
    let registered = shop.send("POST", "/api/auth/register", &[], form).await.expect(201);
    let with_email = |sub: &str, email: &str, verified: bool| {
        let said = with(claims(&shop, &provider), "sub", json!(sub));
        let said = with(with(said, "email", json!(email)), "email_verified", json!(verified));
        provider.sign("RS256", &said).unwrap()
    };
    let same = shop.get_as(&with_email("a", "asha@id.example", true), ME).await.expect(200);
    assert_ne!(same["id"], registered["id"]);
    assert_eq!(same["email"], Value::Null, "the address is somebody else's here");
    let unproved = shop.get_as(&with_email("b", "ravi@id.example", false), ME).await.expect(200);
    assert_eq!(unproved["email"], Value::Null, "an address that was not verified does not count");
}

#[tokio::test]
async fn a_token_that_proves_nobody_is_refused_everywhere_and_nobody_becomes_a_guest() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let good = claims(&shop, &provider);
    let sign = |claims: &Value| provider.sign("RS256", claims).unwrap();
    let token = sign(&good);
    shop.get_as(&token, ME).await.expect(200);
    let (head, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    let other = sign(&with(good.clone(), "sub", json!("user_3cd")));
    let (other_head, _) = other.rsplit_once('.').unwrap();
    let stranger = Provider::start(ORIGIN).unwrap();
    for (what, token) in [
        ("wrong audience", sign(&with(good.clone(), "aud", json!("another-shop")))),
        ("audience of the API of somebody else", provider.token_for("urn:elsewhere:RS256").await.unwrap()),
        ("no audience", sign(&with(good.clone(), "aud", Value::Null))),
        ("expired", sign(&with(good.clone(), "exp", json!(shop.now() - 61)))),
        ("never expires", sign(&with(good.clone(), "exp", Value::Null))),
        ("not yet", sign(&with(good.clone(), "nbf", json!(shop.now() + 90)))),
        ("wrong issuer", sign(&with(good.clone(), "iss", json!(format!("{}/", provider.issuer()))))),
        ("another issuer", sign(&with(good.clone(), "iss", json!("https://id.example")))),
        ("nobody", sign(&with(good.clone(), "sub", json!("")))),
        ("signed by another provider in this one's name", stranger.sign("RS256", &good).unwrap()),
        ("of a provider that nobody configured", stranger.token_for("urn:shop:RS256").await.unwrap()),
        ("tampered", format!("{other_head}.{signature}")),
        ("signature cut off", format!("{head}.")),
        ("header of another", format!("{}.{}", header.replace('J', "K"), token.split_once('.').unwrap().1)),
        ("alg none", unsigned(&good)),
        ("public key as a secret", provider.confuse(&good).unwrap()),
        ("no token", "abc".into()),
        ("empty", String::new()),
    ] {
        let reply = shop.get_as(&token, ME).await;
        reply.refused(401, "invalid_token");
        assert!(reply.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"), "{what}");
        shop.get_as(&token, "/api/users/profile").await.refused(401, "invalid_token");
        shop.get_as(&token, "/api/users/history").await.refused(401, "invalid_token");
        assert!(token.is_empty() || !reply.body.contains(&token), "{what}: it is not repeated");
    }
    for authorization in ["Basic c2hvcDpz", "Bearer", &token] {
        shop.send("GET", ME, &[("authorization", authorization)], "").await.refused(401, "invalid_token");
    }
    let two = format!("Bearer {token}");
    shop.send("GET", ME, &[("authorization", &two), ("authorization", &two)], "").await.refused(401, "invalid_token");
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let sign = |name: &str, seconds: i64| {
        provider.sign("EdDSA", &with(claims(&shop, &provider), name, json!(shop.now() + seconds))).unwrap()
    };
    shop.get_as(&sign("exp", -58), ME).await.expect(200);
    shop.get_as(&sign("exp", -60), ME).await.refused(401, "invalid_token");
    shop.get_as(&sign("nbf", 60), ME).await.expect(200);
    shop.get_as(&sign("nbf", 62), ME).await.refused(401, "invalid_token");
    let short = sign("exp", 10);
    shop.get_as(&short, ME).await.expect(200);
    shop.clock.advance(Duration::from_secs(69));
    shop.get_as(&short, ME).await.expect(200);
    shop.clock.advance(Duration::from_secs(2));
    shop.get_as(&short, ME).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn a_provider_changes_its_keys_while_the_server_runs() {
    let mut provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let old = provider.sign("RS256", &claims(&shop, &provider)).unwrap();
    shop.get_as(&old, ME).await.expect(200);
    provider.rotate().unwrap();
    shop.clock.advance(Duration::from_secs(11));
    let new = provider.sign("RS256", &claims(&shop, &provider)).unwrap();
    shop.get_as(&new, ME).await.expect(200);
    shop.get_as(&old, ME).await.refused(401, "invalid_token");
    shop.get_as(&provider.token_for("urn:shop:EdDSA").await.unwrap(), ME).await.expect(200);
}

#[tokio::test]
async fn made_up_keys_do_not_make_the_server_ask_the_provider_again_and_again() {
    let mut provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    shop.get_as(&provider.sign("RS256", &claims(&shop, &provider)).unwrap(), ME).await.expect(200);
    // The keys were fetched a moment ago, so the new ones wait a little.
    provider.rotate().unwrap();
    let new = provider.sign("RS256", &claims(&shop, &provider)).unwrap();
    shop.get_as(&new, ME).await.refused(401, "invalid_token");
    shop.clock.advance(Duration::from_secs(10));
    shop.get_as(&new, ME).await.expect(200);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_forgotten_without_a_newer_one_being_seen() {
    let mut provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let token = provider.sign("RS256", &with(claims(&shop, &provider), "exp", json!(shop.now() + 3_600))).unwrap();
    shop.get_as(&token, ME).await.expect(200);
    provider.rotate().unwrap();
    shop.clock.advance(Duration::from_mins(9));
    shop.get_as(&token, ME).await.expect(200);
    shop.clock.advance(Duration::from_mins(1));
    wait::until_true("the old key is forgotten", Duration::from_secs(20), async || {
        let reply = shop.get_as(&token, ME).await;
        Ok(reply.status == 401)
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_provider_that_is_away_matters_only_until_its_keys_were_seen() {
    let mut provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let token = provider.sign("RS256", &claims(&shop, &provider)).unwrap();
    provider.go_down();
    let away = shop.get_as(&token, ME).await;
    away.refused(503, "service_unavailable");
    assert!(away.headers.contains_key("retry-after"));
    shop.get_as("abc", ME).await.refused(401, "invalid_token");
    provider.go_up().unwrap();
    shop.clock.advance(Duration::from_secs(3));
    let token = provider.sign("RS256", &claims(&shop, &provider)).unwrap();
    shop.get_as(&token, ME).await.expect(200);
    provider.go_down();
    shop.clock.advance(Duration::from_secs(200));
    shop.get_as(&token, ME).await.expect(200);
}

#[tokio::test]
async fn a_bearer_has_a_profile_and_takes_a_guest_along_by_the_guests_token() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let token = provider.sign("ES256", &claims(&shop, &provider)).unwrap();
    let (me, link, bearer) = ("/consumers/me/profile", "/consumers/me/link", format!("Bearer {token}"));
    assert_eq!(shop.get_as(&token, me).await.expect(200)["version"], json!(0));
    let guest = shop.send("POST", "/v1/guests", &[], "{}").await.expect(201);
    let proof = ("x-session-token", guest["session_token"].as_str().unwrap());
    shop.send("PATCH", me, &[proof], r#"{"name":"Asha","email":"asha@shop.example"}"#).await.expect(200);
    let bad = [("authorization", "Bearer made.up.token"), proof];
    shop.send("POST", link, &bad, "{}").await.refused(401, "invalid_token");
    shop.send("GET", me, &bad, "").await.refused(401, "invalid_token");
    let linked = shop.send("POST", link, &[("authorization", &bearer), proof], "{}").await.expect(200);
    assert_eq!((&linked["merged_fields"], &linked["profile"]["name"]), (&json!(["name", "email"]), &json!("Asha")));
    shop.send("GET", me, &[proof], "").await.refused(401, "authentication_required");
    assert_eq!(shop.get_as(&token, me).await.expect(200), linked["profile"]);
}
