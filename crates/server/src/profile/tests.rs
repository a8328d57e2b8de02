//! Profiles and guests as their documents describe them.

use axum::http::{HeaderMap, header};
use protocol::routes;
use serde_json::{Value, json};

use crate::{
    account::tests::registered,
    testing::{Reply, TestServer},
};

const ME: &str = "/consumers/me/profile";
/// What a client calls its guest.
const ALIAS: &str = "5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11";

/// The line that sets the guest's cookie.
fn guest_cookie(headers: &HeaderMap) -> Option<String> {
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

fn of(id: impl std::fmt::Display) -> String {
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

async fn send(server: &TestServer, method: &str, path: &str, proof: (&str, &str), body: Value) -> Reply {
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

const LINK: &str = routes::PROFILE_LINK;

/// Asked something, put something into the cart, and told a name.
async fn busy_guest(server: &TestServer) -> Guest {
    let guest = guest(server, Some(ALIAS)).await;
    let proof = ("x-session-token", guest.token.as_str());
    server.act(&guest.token, "add_to_cart", json!({"item": {"sku": "SKU-1", "quantity": 2}})).await.expect(200);
    server.act(&guest.token, "chat_message", json!({"message": "white shoes?", "sender": "user"})).await.expect(200);
    send(server, "PATCH", ME, proof, json!({"name": "Asha", "preferences": {"shoe_size": "42", "colour": "white"}}))
        .await
        .expect(200);
    server.post(routes::SERVICE_REQUESTS, &[proof], &json!({"raw_input": "size 44?"})).await.expect(201);
    guest
}

/// A token of the account's customer.
async fn session_of(server: &TestServer, account: &str) -> Option<Value> {
    let mut tx = server.state.read().await.unwrap();
    let customer = tx.account(account.parse().unwrap()).await.unwrap().unwrap().customer_id?;
    let session = tx.active_session_of(&customer).await.unwrap()?;
    let token = server.state.key.session_token(session.id, session.generation);
    drop(tx);
    Some(server.get(routes::SESSION_RESTORE, &[("x-session-token", &token)]).await.expect(200)["session"].clone())
}

#[tokio::test]
async fn a_link_brings_everything_the_guest_did() {
    let server = TestServer::start().await;
    let asha = registered(&server, "asha@example.com").await;
    asha.send(&server, "PATCH", ME, &json!({"name": "Asha Example", "preferences": {"colour": "red"}})).await.expect(200);
    let guest = busy_guest(&server).await;
    let body = asha.send(&server, "POST", LINK, &json!({"guest_token": guest.token})).await.expect(200);
    assert_eq!(body["linked"], json!(true));
    assert_eq!(body["merged_fields"], json!(["preferences.shoe_size"]));
    assert_eq!(body["kept_fields"], json!(["name", "preferences.colour"]));
    assert_eq!((&body["profile"]["id"], &body["profile"]["guest"]), (&json!(asha.id), &json!(false)));
    assert_eq!(body["profile"]["preferences"], json!({"colour": "red", "shoe_size": "42"}));

    let session = session_of(&server, &asha.id).await.unwrap();
    assert_eq!((&session["data"]["cart"][0]["sku"], &session["data"]["cart"][0]["quantity"]), (&json!("SKU-1"), &json!(2)));
    let said: Vec<&str> =
        session["data"]["chat_context"].as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap()).collect();
    assert_eq!(said, ["white shoes?"]);
    let dashboard = asha.get(&server, "/consumers/me/requests").await.expect(200);
    assert_eq!(dashboard["requests"]["open"][0]["title"], json!("size 44?"));
    assert_eq!(asha.get(&server, &of(ALIAS)).await.expect(200), body["profile"], "the client's own name for its guest goes on");

    let proof = [("x-session-token", guest.token.as_str())];
    server.get(routes::SESSION_RESTORE, &proof).await.refused(404, "session_expired", "Session not found");
    server.get(ME, &proof).await.expect(401);
    let again = asha.send(&server, "POST", LINK, &json!({"guest_token": guest.token})).await.expect(200);
    assert_eq!((&again["merged_fields"], &again["profile"]), (&json!([]), &body["profile"]), "linking again changes nothing");
    let ravi = registered(&server, "ravi@example.com").await;
    let sentence = "This guest's profile is linked to another account already.";
    ravi.send(&server, "POST", LINK, &json!({"guest_token": guest.token})).await.refused(409, "profile_already_linked", sentence);
    assert_eq!(session_of(&server, &ravi.id).await, None);
}

#[tokio::test]
async fn two_carts_and_two_conversations_become_one() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1", "quantity": 98}})).await.expect(200);
    server.act(&token, "chat_message", json!({"message": "first", "sender": "user"})).await.expect(200);
    let session = server.session_id(&token).await;
    let login = json!({"phone_number": "2025550150", "password": "walking by the river"});
    let me = server.post(routes::PHONE_SIGN_IN, &[], &login).await;
    me.expect(200);
    let cookie = me
        .headers
        .get_all("set-cookie")
        .iter()
        .find_map(|line| line.to_str().unwrap().split(';').next().filter(|pair| pair.starts_with("sessionid=")))
        .unwrap()
        .to_owned();
    let csrf = me.json()["csrf_token"].as_str().unwrap().to_owned();
    let guest = busy_guest(&server).await;
    let headers = [("cookie", cookie.as_str()), ("x-csrftoken", csrf.as_str())];
    server.post(LINK, &headers, &json!({"guest_token": guest.token})).await.expect(200);

    let body = server.get(routes::SESSION_RESTORE, &[("x-session-token", &token)]).await.expect(200);
    let data = &body["session"]["data"];
    assert_eq!((data["cart"].as_array().unwrap().len(), &data["cart"][0]["quantity"]), (1, &json!(99)));
    let said: Vec<&str> =
        data["chat_context"].as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap()).collect();
    assert_eq!(said, ["first", "white shoes?"]);
    // Who follows the session hears of both.
    let mut tx = server.state.read().await.unwrap();
    let topics = [server_store::records::Topic::Session(session)];
    let heard = tx.events_after(&topics, protocol::ids::Cursor(0), 100).await.unwrap();
    let last: Vec<Value> = heard.iter().rev().take(2).map(|event| serde_json::to_value(&event.body).unwrap()).collect();
    assert_eq!((&last[0]["kind"], &last[1]["kind"]), (&json!("cart_changed"), &json!("chat_appended")));
    assert_eq!(last[1]["entry"]["message"], json!("white shoes?"));
}

