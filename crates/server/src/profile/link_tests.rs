//! A guest's profile and session are brought along when the guest registers or signs in.

use protocol::routes;
use serde_json::{Value, json};

use super::tests::{ALIAS, Guest, ME, guest, guest_cookie, of, send};
use crate::{account::tests::registered, testing::TestServer};

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
