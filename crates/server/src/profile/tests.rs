//! Profiles and guests as their documents describe them.

use axum::http::{HeaderMap, header};
use protocol::routes;
use serde_json::{Value, json};

use crate::{
    account::tests::registered,
    testing::{Reply, TestServer},
};

pub(super) const ME: &str = "/consumers/me/profile";
/// What a client calls its guest.
pub(super) const ALIAS: &str = "5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11";

/// The line that sets the guest's cookie.
pub(super) fn guest_cookie(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    lines.into_iter().find(|line| line.starts_with("guest_session=")).map(str::to_owned)
}

/// A guest in a browser: the cookie, the token and the profile's id.
pub(crate) struct Guest {
    pub(crate) cookie: String,
    pub(crate) token: String,
    pub(crate) id: String,
}

/// Somebody who began as a guest just now.
pub(crate) async fn guest(server: &TestServer, alias: Option<&str>) -> Guest {
    let reply = server.post(routes::GUESTS, &[], &json!({"consumer_id": alias})).await;
    let body = reply.expect(201);
    Guest {
        cookie: guest_cookie(&reply.headers).unwrap().split(';').next().unwrap().to_owned(),
        token: body["session_token"].as_str().unwrap().to_owned(),
        id: body["profile"]["id"].as_str().unwrap().to_owned(),
    }
}

pub(super) fn of(id: impl std::fmt::Display) -> String {
    format!("/consumers/{id}/profile")
}

#[track_caller]
fn not_found(reply: &Reply) {
    reply.refused(404, "not_found", "Profile not found");
}

#[tokio::test]
async fn the_first_guest_call_gives_a_session_a_cookie_and_a_profile() {
    let server = TestServer::start().await;
    let reply = server.post(routes::GUESTS, &[], &json!({"consumer_id": ALIAS})).await;
    let body = reply.expect(201);
    let token = body["session_token"].as_str().unwrap();
    let cookie = guest_cookie(&reply.headers).unwrap();
    assert_eq!(cookie, format!("guest_session={token}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"));
    assert_eq!((&body["profile"]["guest"], &body["profile"]["name"]), (&json!(true), &Value::Null));
    assert_eq!(body["profile"]["id"], body["session_id"]);
    let session = server.get(routes::SESSION_RESTORE, &[("x-session-token", token)]).await.expect(200);
    assert_eq!((&session["session"]["guest"], &session["session"]["channel"]), (&json!(true), &json!("web")));

    let id = body["profile"]["id"].as_str().unwrap();
    for path in [ME, &of(id), &of(ALIAS)] {
        for proof in [("x-session-token", token), ("cookie", cookie.split(';').next().unwrap())] {
            assert_eq!(server.get(path, &[proof]).await.expect(200), body["profile"], "{path}");
        }
    }
    let again = server.post(routes::GUESTS, &[("x-session-token", token)], &json!({})).await.expect(200);
    assert_eq!(again, body, "who is a guest stays that guest");
}

#[tokio::test]
async fn a_guest_cookie_is_for_tls_alone_where_the_server_is_reached_by_it() {
    let server = TestServer::start_with(|config| config.public_url = Some("https://shop.example".parse().unwrap())).await;
    let reply = server.post(routes::GUESTS, &[], &json!({})).await;
    assert!(guest_cookie(&reply.headers).unwrap().contains("; Secure"));
}

#[tokio::test]
async fn nobody_but_a_browser_gets_or_uses_the_cookie() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    let reply = server.post_from(&kiosk, routes::GUESTS, None, &json!({})).await;
    reply.refused(403, "forbidden", "A kiosk begins its guests at /v1/kiosk/guest.");
    let key = server.key(None, &[server_store::records::Scope::Agent]).await;
    let reply = server.post(routes::GUESTS, &[("x-channel-key", &key)], &json!({})).await;
    reply.expect(201);
    assert_eq!(guest_cookie(&reply.headers), None);
    let elsewhere = server.post(routes::GUESTS, &[("origin", "https://evil.example")], &json!({})).await;
    elsewhere.expect(201);
    assert_eq!(guest_cookie(&elsewhere.headers), None, "a page of somebody else sets no cookie of ours");

    let guest = guest(&server, None).await;
    let proof = server.proof(&kiosk, "GET", ME, None);
    server.get(ME, &[("dpop", &proof), ("cookie", &guest.cookie)]).await.expect(401);
    server.get(ME, &[("x-channel-key", &key), ("cookie", &guest.cookie)]).await.expect(401);
}

