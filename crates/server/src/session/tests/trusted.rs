//! Callers who are trusted: channels with a key, and kiosks where a typed number is allowed.

use protocol::{
    kiosk_session::{EndReason, SERVER_IDLE_SECONDS},
    routes,
    session::{Assurance, Channel},
};
use serde_json::{Value, json};
use server_store::records::Scope;

use super::{DAY, TOKEN, restored};
use crate::{
    device,
    testing::{TestKiosk, TestServer},
};

const KEY: &str = "x-channel-key";

async fn whatsapp(server: &TestServer) -> String {
    server.key(Some(Channel::Whatsapp), &[Scope::Resume, Scope::Agent]).await
}

async fn start(server: &TestServer, key: &str, body: Value) -> Value {
    server.post(routes::SESSION_START, &[(KEY, key)], &body).await.expect(200)
}

/// A kiosk where customers may begin by typing their number.
async fn open_kiosk(server: &TestServer) -> TestKiosk {
    let kiosk = server.kiosk("S01").await;
    device::operations::set_start_by_phone(&server.state, kiosk.id, true).await.unwrap();
    kiosk
}

#[tokio::test]
async fn one_session_goes_from_channel_to_channel() {
    let server = TestServer::start().await;
    let key = whatsapp(&server).await;
    let telegram = server.key(Some(Channel::Telegram), &[Scope::Resume]).await;
    let first = start(&server, &key, json!({"phone": "2025550101", "customer_id": 901, "user_id": "901"})).await;
    let token = first["session_token"].as_str().unwrap().to_owned();
    assert_eq!((&first["session"]["customer_id"], &first["session"]["assurance"]), (&json!("901"), &json!("channel")));
    assert_eq!(first["session"]["customer_profile"]["name"], json!("Asha Example"));
    server.act(&token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    let second = start(&server, &telegram, json!({"phone": "+1 202 555 0101", "telegram_chat_id": "77"})).await;
    assert_eq!(second["session_token"], json!(token), "the same token on every channel");
    assert_eq!(second["session"]["data"]["channels"], json!(["whatsapp", "telegram"]));
    assert_eq!(second["session"]["metadata"]["channels"], json!(["whatsapp", "telegram"]));
    assert_eq!(second["session"]["data"]["cart"][0]["sku"], json!("SKU-1"));
    assert_eq!(second["session"]["telegram_chat_id"], json!("77"));
    let third = start(&server, &telegram, json!({"telegram_chat_id": "77"})).await;
    assert_eq!(third["session_token"], json!(token), "a chat is known from then on");
}

#[tokio::test]
async fn a_channel_brings_a_minimal_customer_for_an_unknown_number_and_nobody_else_does() {
    let server = TestServer::start().await;
    let customers = async || server.state.read().await.unwrap().customer_count().await.unwrap();
    let before = customers().await;
    server.post(routes::SESSION_START, &[], &json!({"phone": "2025550160"})).await.expect(200);
    let kiosk = open_kiosk(&server).await;
    let body = json!({"phone": "2025550160", "channel": "kiosk"});
    let reply = server.post_from(&kiosk, routes::SESSION_START, None, &body).await;
    assert_eq!(reply.expect(200)["session"]["guest"], json!(true));
    assert_eq!(customers().await, before);
    let key = whatsapp(&server).await;
    let session = start(&server, &key, json!({"phone": "2025550160"})).await["session"].clone();
    let profile = &session["customer_profile"];
    assert_eq!(
        (&profile["name"], &profile["loyalty_tier"], &profile["loyalty_points"]),
        (&json!("Guest0160"), &json!("Bronze"), &json!(0))
    );
    assert_eq!((&session["customer_id"], &session["guest"]), (&json!("902"), &json!(false)));
    let again = start(&server, &key, json!({"phone": "2025550160"})).await["session"].clone();
    assert_eq!(again["session_id"], session["session_id"]);
    assert_eq!(customers().await, before + 1);
}

#[tokio::test]
async fn a_customer_of_a_chat_alone_has_no_phone() {
    let server = TestServer::start().await;
    let telegram = server.key(Some(Channel::Telegram), &[Scope::Resume]).await;
    let body = start(&server, &telegram, json!({"telegram_chat_id": "880012345"})).await;
    assert_eq!((&body["session"]["phone"], &body["session"]["customer_profile"]["name"]), (&json!(""), &json!("Guest2345")));
    let chat = [(KEY, telegram.as_str()), ("x-telegram-chat-id", "880012345")];
    let restored = server.get(routes::SESSION_RESTORE, &chat).await.expect(200);
    assert_eq!(restored["session_token"], body["session_token"]);
    let key = whatsapp(&server).await;
    let forbidden = server.post(routes::SESSION_START, &[(KEY, &key)], &json!({"telegram_chat_id": "880012345"})).await;
    forbidden.refused(403, "forbidden", "These credentials do not speak for Telegram.");
    let chat = [(KEY, key.as_str()), ("x-telegram-chat-id", "880012345")];
    let sentence = "Session not found for Telegram chat ID";
    server.get(routes::SESSION_RESTORE, &chat).await.refused(404, "session_not_found", sentence);
}

#[tokio::test]
async fn an_id_that_is_not_the_numbers_is_refused() {
    let server = TestServer::start().await;
    let key = whatsapp(&server).await;
    for body in [
        json!({"phone": "2025550101", "customer_id": "902"}),
        json!({"phone": "2025550101", "user_id": "somebody"}),
        json!({"phone": "2025550160", "customer_id": 901}),
    ] {
        let reply = server.post(routes::SESSION_START, &[(KEY, &key)], &body).await;
        reply.refused(400, "bad_request", "Customer lookup failed");
    }
    assert_eq!(server.state.read().await.unwrap().customer_count().await.unwrap(), 1, "a refusal makes nobody");
}

#[tokio::test]
async fn a_key_without_the_scope_brings_nobody_back() {
    let server = TestServer::start().await;
    let agent = server.key(Some(Channel::Whatsapp), &[Scope::Agent]).await;
    let reply = server.post(routes::SESSION_START, &[(KEY, &agent)], &json!({"phone": "2025550101"})).await;
    assert_eq!(reply.expect(403)["code"], json!("forbidden"));
    let phone = [(KEY, agent.as_str()), ("x-phone", "2025550101")];
    let sentence = "Session not found for this phone number";
    server.get(routes::SESSION_RESTORE, &phone).await.refused(404, "session_not_found", sentence);
}

#[tokio::test]
async fn a_channel_restores_by_name_what_lives_and_begins_nothing() {
    let server = TestServer::start().await;
    let key = whatsapp(&server).await;
    let restore = async |name: &str, value: &str| server.get(routes::SESSION_RESTORE, &[(KEY, &key), (name, value)]).await;
    let sentence = "Session not found for this phone number";
    restore("x-phone", "2025550101").await.refused(404, "session_not_found", sentence);
    let web = server.key(Some(Channel::Web), &[Scope::Resume]).await;
    let token = start(&server, &web, json!({"phone": "2025550101"})).await["session_token"].clone();
    server.pass(DAY);
    let body = restore("x-phone", "(202) 555-0101").await.expect(200);
    assert_eq!((&body["session_token"], &body["session"]["data"]["channels"]), (&token, &json!(["web", "whatsapp"])));
    assert_eq!(body["session"]["expires_at"], json!(server.state.now().plus(7 * DAY).to_string()));
    server.pass(DAY);
    let body = restore("x-customer-id", "901").await.expect(200);
    assert_eq!(
        (&body["session_token"], &body["session"]["expires_at"]),
        (&token, &json!(server.state.now().plus(7 * DAY).to_string()))
    );
    restore("x-customer-id", "999").await.refused(404, "session_not_found", "Session not found for Customer ID");
    assert_eq!(restore("x-phone", "5550101").await.expect(400)["code"], json!("invalid_phone"));
    server.pass(8 * DAY);
    restore("x-phone", "2025550101").await.refused(404, "session_not_found", sentence);
}

#[tokio::test]
async fn who_took_a_number_without_proof_loses_it_to_its_owner() {
    let server = TestServer::start().await;
    let stranger = server.signed_up("2025550150").await;
    server.act(&stranger, "chat_message", json!({"message": "planted"})).await.expect(200);
    let key = whatsapp(&server).await;
    let phone = [(KEY, key.as_str()), ("x-phone", "2025550150")];
    let sentence = "Session not found for this phone number";
    server.get(routes::SESSION_RESTORE, &phone).await.refused(404, "session_not_found", sentence);

    let own = start(&server, &key, json!({"phone": "2025550150"})).await;
    let token = own["session_token"].as_str().unwrap();
    assert_ne!(token, stranger, "the stranger must not read along");
    assert_eq!(own["session"]["data"]["chat_context"], json!([]));
    server.act(token, "chat_message", json!({"message": "my secret"})).await.expect(200);
    let left = restored(&server, &stranger).await;
    assert_eq!((&left["phone"], &left["customer_profile"]["phone_number"]), (&json!(""), &json!("")));
    assert_eq!(left["data"]["chat_context"].as_array().unwrap().len(), 1);
    let login = json!({"phone_number": "2025550150", "password": "walking by the river"});
    server.post(routes::AUTH_LOGIN, &[], &login).await.refused(401, "invalid_credentials", "Invalid phone number or password");
    let again = server.post(routes::SESSION_START, &[(TOKEN, &stranger)], &json!({"phone": "2025550150"})).await.expect(200);
    assert_eq!(again["session"]["guest"], json!(true), "the stranger's token proves nothing about the number any more");
    assert_eq!(start(&server, &key, json!({"phone": "2025550150"})).await["session_token"], json!(token));
}

#[tokio::test]
async fn login_without_a_password_is_for_channels() {
    let server = TestServer::start().await;
    let key = whatsapp(&server).await;
    let login = json!({"phone_number": "2025550101", "name": "Somebody Else", "city": "Elsewhere", "age": 50, "gender": "Male",
        "channel": "whatsapp"});
    let body = server.post(routes::SESSION_LOGIN, &[(KEY, &key)], &login).await.expect(200);
    assert_eq!((&body["success"], &body["customer"]["customer_id"]), (&json!(true), &json!("901")));
    let told = (&body["customer"]["name"], &body["customer"]["age"], &body["customer"]["city"]);
    assert_eq!(told, (&json!("Asha Example"), &json!(29), &json!("Springfield")), "nobody is renamed");

    let new = json!({"phone_number": "2025550160", "name": " Ravi  Sample ", "age": "41"});
    start(&server, &key, json!({"phone": "2025550160"})).await;
    let body = server.post(routes::SESSION_LOGIN, &[(KEY, &key)], &new).await.expect(200);
    assert_eq!((&body["customer"]["name"], &body["customer"]["age"]), (&json!("Ravi Sample"), &json!(41)));
    assert_eq!(body["session"]["channel"], json!("whatsapp"));

    let guest = server.post(routes::SESSION_LOGIN, &[], &login).await.expect(200);
    assert_eq!((&guest["session"]["guest"], &guest["customer"]["name"]), (&json!(true), &json!("Somebody Else")));
    assert_ne!(guest["session_token"], body["session_token"]);
    assert_eq!(guest["customer"]["loyalty_points"], json!(0));
    for (body, status, detail) in [
        (json!({"phone_number": " ", "name": "A"}), 400, "phone_number is required"),
        (json!({"phone_number": "2025550101", "name": ""}), 400, "name is required"),
        (json!({"name": "A"}), 422, "phone_number is required"),
        (json!({"phone_number": "2025550101", "name": "A", "age": 29.5}), 422, "age has the wrong type or value"),
    ] {
        let reply = server.post(routes::SESSION_LOGIN, &[(KEY, &key)], &body).await.expect(status);
        assert_eq!(reply["detail"], json!(detail));
    }
}

#[tokio::test]
async fn a_typed_number_opens_something_only_where_an_operator_allowed_it() {
    let server = TestServer::start().await;
    let closed = server.kiosk("S01").await;
    let start = json!({"phone": "2025550101", "channel": "kiosk", "customer_id": 901});
    let body = server.post_from(&closed, routes::SESSION_START, None, &start).await.expect(200);
    assert_eq!(body["session"]["guest"], json!(true), "off unless it is switched on");

    let kiosk = open_kiosk(&server).await;
    let stranger = json!({"phone": "2025550150"});
    server.signed_up("2025550150").await;
    let body = server.post_from(&kiosk, routes::SESSION_START, None, &stranger).await.expect(200);
    assert_eq!(body["session"]["guest"], json!(true), "a number that nobody verified opens nobody's session");

    let body = server.post_from(&kiosk, routes::SESSION_START, None, &start).await.expect(200);
    let session = &body["session"];
    assert_eq!((&session["customer_id"], &session["assurance"]), (&json!("901"), &json!("phone")));
    let profile = &session["customer_profile"];
    assert_eq!((&profile["name"], &profile["loyalty_tier"], &profile["city"]), (&json!("Asha"), &json!("Silver"), &json!("")));
    assert_eq!(session["data"]["customer_profile"], *profile);
    let token = body["session_token"].as_str().unwrap();
    let qr = server.post_from(&kiosk, routes::AUTH_QR_INIT, Some(token), &json!({})).await;
    assert_eq!(qr.expect(403)["code"], json!("stronger_login_required"));
    let address =
        json!({"action": "chat_message", "payload": {"message": "ship", "metadata": {"shipping_address": {"city": "X"}}}});
    let told = server.post_from(&kiosk, routes::SESSION_UPDATE, Some(token), &address).await;
    assert_eq!(told.expect(403)["code"], json!("stronger_login_required"));
    let say = json!({"action": "chat_message", "payload": {"message": "white shoes?"}});
    let after = server.post_from(&kiosk, routes::SESSION_UPDATE, Some(token), &say).await.expect(200);
    assert_eq!(after["session"]["data"]["chat_context"][0]["channel"], json!("kiosk"));
    let reply = server.post_from(&kiosk, routes::SESSION_START, None, &json!({"phone": "2025550101", "channel": "web"})).await;
    reply.refused(403, "forbidden", "These credentials speak for kiosk only.");
}

#[tokio::test]
async fn a_kiosk_that_let_go_is_refused_though_the_web_goes_on() {
    let server = TestServer::start().await;
    let kiosk = open_kiosk(&server).await;
    let key = server.key(Some(Channel::Web), &[Scope::Resume]).await;
    let web = start(&server, &key, json!({"phone": "2025550101"})).await;
    let token = web["session_token"].as_str().unwrap();
    let begin = json!({"phone": "2025550101", "channel": "kiosk"});
    let at_kiosk = async || server.post_from(&kiosk, routes::SESSION_START, None, &begin).await.expect(200);
    let restore = async || server.get_from(&kiosk, routes::SESSION_RESTORE, Some(token)).await;
    let refused = async || restore().await.refused(404, "session_expired", "Session not found");
    refused().await;
    assert_eq!(at_kiosk().await["session_token"], json!(token), "the same token");
    assert_eq!(restore().await.expect(200)["session"]["assurance"], json!("phone"), "judged as the kiosk knows the person");
    assert_eq!(restored(&server, token).await["assurance"], json!("channel"));

    server.post_from(&kiosk, routes::SESSION_END, Some(token), &json!({"scope": "channel"})).await.expect(200);
    refused().await;
    restored(&server, token).await;
    at_kiosk().await;
    server.pass(std::time::Duration::from_secs(u64::from(SERVER_IDLE_SECONDS) + 1));
    refused().await;
    restored(&server, token).await;

    at_kiosk().await;
    let next = server.kiosk("S02").await;
    server.get_from(&next, routes::SESSION_RESTORE, Some(token)).await.refused(404, "session_expired", "Session not found");
    let mut tx = server.state.read().await.unwrap();
    let hold = tx.kiosk_session_of(kiosk.id).await.unwrap().unwrap();
    assert_eq!((hold.assurance, hold.end), (Assurance::Phone, None));
    drop(tx);
    server.post(routes::SESSION_END, &[(TOKEN, token)], &json!({})).await.expect(200);
    let ended = server.state.read().await.unwrap().kiosk_session(hold.id).await.unwrap().unwrap();
    assert_eq!(ended.end.map(|(_, reason)| reason), Some(EndReason::SessionEnded));
}

#[tokio::test]
async fn a_password_typed_at_a_kiosk_is_held_by_it() {
    let server = TestServer::start().await;
    let kiosk = server.kiosk("S01").await;
    let token = server.signed_up("2025550150").await;
    let login = json!({"phone_number": "2025550150", "password": "walking by the river"});
    let body = server.post_from(&kiosk, routes::AUTH_LOGIN, None, &login).await.expect(200);
    assert_eq!((&body["session_token"], &body["session"]["channel"]), (&json!(token), &json!("kiosk")));
    assert_eq!(body["session"]["assurance"], json!("password"));
    let hold = server.state.read().await.unwrap().kiosk_session_of(kiosk.id).await.unwrap().unwrap();
    assert_eq!(hold.assurance, Assurance::Password);
    server.get_from(&kiosk, routes::SESSION_RESTORE, Some(&token)).await.expect(200);
}

#[tokio::test]
async fn starts_of_one_customer_at_once_make_one_session() {
    let server = TestServer::start().await;
    let key = whatsapp(&server).await;
    let telegram = server.key(Some(Channel::Telegram), &[Scope::Resume]).await;
    let body = json!({"phone": "2025550161"});
    let begin = async |key: &str| start(&server, key, body.clone()).await["session"]["session_id"].clone();
    let ids: [Value; 4] = tokio::join!(begin(&key), begin(&telegram), begin(&key), begin(&telegram)).into();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}