#[tokio::test]
async fn registering_and_signing_in_bring_the_guest_of_the_same_browser() {
    let server = TestServer::start().await;
    for way in ["register", "login", "phone sign-up", "phone sign-in"] {
        let guest = busy_guest(&server).await;
        let email = format!("{}@example.com", way.replace(' ', "-"));
        let phone = if way == "phone sign-up" { "2025550170" } else { "2025550171" };
        let password = "walking by the river";
        let reply = match way {
            "register" => {
                let form = json!({"email": email, "password": password, "display_name": "Asha"});
                server.post(routes::ACCOUNT_REGISTER, &[("cookie", &guest.cookie)], &form).await
            }
            "login" => {
                registered(&server, &email).await;
                let form = json!({"email": email, "password": password});
                server.post(routes::ACCOUNT_LOGIN, &[("x-session-token", &guest.token), ("cookie", &guest.cookie)], &form).await
            }
            "phone sign-up" => {
                let form = json!({"name": "Asha", "phone_number": phone, "password": password});
                server.post(routes::PHONE_SIGN_UP, &[("cookie", &guest.cookie)], &form).await
            }
            _ => {
                server.signed_up(phone).await;
                let form = json!({"phone_number": phone, "password": password});
                server.post(routes::PHONE_SIGN_IN, &[("cookie", &guest.cookie)], &form).await
            }
        };
        assert!(reply.status.is_success(), "{way}: {reply:?}");
        assert_eq!(guest_cookie(&reply.headers).unwrap().split(';').next(), Some("guest_session="), "{way}");
        let session = reply
            .headers
            .get_all("set-cookie")
            .iter()
            .find_map(|line| line.to_str().unwrap().split(';').next().filter(|pair| pair.starts_with("sessionid=")))
            .unwrap()
            .to_owned();
        let profile = server.get(ME, &[("cookie", &session)]).await.expect(200);
        assert_eq!((&profile["name"], &profile["preferences"]["shoe_size"]), (&json!("Asha"), &json!("42")), "{way}");
        let cart = session_of(&server, profile["id"].as_str().unwrap()).await.unwrap()["data"]["cart"].clone();
        assert_eq!(cart[0]["sku"], json!("SKU-1"), "{way}");
        server.get(ME, &[("cookie", &guest.cookie)]).await.expect(401);
    }
}

#[tokio::test]
async fn a_guest_who_did_nothing_leaves_no_trace() {
    let server = TestServer::start().await;
    let guest = guest(&server, None).await;
    let form = json!({"email": "asha@example.com", "password": "walking by the river", "display_name": "Asha"});
    let asha =
        crate::account::tests::Browser::of(&server.post(routes::ACCOUNT_REGISTER, &[("cookie", &guest.cookie)], &form).await);
    assert_eq!(session_of(&server, &asha.id).await, None);
    assert_eq!(asha.get(&server, ME).await.expect(200)["version"], json!(0));
    server.get(ME, &[("cookie", &guest.cookie)]).await.expect(401);
}

