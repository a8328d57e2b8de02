//! The provider's own page: authorization code with PKCE.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::provider::{PLAIN_SECRET, Provider, SECRET};
use url::Url;

use crate::shop::{Browser, ORIGIN, Shop, client};

fn query(address: &str, name: &str) -> Option<String> {
    let url: Url = address.parse().unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The address with one part of its query replaced, or taken out.
fn changed(address: &str, name: &str, value: Option<&str>) -> String {
    let mut url: Url = address.parse().unwrap();
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
    pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.to_string()
}

#[tokio::test]
async fn a_phone_signs_in_at_the_providers_page_and_comes_back_signed_in() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let mut phone = Browser::default();
    let me = phone.get(&shop, "/v1/phone/me").await.expect(200);
    assert_eq!(me["providers"], json!([{"id": "real", "name": "Real"}]));
    let address = phone.begin(&shop, "{}").await;
    assert!(address.starts_with(&provider.issuer()));
    assert_eq!(query(&address, "code_challenge_method").as_deref(), Some("S256"));
    let back = provider.sign_in(&address, "asha").await.unwrap();
    assert_eq!(query(&back, "iss"), Some(provider.issuer()));
    let reply = phone.come_back(&shop, &back).await;
    assert_eq!((reply.status, reply.location()), (303, "/k"));
    assert_eq!(phone.name(&shop).await.as_deref(), Some("Asha"));
    let account = phone.get(&shop, "/api/users/profile").await.expect(200);
    assert_eq!((&account["email"], &account["email_verified"]), (&json!("asha@id.example"), &json!(true)));
    // The same cookie as that of a password, with its anti-forgery token.
    let change = phone.send(&shop, "PATCH", "/api/users/profile", r#"{"display_name":"Asha E."}"#).await;
    assert_eq!(change.expect(200)["display_name"], "Asha E.");

    let mut second = Browser::default();
    let address = second.begin(&shop, "{}").await;
    second.come_back(&shop, &provider.sign_in(&address, "asha").await.unwrap()).await;
    assert_eq!(second.get(&shop, "/api/auth/me").await.expect(200)["id"], account["id"], "one person, one account");
    let mut other = Browser::default();
    let address = other.begin(&shop, "{}").await;
    other.come_back(&shop, &provider.sign_in(&address, "ravi").await.unwrap()).await;
    let ravi = other.get(&shop, "/api/auth/me").await.expect(200);
    assert_eq!((&ravi["display_name"], &ravi["email"]), (&json!("Ravi Sample"), &Value::Null), "his address was not verified");
}

#[tokio::test]
async fn every_kind_of_client_is_let_in() {
    let provider = Provider::start(ORIGIN).unwrap();
    for (id, secret) in
        [("shop", Some(SECRET)), ("shop-es256", Some(PLAIN_SECRET)), ("shop-in-body", Some(PLAIN_SECRET)), ("shop-public", None)]
    {
        let shop = Shop::with(vec![client(&provider, id, secret)]).await;
        let mut phone = Browser::default();
        let address = phone.begin(&shop, "{}").await;
        let reply = phone.come_back(&shop, &provider.sign_in(&address, "asha").await.unwrap()).await;
        assert_eq!(reply.location(), "/k", "{id}");
        assert_eq!(phone.name(&shop).await.as_deref(), Some("Asha"), "{id}");
    }
    let shop = Shop::with(vec![client(&provider, "shop", Some("another secret"))]).await;
    let mut phone = Browser::default();
    let address = phone.begin(&shop, "{}").await;
    let reply = phone.come_back(&shop, &provider.sign_in(&address, "asha").await.unwrap()).await;
    assert_eq!(reply.location(), "/k#sign-in=failed");
}

#[tokio::test]
async fn an_answer_counts_once_in_the_browser_that_began_and_within_ten_minutes() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let mut phone = Browser::default();
    let back = provider.sign_in(&phone.begin(&shop, "{}").await, "asha").await.unwrap();

    // Somebody who makes another browser open the answer signs nobody in there (login CSRF).
    let mut victim = Browser::default();
    victim.begin(&shop, "{}").await;
    assert_eq!(victim.come_back(&shop, &back).await.location(), "/k#sign-in=over");
    assert_eq!(Browser::default().come_back(&shop, &back).await.location(), "/k#sign-in=over");
    assert_eq!(victim.name(&shop).await, None);

    assert_eq!(phone.come_back(&shop, &back).await.location(), "/k");
    let session = phone.clone();
    assert_eq!(phone.come_back(&shop, &back).await.location(), "/k#sign-in=over", "a second time");
    assert_eq!(session.clone().name(&shop).await.as_deref(), Some("Asha"), "and changes nothing");

    let mut late = Browser::default();
    let back = provider.sign_in(&late.begin(&shop, "{}").await, "asha").await.unwrap();
    shop.clock.advance(Duration::from_mins(10));
    assert_eq!(late.come_back(&shop, &back).await.location(), "/k#sign-in=over");
}

