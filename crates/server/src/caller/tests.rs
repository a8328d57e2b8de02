//! Keys of channels, and what a demonstration opens.

use protocol::{routes, session::Channel};
use serde_json::json;
use server_store::records::Scope;

use super::keys::{self, KeyError};
use crate::testing::TestServer;

const KEY: &str = "x-channel-key";

#[tokio::test]
async fn a_key_is_256_random_bits_that_the_store_does_not_hold() {
    let server = TestServer::start().await;
    let (record, text) =
        keys::add(&server.state, " whatsapp ", Some(Channel::Whatsapp), &[Scope::Agent, Scope::Agent]).await.unwrap();
    let (_, other) = keys::add(&server.state, "other", Some(Channel::Whatsapp), &[Scope::Agent]).await.unwrap();
    assert_eq!(text.strip_prefix("vck_").map(str::len), Some(43), "32 bytes in base64url");
    assert_ne!(*text, *other);
    assert_eq!((record.name.as_str(), record.scopes.as_slice()), ("whatsapp", &[Scope::Agent][..]));
    for file in std::fs::read_dir(&server.state.config.data).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(path).unwrap();
            assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()));
        }
    }
}

#[tokio::test]
async fn a_key_that_would_open_nothing_or_has_no_name_is_not_made() {
    let server = TestServer::start().await;
    let add = async |name: &str, channel, scopes: &[Scope]| keys::add(&server.state, name, channel, scopes).await.map(drop);
    add("bot", Some(Channel::Whatsapp), &[Scope::Resume]).await.unwrap();
    assert!(matches!(add("bot", None, &[Scope::Stock]).await, Err(KeyError::NameTaken(name)) if name == "bot"));
    assert!(matches!(add(" ", None, &[Scope::Stock]).await, Err(KeyError::BadName)));
    assert!(matches!(add("x", None, &[]).await, Err(KeyError::NoScope)));
    assert!(matches!(add("x", None, &[Scope::Resume]).await, Err(KeyError::ResumeWithoutChannel)));
    assert!(matches!(keys::revoke(&server.state, "x").await, Err(KeyError::UnknownName(_))));
}

#[tokio::test]
async fn a_revoked_key_opens_nothing() {
    let server = TestServer::start().await;
    let (_, key) = keys::add(&server.state, "whatsapp", Some(Channel::Whatsapp), &[Scope::Resume]).await.unwrap();
    let start = json!({"phone": "2025550101"});
    server.post(routes::SESSION_START, &[(KEY, &key)], &start).await.expect(200);
    keys::revoke(&server.state, "whatsapp").await.unwrap();
    for key in [key.as_str(), "vck_made-up"] {
        let sentence = "This channel key is unknown or was revoked.";
        server.post(routes::SESSION_START, &[(KEY, key)], &start).await.refused(401, "invalid_token", sentence);
        server.get(routes::SESSION_RESTORE, &[(KEY, key), ("x-phone", "2025550101")]).await.refused(
            401,
            "invalid_token",
            sentence,
        );
    }
    let two = [(KEY, key.as_str()), (KEY, "vck_made-up")];
    server.post(routes::SESSION_START, &two, &start).await.expect(401);
    let body = server.post(routes::SESSION_START, &[(KEY, "vck_made-up")], &json!({})).await.expect(400);
    assert_eq!(body["code"], json!("bad_request"), "a wrong body is told first");
}

#[tokio::test]
async fn a_key_speaks_for_its_own_channel() {
    let server = TestServer::start().await;
    let key = server.key(Some(Channel::Whatsapp), &[Scope::Resume]).await;
    let start = async |channel: serde_json::Value| {
        server.post(routes::SESSION_START, &[(KEY, &key)], &json!({"phone": "2025550101", "channel": channel})).await
    };
    for channel in ["telegram", "kiosk", "web"] {
        start(json!(channel)).await.refused(403, "forbidden", "These credentials speak for whatsapp only.");
    }
    assert_eq!(start(json!(null)).await.expect(200)["session"]["channel"], json!("whatsapp"));
    let web = server.key(Some(Channel::Web), &[Scope::Resume]).await;
    let body = server.post(routes::SESSION_START, &[(KEY, &web)], &json!({"phone": "2025550101"})).await.expect(200);
    assert_eq!(body["session"]["channel"], json!("web"), "a key's own channel comes before the documented default");
    let token = body["session_token"].as_str().unwrap().to_owned();
    let say = json!({"action": "chat_message", "payload": {"message": "hello", "channel": "telegram"}});
    let both = [(KEY, web.as_str()), ("x-session-token", token.as_str())];
    let sentence = "These credentials speak for another channel.";
    server.post(routes::SESSION_UPDATE, &both, &say).await.refused(403, "forbidden", sentence);
}

#[tokio::test]
async fn a_demonstration_trusts_everybody_and_its_sessions_die_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let demo = TestServer::start_at(&data, |config| config.demo = true).await;
    let start = async |server: &TestServer| {
        let body = json!({"phone": "2025550101", "channel": "kiosk", "customer_id": 901});
        server.post(routes::SESSION_START, &[], &body).await
    };
    let reply = start(&demo).await;
    assert_eq!(reply.headers["x-vitrine-demo"], "1");
    let body = reply.expect(200);
    let token = body["session_token"].as_str().unwrap().to_owned();
    assert_eq!((&body["session"]["customer_id"], &body["session"]["guest"]), (&json!("901"), &json!(false)));
    let context = format!("/session/{}/context", body["session"]["session_id"].as_str().unwrap());
    demo.get(&context, &[]).await.expect(200);
    demo.get(routes::SESSION_RESTORE, &[("x-phone", "2025550101")]).await.expect(200);
    let guest = demo.guest().await;
    drop(demo);

    let server = TestServer::start_at(&data, |_| ()).await;
    crate::session::operations::end_demo_sessions(&server.state).await.unwrap();
    for token in [&token, &guest] {
        server.get(routes::SESSION_RESTORE, &[("x-session-token", token)]).await.refused(
            404,
            "session_expired",
            "Session not found",
        );
    }
    let reply = start(&server).await;
    assert!(!reply.headers.contains_key("x-vitrine-demo"));
    assert_eq!(reply.expect(200)["session"]["guest"], json!(true));
    let after = server.signed_up("2025550150").await;
    crate::session::operations::end_demo_sessions(&server.state).await.unwrap();
    server.get(routes::SESSION_RESTORE, &[("x-session-token", &after)]).await.expect(200);
}