#[tokio::test]
async fn a_dead_or_foreign_guest_is_no_reason_to_refuse_a_sign_in() {
    let server = TestServer::start().await;
    let taken = busy_guest(&server).await;
    let ravi = registered(&server, "ravi@example.com").await;
    ravi.send(&server, "POST", LINK, &json!({"guest_token": taken.token})).await.expect(200);
    registered(&server, "asha@example.com").await;
    let login = json!({"email": "asha@example.com", "password": "walking by the river"});
    for cookie in [taken.cookie.as_str(), "guest_session=made-up", "guest_session="] {
        let reply = server.post(routes::ACCOUNT_LOGIN, &[("cookie", cookie)], &login).await;
        let asha = crate::account::tests::Browser::of(&reply);
        assert_eq!(asha.get(&server, ME).await.expect(200)["name"], Value::Null, "{cookie}");
    }
}

#[tokio::test]
async fn nothing_but_the_token_links_a_guest() {
    let server = TestServer::start().await;
    let guest = busy_guest(&server).await;
    let asha = registered(&server, "asha@example.com").await;
    let customer = server.signed_up("2025550150").await;
    let dead = "This guest session is unknown or has ended.";
    for token in [ALIAS, guest.id.as_str(), "made-up", customer.as_str(), &"x".repeat(4_000)] {
        asha.send(&server, "POST", LINK, &json!({"guest_token": token})).await.refused(401, "invalid_token", dead);
    }
    for named in
        [json!({}), json!({"guest_token": null}), json!({"guest_token": ""}), json!({"consumer_id": ALIAS, "guest_id": guest.id})]
    {
        let body = asha.send(&server, "POST", LINK, &named).await.expect(422);
        assert_eq!(body["errors"][0]["field"], json!("guest_token"), "{named}");
    }
    server.get(ME, &[("x-session-token", &guest.token)]).await.expect(200);
    // A guest alone has nothing to link to, and a page without the anti-forgery token links nothing.
    let token = json!({"guest_token": guest.token});
    server.post(LINK, &[("x-session-token", &guest.token)], &token).await.refused(
        401,
        "authentication_required",
        "Authentication required",
    );
    let body = server.post(LINK, &[("cookie", &format!("{}; {}", asha.cookie, guest.cookie))], &json!({})).await.expect(403);
    assert_eq!(body["code"], json!("csrf_failed"));
    // The cookie of the guest is enough beside that of the account.
    let both = format!("{}; {}", asha.cookie, guest.cookie);
    let reply = server.post(LINK, &[("cookie", &both), ("x-csrftoken", &asha.csrf)], &json!({})).await;
    assert_eq!(reply.expect(200)["profile"]["name"], json!("Asha"));
    assert!(guest_cookie(&reply.headers).unwrap().starts_with("guest_session=;"));
}

#[tokio::test]
async fn linking_one_guest_leaves_the_browsers_other_guest_alone() {
    let server = TestServer::start().await;
    let asha = registered(&server, "asha@example.com").await;
    let (named, of_browser) = (guest(&server, None).await, guest(&server, None).await);
    let both = format!("{}; {}", asha.cookie, of_browser.cookie);
    let headers = [("cookie", both.as_str()), ("x-csrftoken", asha.csrf.as_str())];
    let reply = server.post(LINK, &headers, &json!({"guest_token": named.token})).await;
    reply.expect(200);
    assert_eq!(guest_cookie(&reply.headers), None);
    server.get(ME, &[("cookie", &of_browser.cookie)]).await.expect(200);
    server.get(ME, &[("cookie", &named.cookie)]).await.expect(401);
}

#[tokio::test]
async fn of_two_links_at_once_one_wins() {
    for server in TestServer::on_each_database().await {
        let (asha, ravi) = (registered(&server, "asha@example.com").await, registered(&server, "ravi@example.com").await);
        for _ in 0..4 {
            let guest = busy_guest(&server).await;
            let token = json!({"guest_token": guest.token});
            let (one, two) = tokio::join!(asha.send(&server, "POST", LINK, &token), ravi.send(&server, "POST", LINK, &token));
            let mut statuses = [one.status.as_u16(), two.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409]);
        }
        let mut pieces = 0;
        for person in [&asha, &ravi] {
            if let Some(session) = session_of(&server, &person.id).await {
                pieces += session["data"]["cart"][0]["quantity"].as_u64().unwrap();
            }
        }
        assert_eq!(pieces, 8, "each cart came to one of the two, once");
    }
}

#[tokio::test]
async fn a_link_and_the_guests_own_words_at_once_lose_nothing() {
    for server in TestServer::on_each_database().await {
        let asha = registered(&server, "asha@example.com").await;
        for number in 0..4 {
            let guest = busy_guest(&server).await;
            let (token, words) = (json!({"guest_token": guest.token}), format!("words {number}"));
            let (linked, said) = tokio::join!(
                asha.send(&server, "POST", LINK, &token),
                server.act(&guest.token, "chat_message", json!({"message": words, "sender": "user"}))
            );
            linked.expect(200);
            let session = session_of(&server, &asha.id).await.unwrap();
            let kept = session["data"]["chat_context"].as_array().unwrap().iter().any(|entry| entry["message"] == json!(words));
            assert_eq!(kept, said.status == 200, "what was acknowledged came along, and nothing else: {said:?}");
        }
    }
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