#[tokio::test]
async fn an_answer_that_was_changed_signs_nobody_in() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    for (name, value, word) in [
        ("iss", Some("https://other.example"), "failed"),
        ("iss", None, "failed"),
        ("code", Some("made-up"), "failed"),
        ("code", None, "cancelled"),
        ("state", Some("made-up"), "over"),
        ("state", None, "over"),
    ] {
        let mut phone = Browser::default();
        let back = provider.sign_in(&phone.begin(&shop, "{}").await, "asha").await.unwrap();
        let reply = phone.come_back(&shop, &changed(&back, name, value)).await;
        assert_eq!(reply.location(), format!("/k#sign-in={word}"), "{name} {value:?}");
        assert_eq!(phone.name(&shop).await, None, "{name} {value:?}");
    }
    // The code of another sign-in has another nonce and another verifier.
    let (mut one, mut other) = (Browser::default(), Browser::default());
    let back = provider.sign_in(&one.begin(&shop, "{}").await, "asha").await.unwrap();
    let foreign = provider.sign_in(&other.begin(&shop, "{}").await, "ravi").await.unwrap();
    let mixed = changed(&back, "code", query(&foreign, "code").as_deref());
    assert_eq!(one.come_back(&shop, &mixed).await.location(), "/k#sign-in=failed");
    assert_eq!(one.name(&shop).await, None);
}

#[tokio::test]
async fn whoever_turns_back_is_not_signed_in() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let mut phone = Browser::default();
    let back = provider.turn_back(&phone.begin(&shop, "{}").await).await.unwrap();
    assert_eq!(query(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(phone.come_back(&shop, &back).await.location(), "/k#sign-in=cancelled");
    assert_eq!(phone.name(&shop).await, None);
}

#[tokio::test]
async fn a_person_there_is_linked_to_the_account_here_by_proof_of_both() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let mut browser = Browser::default();
    let form = r#"{"email":"asha@shop.example","password":"walking by the river","display_name":"Asha Here"}"#;
    let account = browser.send(&shop, "POST", "/api/auth/register", form).await.expect(201);

    let without = Browser { csrf: String::new(), ..browser.clone() };
    let start = "/v1/phone/providers/real/start";
    without.clone().send(&shop, "POST", start, r#"{"link":true}"#).await.refused(403, "csrf_failed");
    Browser::default().send(&shop, "POST", start, r#"{"link":true}"#).await.refused(401, "authentication_required");

    let back = provider.sign_in(&browser.begin(&shop, r#"{"link":true}"#).await, "asha").await.unwrap();
    assert_eq!(browser.come_back(&shop, &back).await.location(), "/k#sign-in=linked");
    let mut phone = Browser::default();
    let back = provider.sign_in(&phone.begin(&shop, "{}").await, "asha").await.unwrap();
    phone.come_back(&shop, &back).await;
    assert_eq!(phone.get(&shop, "/api/auth/me").await.expect(200)["id"], account["id"]);

    // Whom somebody else has linked stays with him.
    let mut other = Browser::default();
    let form = form.replace("asha@", "ravi@");
    other.send(&shop, "POST", "/api/auth/register", &form).await.expect(201);
    let back = provider.sign_in(&other.begin(&shop, r#"{"link":true}"#).await, "asha").await.unwrap();
    assert_eq!(other.come_back(&shop, &back).await.location(), "/k#sign-in=taken");

    // Signed out in between, nobody is there to be linked to.
    let back = provider.sign_in(&other.begin(&shop, r#"{"link":true}"#).await, "ravi").await.unwrap();
    other.send(&shop, "POST", "/api/auth/logout", "").await.expect(200);
    assert_eq!(other.come_back(&shop, &back).await.location(), "/k#sign-in=over");
}

#[tokio::test]
async fn a_provider_that_is_away_or_unknown_is_told() {
    let mut provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let mut phone = Browser::default();
    phone.send(&shop, "POST", "/v1/phone/providers/other/start", "{}").await.refused(404, "not_found");
    assert_eq!(phone.get(&shop, "/v1/phone/providers/other/callback?state=a&code=b").await.location(), "/k#sign-in=over");
    provider.go_down();
    let start = "/v1/phone/providers/real/start";
    phone.send(&shop, "POST", start, "{}").await.refused(503, "service_unavailable");
    provider.go_up().unwrap();
    shop.clock.advance(Duration::from_secs(3));
    let back = provider.sign_in(&phone.begin(&shop, "{}").await, "asha").await.unwrap();
    provider.go_down();
    assert_eq!(phone.come_back(&shop, &back).await.location(), "/k#sign-in=failed");
    let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    shop.send("POST", start, &foreign, "{}").await.refused(403, "csrf_failed");
}

#[tokio::test]
async fn what_a_guest_did_comes_along_from_the_providers_page() {
    let provider = Provider::start(ORIGIN).unwrap();
    let shop = Shop::open(&provider).await;
    let mut phone = Browser::default();
    let guest = phone.send(&shop, "POST", "/v1/guests", "{}").await.expect(201);
    let told = r#"{"preferences":{"shoe_size":"42"}}"#;
    phone.send(&shop, "PATCH", "/consumers/me/profile", told).await.expect(200);
    let back = provider.sign_in(&phone.begin(&shop, "{}").await, "asha").await.unwrap();
    assert_eq!(phone.come_back(&shop, &back).await.location(), "/k");
    let profile = phone.get(&shop, "/consumers/me/profile").await.expect(200);
    assert_eq!((&profile["preferences"], &profile["guest"]), (&json!({"shoe_size": "42"}), &json!(false)));
    let token = guest["session_token"].as_str().unwrap();
    shop.send("GET", "/consumers/me/profile", &[("x-session-token", token)], "").await.refused(401, "authentication_required");
}