#[tokio::test]
async fn nobody_begins_guests_without_end() {
    let server = TestServer::start().await;
    for _ in 0..120 {
        server.post(routes::GUESTS, &[], &json!({})).await.expect(201);
    }
    let reply = server.post(routes::GUESTS, &[], &json!({})).await;
    assert_eq!(reply.expect(429)["code"], json!("rate_limited"));
    assert!(reply.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_name_opens_nothing() {
    let server = TestServer::start().await;
    let (mine, theirs) = (guest(&server, Some(ALIAS)).await, guest(&server, None).await);
    let account = registered(&server, "asha@example.com").await;
    server.get(ME, &[]).await.refused(401, "authentication_required", "Authentication required");
    for id in [ALIAS, &mine.id, &account.id, "7", "00000000-0000-7000-8000-000000000000"] {
        not_found(&server.get(&of(id), &[]).await);
        not_found(&server.get(&of(id), &[("x-session-token", &theirs.token)]).await);
        not_found(&server.get(&of(id), &[("x-session-token", "made-up")]).await);
    }
    not_found(&account.get(&server, &of(ALIAS)).await);
    not_found(&account.get(&server, &of(&mine.id)).await);
    let customer = server.signed_up("2025550150").await;
    server.get(ME, &[("x-session-token", &customer)]).await.expect(401);
    // The same name chosen twice is two guests.
    let other = guest(&server, Some(ALIAS)).await;
    assert_ne!(other.id, mine.id);
    let read = server.get(&of(ALIAS), &[("x-session-token", &other.token)]).await.expect(200);
    assert_eq!(read["id"], json!(other.id));
}

#[tokio::test]
async fn an_account_has_an_empty_profile_that_asking_does_not_keep() {
    let server = TestServer::start().await;
    let account = registered(&server, "asha@example.com").await;
    let body = account.get(&server, ME).await.expect(200);
    let expected = json!({"id": account.id, "name": null, "email": null, "phone": null, "profile_photo_url": null,
        "default_location": {"city": null, "state": null, "zip": null, "address": null, "lat": null, "lng": null},
        "notification_preferences": {"email": false, "sms": false, "push": false}, "preferences": {}, "created_at": null,
        "version": 0, "guest": false});
    assert_eq!(body, expected);
    assert_eq!(account.get(&server, &of(&account.id)).await.expect(200), expected);
    let id = account.id.parse().unwrap();
    assert_eq!(server.state.read().await.unwrap().profile(id).await.unwrap(), None);
}

#[tokio::test]
async fn staff_reads_the_profiles_of_others() {
    let server = TestServer::start().await;
    let guest = guest(&server, Some(ALIAS)).await;
    let (staff, asha) = (registered(&server, "ravi@example.com").await, registered(&server, "asha@example.com").await);
    not_found(&staff.get(&server, &of(&asha.id)).await);
    let mut tx = server.state.write().await.unwrap();
    let now = tx.now();
    tx.grant_role(staff.id.parse().unwrap(), protocol::staff::Role::Staff, None, now).await.unwrap();
    tx.commit().await.unwrap();
    for id in [&asha.id, &guest.id] {
        assert_eq!(staff.get(&server, &of(id)).await.expect(200)["id"], json!(id));
    }
    for id in [ALIAS, "x", "00000000-0000-7000-8000-000000000000"] {
        not_found(&staff.get(&server, &of(id)).await);
    }
}

pub(super) async fn send(server: &TestServer, method: &str, path: &str, proof: (&str, &str), body: Value) -> Reply {
    let headers = [proof, ("content-type", "application/json")];
    server.send(crate::testing::request(method, path, &headers).body(axum::body::Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn put_replaces_what_is_sent_and_patch_merges_it() {
    let server = TestServer::start().await;
    let asha = registered(&server, "asha@example.com").await;
    let first = json!({"name": " Asha Example ", "email": "Asha@Shop.Example", "phone": "(202) 555-0101",
        "profile_photo_url": "https://pictures.example/asha.png", "default_location": {"city": "Springfield", "lat": 39.8},
        "notification_preferences": {"sms": true}, "preferences": {"shoe_size": "42", "fit": {"waist": "slim", "leg": "long"}},
        "unknown": 7});
    let body = asha.send(&server, "PUT", ME, &first).await.expect(200);
    assert_eq!(
        (&body["name"], &body["email"], &body["phone"]),
        (&json!("Asha Example"), &json!("asha@shop.example"), &json!("+12025550101"))
    );
    assert_eq!(body["notification_preferences"], json!({"email": false, "sms": true, "push": false}));
    assert_eq!((&body["version"], &body["guest"]), (&json!(1), &json!(false)));
    assert!(body["created_at"].as_str().unwrap().ends_with('Z'));

    let merged = json!({"default_location": {"zip": "62701"}, "notification_preferences": {"email": true},
        "preferences": {"colours": ["white"], "fit": {"leg": null, "rise": "high"}}});
    let body = asha.send(&server, "PATCH", ME, &merged).await.expect(200);
    assert_eq!(
        body["default_location"],
        json!({"city": "Springfield", "state": null, "zip": "62701", "address": null, "lat": 39.8, "lng": null})
    );
    assert_eq!(body["notification_preferences"], json!({"email": true, "sms": true, "push": false}));
    assert_eq!(body["preferences"], json!({"shoe_size": "42", "colours": ["white"], "fit": {"waist": "slim", "rise": "high"}}));
    assert_eq!((&body["name"], &body["version"]), (&json!("Asha Example"), &json!(2)));

    let whole = json!({"default_location": {"zip": "1"}, "notification_preferences": {}, "preferences": {"colours": ["red"]}, "phone": null});
    let body = asha.send(&server, "PUT", &of(&asha.id), &whole).await.expect(200);
    assert_eq!(
        body["default_location"],
        json!({"city": null, "state": null, "zip": "1", "address": null, "lat": null, "lng": null})
    );
    assert_eq!(body["notification_preferences"], json!({"email": false, "sms": false, "push": false}));
    assert_eq!((&body["preferences"], &body["phone"]), (&json!({"colours": ["red"]}), &Value::Null));
    assert_eq!(body["email"], json!("asha@shop.example"), "what is not sent stays");

    let nothing = json!({"name": null, "email": null, "profile_photo_url": null, "default_location": null,
        "notification_preferences": null, "preferences": null});
    let cleared = asha.send(&server, "PATCH", ME, &nothing).await.expect(200);
    assert_eq!(
        (&cleared["name"], &cleared["preferences"], &cleared["default_location"]["zip"]),
        (&Value::Null, &json!({}), &Value::Null)
    );
    let same = asha.send(&server, "PATCH", ME, &json!({})).await.expect(200);
    assert_eq!(same, cleared, "a change that changes nothing is none");
}

#[tokio::test]
async fn a_place_is_changed_by_itself() {
    let server = TestServer::start().await;
    let guest = guest(&server, None).await;
    let proof = ("x-session-token", guest.token.as_str());
    let path = "/consumers/me/location";
    let body = send(&server, "PATCH", path, proof, json!({"city": "Pune", "lat": 18.5, "lng": 73.9})).await.expect(200);
    let place = json!({"city": "Pune", "state": null, "zip": null, "address": null, "lat": 18.5, "lng": 73.9});
    assert_eq!(body, json!({"status": "success", "location": place}));
    let body = send(&server, "PATCH", path, proof, json!({"lat": null, "lng": null, "zip": " 411001 "})).await.expect(200);
    assert_eq!(
        (&body["location"]["city"], &body["location"]["lat"], &body["location"]["zip"]),
        (&json!("Pune"), &Value::Null, &json!("411001"))
    );
    for (wrong, field) in [
        (json!({"lat": 90.5}), "lat"),
        (json!({"lng": -181}), "lng"),
        (json!({"lat": "north"}), "lat"),
        (json!({"city": 7}), "city"),
        (json!({"city": "x".repeat(101)}), "city"),
        (json!({"address": "a\nb"}), "address"),
    ] {
        let body = send(&server, "PATCH", path, proof, wrong.clone()).await.expect(422);
        assert_eq!((&body["code"], &body["errors"][0]["field"]), (&json!("validation_error"), &json!(field)), "{wrong}");
    }
    send(&server, "PATCH", &format!("/consumers/{ALIAS}/location"), proof, json!({"city": "x"})).await.expect(404);
    send(&server, "PATCH", path, ("accept", "*/*"), json!({"city": "x"})).await.expect(401);
}

#[tokio::test]
async fn wrong_values_are_named() {
    let server = TestServer::start().await;
    let asha = registered(&server, "asha@example.com").await;
    for (wrong, status, code, field) in [
        (json!({"name": "x".repeat(101)}), 422, "validation_error", "name"),
        (json!({"name": "a\u{0}b"}), 422, "validation_error", "name"),
        (json!({"name": ["x"]}), 422, "validation_error", "name"),
        (json!({"email": "asha"}), 422, "validation_error", "email"),
        (json!({"phone": "5550101"}), 400, "invalid_phone", "phone"),
        (json!({"profile_photo_url": "http://pictures.example/a.png"}), 422, "validation_error", "profile_photo_url"),
        (json!({"profile_photo_url": "javascript:alert(1)"}), 422, "validation_error", "profile_photo_url"),
        (json!({"profile_photo_url": "https://u:p@pictures.example/"}), 422, "validation_error", "profile_photo_url"),
        (json!({"default_location": "Pune"}), 422, "validation_error", "default_location"),
        (json!({"default_location": {"lat": 91}}), 422, "validation_error", "default_location.lat"),
        (json!({"notification_preferences": {"sms": "yes"}}), 422, "validation_error", "notification_preferences.sms"),
        (json!({"preferences": ["x"]}), 422, "validation_error", "preferences"),
        (json!({"preferences": {"x": "y".repeat(8 * 1024)}}), 422, "validation_error", "preferences"),
        (json!({"if_version": "1"}), 422, "validation_error", "if_version"),
    ] {
        for method in ["PUT", "PATCH"] {
            let body = asha.send(&server, method, ME, &wrong).await.expect(status);
            assert_eq!((&body["code"], &body["errors"][0]["field"]), (&json!(code), &json!(field)), "{wrong}");
        }
    }
    assert_eq!(asha.get(&server, ME).await.expect(200)["version"], json!(0), "nothing was kept");
    let half = |key: &str| json!({"preferences": {key: "y".repeat(5_000)}});
    asha.send(&server, "PATCH", ME, &half("a")).await.expect(200);
    let body = asha.send(&server, "PATCH", ME, &half("b")).await.expect(422);
    assert_eq!(body["errors"][0]["field"], json!("preferences"), "merged they are too large");
}

#[tokio::test]
async fn whoever_is_too_late_sees_both() {
    let server = TestServer::start().await;
    let asha = registered(&server, "asha@example.com").await;
    asha.send(&server, "PATCH", ME, &json!({"name": "Asha", "if_version": 0})).await.expect(200);
    let late = json!({"name": "Aisha", "phone": null, "if_version": 0});
    let body = asha.send(&server, "PUT", ME, &late).await.expect(409);
    assert_eq!(
        (&body["code"], &body["profile"]["name"], &body["profile"]["version"]),
        (&json!("version_conflict"), &json!("Asha"), &json!(1))
    );
    assert_eq!(body["sent"], late);
    asha.send(&server, "PUT", ME, &json!({"name": "Aisha", "if_version": 1})).await.expect(200);
}

#[tokio::test]
async fn a_profile_is_changed_by_its_owner_alone() {
    let server = TestServer::start().await;
    let (asha, ravi) = (registered(&server, "asha@example.com").await, registered(&server, "ravi@example.com").await);
    let guest = guest(&server, Some(ALIAS)).await;
    let mine = json!({"name": "Mine", "account_id": asha.id, "consumer_id": asha.id, "id": asha.id, "roles": ["manager"]});
    for method in ["PUT", "PATCH"] {
        for id in [&asha.id, &guest.id, ALIAS] {
            not_found(&ravi.send(&server, method, &of(id), &mine).await);
        }
        not_found(&send(&server, method, &of(&asha.id), ("x-session-token", &guest.token), mine.clone()).await);
        not_found(&send(&server, method, &of(ALIAS), ("accept", "*/*"), mine.clone()).await);
        send(&server, method, ME, ("accept", "*/*"), mine.clone()).await.expect(401);
    }
    // Staff read, and change nothing.
    let mut tx = server.state.write().await.unwrap();
    let now = tx.now();
    tx.grant_role(ravi.id.parse().unwrap(), protocol::staff::Role::Staff, None, now).await.unwrap();
    tx.commit().await.unwrap();
    not_found(&ravi.send(&server, "PUT", &of(&asha.id), &mine).await);
    let body = ravi.send(&server, "PUT", ME, &mine).await.expect(200);
    assert_eq!((&body["id"], &body["name"]), (&json!(ravi.id), &json!("Mine")));
    assert_eq!(asha.get(&server, ME).await.expect(200)["name"], Value::Null);
    assert_eq!(ravi.get(&server, routes::ACCOUNT_PROFILE).await.expect(200)["roles"], json!(["customer", "staff"]));
}

#[tokio::test]
async fn a_page_of_somebody_else_changes_nothing_with_a_guests_cookie() {
    let server = TestServer::start().await;
    let guest = guest(&server, None).await;
    let change = json!({"name": "Mallory"});
    for foreign in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "null"),
    ] {
        let headers = [("cookie", guest.cookie.as_str()), foreign, ("content-type", "application/json")];
        let request = crate::testing::request("PUT", ME, &headers).body(axum::body::Body::from(change.to_string())).unwrap();
        let body = server.send(request).await.expect(403);
        assert_eq!(body["code"], json!("csrf_failed"), "{foreign:?}");
        let reply = server.post(routes::SERVICE_REQUESTS, &headers[..2], &json!({"raw_input": "hello"})).await;
        assert_eq!(reply.expect(403)["code"], json!("csrf_failed"), "{foreign:?}");
    }
    let own = server.state.config.public_origin();
    let headers = [("cookie", guest.cookie.as_str()), ("origin", own.as_str()), ("content-type", "application/json")];
    let request = crate::testing::request("PUT", ME, &headers).body(axum::body::Body::from(change.to_string())).unwrap();
    server.send(request).await.expect(200);
    // The token itself is no ambient credential; a page that has it may use it.
    let headers =
        [("x-session-token", guest.token.as_str()), ("origin", "https://shop.example"), ("content-type", "application/json")];
    let request = crate::testing::request("PUT", ME, &headers).body(axum::body::Body::from(change.to_string())).unwrap();
    server.send(request).await.expect(200);
}

#[tokio::test]
async fn two_guests_behind_one_address_do_not_share_a_kept_answer() {
    let server = TestServer::start().await;
    let (one, two) = (guest(&server, None).await, guest(&server, None).await);
    let ask = async |guest: &Guest| {
        let headers = [("cookie", guest.cookie.as_str()), ("idempotency-key", "same")];
        server.post(routes::SERVICE_REQUESTS, &headers, &json!({"raw_input": "hello"})).await.expect(201)["id"].clone()
    };
    let first = ask(&one).await;
    assert_eq!(ask(&one).await, first);
    assert_ne!(ask(&two).await, first);
}

#[tokio::test]
async fn changes_at_once_are_all_kept() {
    for server in TestServer::on_each_database().await {
        let asha = registered(&server, "asha@example.com").await;
        let change = async |key: String| {
            asha.send(&server, "PATCH", ME, &json!({"preferences": {key: true}})).await.expect(200);
        };
        futures_util::future::join_all((0..16).map(|number| change(format!("k{number}")))).await;
        let body = asha.get(&server, ME).await.expect(200);
        assert_eq!((body["preferences"].as_object().unwrap().len(), &body["version"]), (16, &json!(16)));
    }
}

#[tokio::test]
async fn the_marketplace_of_the_source_is_not_here() {
    let server = TestServer::start().await;
    let asha = registered(&server, "asha@example.com").await;
    let id = "00000000-0000-7000-8000-000000000000";
    for path in [
        "/offers",
        "/offers/submit",
        "/bookings",
        "/bookings/create",
        "/reviews",
        "/providers/me/portfolio",
        "/portfolios",
        "/matching",
        "/templates",
    ] {
        for path in [path.to_owned(), format!("{path}/{id}")] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                asha.send(&server, method, &path, &json!({})).await.refused(404, "not_found", "Not Found");
            }
        }
    }
}
