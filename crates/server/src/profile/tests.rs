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
