//! The account endpoints as their documents describe them.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use protocol::routes;
use serde_json::{Value, json};
use server_store::records::Scope;

use crate::testing::{Reply, TestServer, request};

const PASSWORD: &str = "walking by the river";

/// A browser: its cookie and its anti-forgery token.
pub(crate) struct Browser {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
    pub(crate) id: String,
}

impl Browser {
    pub(crate) fn of(reply: &Reply) -> Self {
        let body = reply.json();
        Self {
            cookie: set_cookie(&reply.headers, "sessionid").split(';').next().unwrap().to_owned(),
            csrf: body["csrf_token"].as_str().unwrap_or_default().to_owned(),
            id: body["id"].as_str().unwrap_or_default().to_owned(),
        }
    }

    pub(crate) async fn send(&self, server: &TestServer, method: &str, path: &str, body: &Value) -> Reply {
        let headers = [("cookie", self.cookie.as_str()), ("x-csrftoken", &self.csrf), ("content-type", "application/json")];
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        server.send(request(method, path, &headers).body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, server: &TestServer, path: &str) -> Reply {
        self.send(server, "GET", path, &Value::Null).await
    }
}

/// The line that sets a cookie.
fn set_cookie(headers: &HeaderMap, name: &str) -> String {
    let lines = headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    lines.into_iter().find(|line| line.starts_with(&format!("{name}="))).unwrap().to_owned()
}

fn form() -> Value {
    json!({"email": "Asha@Example.com", "password": PASSWORD, "display_name": "Asha Example"})
}

fn with(changes: Value) -> Value {
    let mut form = form();
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (name, value) in changes {
        form[name] = value;
    }
    form
}

/// Somebody who registered just now.
pub(crate) async fn registered(server: &TestServer, email: &str) -> Browser {
    Browser::of(&server.post(routes::ACCOUNT_REGISTER, &[], &with(json!({"email": email}))).await)
}

#[tokio::test]
async fn registering_signs_in_with_both_cookies() {
    let server = TestServer::start().await;
    let reply = server.post(routes::ACCOUNT_REGISTER, &[], &form()).await;
    let body = reply.expect(201);
    assert_eq!((&body["email"], &body["display_name"]), (&json!("asha@example.com"), &json!("Asha Example")));
    assert!(body["created_at"].as_str().unwrap().ends_with('Z'));
    let session = set_cookie(&reply.headers, "sessionid");
    for part in ["; Path=/", "; Max-Age=1209600", "; HttpOnly", "; SameSite=Lax"] {
        assert!(session.contains(part), "{session}");
    }
    assert!(!session.contains("Secure"), "this server is on loopback");
    let csrf = set_cookie(&reply.headers, "csrftoken");
    assert!(csrf.starts_with(&format!("csrftoken={};", body["csrf_token"].as_str().unwrap())), "{csrf}");
    assert!(csrf.contains("; HttpOnly"), "{csrf}");
    let me = Browser::of(&reply).get(&server, routes::ACCOUNT_ME).await.expect(200);
    assert_eq!(me, body);
}

#[tokio::test]
async fn a_cookie_is_for_tls_alone_where_the_server_is_reached_by_it() {
    let server = TestServer::start_with(|config| config.public_url = Some("https://shop.example".parse().unwrap())).await;
    let reply = server.post(routes::ACCOUNT_REGISTER, &[], &form()).await;
    assert!(set_cookie(&reply.headers, "sessionid").contains("; Secure"));
    assert!(set_cookie(&reply.headers, "csrftoken").contains("; Secure"));
}

#[tokio::test]
async fn a_bad_registration_names_its_fields() {
    let server = TestServer::start().await;
    registered(&server, "taken@example.com").await;
    let cases = [
        (json!({"email": "asha"}), "validation_error", "email"),
        (json!({"email": 7}), "validation_error", "email"),
        (json!({"email": null}), "validation_error", "email"),
        (json!({"display_name": "  "}), "validation_error", "display_name"),
        (json!({"display_name": "a".repeat(101)}), "validation_error", "display_name"),
        (json!({"password": "short"}), "weak_password", "password"),
        (json!({"password": "80461937"}), "weak_password", "password"),
        (json!({"password": "password123"}), "weak_password", "password"),
        (json!({"email": "TAKEN@example.com"}), "email_exists", "email"),
    ];
    for (changes, code, field) in cases {
        let body = server.post(routes::ACCOUNT_REGISTER, &[], &with(changes.clone())).await.expect(400);
        assert_eq!((&body["code"], &body["errors"][0]["field"]), (&json!(code), &json!(field)), "{changes}");
        assert_eq!(body["detail"], body["message"]);
    }
    let both = server.post(routes::ACCOUNT_REGISTER, &[], &with(json!({"email": "", "display_name": ""}))).await.expect(400);
    assert_eq!(both["errors"].as_array().unwrap().len(), 2);
    for body in ["{", "[]", "{}"] {
        let headers = [("content-type", "application/json")];
        let reply = server.send(request("POST", routes::ACCOUNT_REGISTER, &headers).body(Body::from(body)).unwrap()).await;
        assert_eq!(reply.expect(400)["code"], json!("validation_error"), "{body}");
    }
}

#[tokio::test]
async fn a_repeated_registration_is_one() {
    let server = TestServer::start().await;
    let key = [("idempotency-key", "one")];
    let first = server.post(routes::ACCOUNT_REGISTER, &key, &form()).await;
    let again = server.post(routes::ACCOUNT_REGISTER, &key, &form()).await;
    assert_eq!(first.expect(201)["id"], again.expect(201)["id"]);
    Browser::of(&again).get(&server, routes::ACCOUNT_ME).await.expect(200);
    let other = server.post(routes::ACCOUNT_REGISTER, &key, &with(json!({"password": "another long one"}))).await;
    assert_eq!(other.expect(422)["code"], json!("idempotency_mismatch"));
}

#[tokio::test]
async fn each_login_gives_a_new_cookie_and_kills_the_last_of_its_browser() {
    let server = TestServer::start().await;
    let first = registered(&server, "asha@example.com").await;
    let login = json!({"email": " ASHA@example.com", "password": PASSWORD});
    let reply = server.post(routes::ACCOUNT_LOGIN, &[("cookie", &first.cookie)], &login).await;
    reply.expect(200);
    let second = Browser::of(&reply);
    assert_ne!((&second.cookie, &second.csrf), (&first.cookie, &first.csrf));
    second.get(&server, routes::ACCOUNT_ME).await.expect(200);
    first.get(&server, routes::ACCOUNT_ME).await.expect(401);
    let elsewhere = Browser::of(&server.post(routes::ACCOUNT_LOGIN, &[], &login).await);
    second.get(&server, routes::ACCOUNT_ME).await.expect(200);
    elsewhere.get(&server, routes::ACCOUNT_ME).await.expect(200);
}

#[tokio::test]
async fn unknown_email_and_wrong_password_are_told_alike() {
    let server = TestServer::start().await;
    registered(&server, "asha@example.com").await;
    for (email, password) in [("asha@example.com", "wrong password"), ("nobody@example.com", PASSWORD)] {
        let reply = server.post(routes::ACCOUNT_LOGIN, &[], &json!({"email": email, "password": password})).await;
        reply.refused(401, "invalid_credentials", "Invalid credentials");
        assert!(reply.headers.get(header::SET_COOKIE).is_none());
    }
    let body = server.post(routes::ACCOUNT_LOGIN, &[], &json!({"email": "asha", "password": PASSWORD})).await.expect(400);
    assert_eq!(body["errors"][0]["field"], json!("email"));
    for _ in 0..3 {
        server.post(routes::ACCOUNT_LOGIN, &[], &json!({"email": "asha@example.com", "password": "wrong"})).await;
    }
    let slowed = server.post(routes::ACCOUNT_LOGIN, &[], &json!({"email": "asha@example.com", "password": PASSWORD})).await;
    assert_eq!(slowed.expect(429)["code"], json!("rate_limited"));
    assert!(slowed.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_page_of_somebody_else_signs_nobody_in() {
    let server = TestServer::start().await;
    registered(&server, "asha@example.com").await;
    let login = json!({"email": "asha@example.com", "password": PASSWORD});
    for foreign in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        for (path, body) in [(routes::ACCOUNT_LOGIN, &login), (routes::ACCOUNT_REGISTER, &form())] {
            let reply = server.post(path, &[foreign], body).await;
            assert_eq!(reply.expect(403)["code"], json!("csrf_failed"), "{path} {foreign:?}");
        }
    }
    server.post(routes::ACCOUNT_LOGIN, &[("origin", "http://127.0.0.1:7070")], &login).await.expect(200);
}

#[tokio::test]
async fn nobody_a_dead_cookie_and_a_bearer_are_told_apart() {
    let server = TestServer::start().await;
    let reply = server.get(routes::ACCOUNT_ME, &[]).await;
    assert_eq!(reply.headers["www-authenticate"], "Bearer");
    let sentence = "Authentication required";
    let nobody = json!({"authenticated": false, "detail": sentence, "code": "authentication_required", "message": sentence});
    assert_eq!(reply.expect(401), nobody);
    let browser = registered(&server, "asha@example.com").await;
    server.pass(Duration::from_hours(14 * 24) - Duration::from_secs(1));
    browser.get(&server, routes::ACCOUNT_ME).await.expect(200);
    server.pass(Duration::from_secs(1));
    let dead = browser.get(&server, routes::ACCOUNT_ME).await.expect(401);
    assert_eq!((&dead["code"], &dead["authenticated"]), (&json!("session_expired"), &json!(false)));
    let alive = registered(&server, "ravi@example.com").await;
    let both = [("cookie", alive.cookie.as_str()), ("authorization", "Bearer nonsense")];
    assert_eq!(server.get(routes::ACCOUNT_ME, &both).await.expect(401)["code"], json!("invalid_token"));
}

#[tokio::test]
async fn a_dead_bearer_is_refused_where_somebody_registers_or_signs_in_and_a_dead_cookie_is_not() {
    let server = TestServer::start().await;
    let browser = registered(&server, "asha@example.com").await;
    server.pass(Duration::from_hours(14 * 24));
    let form = json!({"email": "asha@example.com", "password": PASSWORD});
    let other = json!({"email": "ravi@example.com", "password": PASSWORD, "display_name": "Ravi Example"});
    let dead = [("authorization", "Bearer nonsense")];
    for (route, form) in [(routes::ACCOUNT_LOGIN, &form), (routes::ACCOUNT_REGISTER, &other)] {
        server.post(route, &dead, form).await.refused(401, "invalid_token", "Invalid or expired token");
    }
    server.post(routes::ACCOUNT_LOGIN, &[("cookie", browser.cookie.as_str())], &form).await.expect(200);
    server.post(routes::ACCOUNT_REGISTER, &[], &other).await.expect(201);
}

#[tokio::test]
async fn logout_needs_the_pages_token_revokes_and_may_be_repeated() {
    let server = TestServer::start().await;
    let browser = registered(&server, "asha@example.com").await;
    let forged = Browser { csrf: "wrong".into(), cookie: browser.cookie.clone(), id: String::new() };
    let reply = forged.send(&server, "POST", routes::ACCOUNT_LOGOUT, &Value::Null).await;
    assert_eq!(reply.expect(403)["code"], json!("csrf_failed"));
    browser.get(&server, routes::ACCOUNT_ME).await.expect(200);
    for _ in 0..2 {
        let reply = browser.send(&server, "POST", routes::ACCOUNT_LOGOUT, &Value::Null).await;
        assert_eq!(reply.expect(200), json!({"message": "Logged out successfully"}));
        assert!(set_cookie(&reply.headers, "sessionid").contains("Max-Age=0"));
    }
    browser.get(&server, routes::ACCOUNT_ME).await.expect(401);
    server.send(request("POST", routes::ACCOUNT_LOGOUT, &[]).body(Body::empty()).unwrap()).await.expect(200);
    browser.get(&server, routes::ACCOUNT_LOGOUT).await.expect(405);
}

#[tokio::test]
async fn every_unsafe_call_with_a_cookie_needs_the_pages_token_and_only_after_its_body_was_right() {
    let server = TestServer::start().await;
    let browser = registered(&server, "asha@example.com").await;
    let passwords = json!({"current_password": PASSWORD, "new_password": "running by the sea"});
    let save = json!({"session_id": "9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d20", "messages": []});
    let calls = [
        ("PATCH", routes::ACCOUNT_PROFILE, json!({"display_name": "X"}), json!({"display_name": ""})),
        ("PUT", routes::ACCOUNT_PREFERENCES, json!({}), json!({"preferred_voice": "loud"})),
        ("PATCH", routes::ACCOUNT_PREFERENCES, json!({}), json!({"favorite_topics": 7})),
        ("POST", routes::ACCOUNT_CHANGE_PASSWORD, passwords, json!({})),
        ("POST", routes::ACCOUNT_SAVE_SESSION, save, json!({"session_id": 7})),
    ];
    for (method, path, body, wrong) in calls {
        for csrf in ["", "wrong"] {
            let forged = Browser { csrf: csrf.into(), cookie: browser.cookie.clone(), id: String::new() };
            let reply = forged.send(&server, method, path, &body).await;
            assert_eq!(reply.expect(403)["code"], json!("csrf_failed"), "{method} {path}");
        }
        let nobody = Browser { csrf: String::new(), cookie: "a=b".into(), id: String::new() };
        let reply = nobody.send(&server, method, path, &body).await;
        assert_eq!(reply.expect(401)["code"], json!("authentication_required"), "{method} {path}");
        let reply = nobody.send(&server, method, path, &wrong).await;
        assert_eq!(reply.expect(400)["code"], json!("validation_error"), "{method} {path}");
    }
}

#[tokio::test]
async fn a_profile_is_read_and_changed() {
    let server = TestServer::start().await;
    let browser = registered(&server, "asha@example.com").await;
    registered(&server, "taken@example.com").await;
    let body = browser.get(&server, routes::ACCOUNT_PROFILE).await.expect(200);
    let usual =
        json!({"preferred_voice": "alloy", "preferred_language": "en", "favorite_topics": [], "system_prompt_override": ""});
    assert_eq!(
        (&body["preferences"], &body["email"], &body["roles"]),
        (&usual, &json!("asha@example.com"), &json!(["customer"]))
    );
    server.pass(Duration::from_mins(1));
    let change = async |change: Value| browser.send(&server, "PATCH", routes::ACCOUNT_PROFILE, &change).await;
    let body = change(json!({"display_name": "  Asha   Rao ", "email": null})).await.expect(200);
    assert_eq!((&body["display_name"], &body["email"]), (&json!("Asha Rao"), &json!("asha@example.com")));
    assert_ne!(body["updated_at"], body["created_at"]);
    let body = change(json!({"email": "New@example.com"})).await.expect(200);
    assert_eq!((&body["email"], &body["pending_email"]), (&json!("asha@example.com"), &json!("new@example.com")));
    let body = change(json!({"email": "ASHA@example.com"})).await.expect(200);
    assert_eq!(body["pending_email"], json!(null), "back to the old one");
    assert_eq!(change(json!({"email": "taken@example.com"})).await.expect(400)["code"], json!("email_exists"));
    assert_eq!(change(json!({"email": "nonsense"})).await.expect(400)["errors"][0]["field"], json!("email"));
}

#[tokio::test]
async fn preferences_keep_what_is_not_sent_and_null_brings_the_default_back() {
    let server = TestServer::start().await;
    let browser = registered(&server, "asha@example.com").await;
    let put = async |change: Value| browser.send(&server, "PUT", routes::ACCOUNT_PREFERENCES, &change).await;
    let body =
        put(json!({"preferred_voice": "nova", "preferred_language": "es-MX", "favorite_topics": [" travel "]})).await.expect(200);
    assert_eq!((&body["preferred_voice"], &body["preferred_language"]), (&json!("nova"), &json!("es")));
    assert_eq!((&body["favorite_topics"], &body["system_prompt_override"]), (&json!(["travel"]), &json!("")));
    assert!(body["updated_at"].is_string());
    let reply = browser.send(&server, "PATCH", routes::ACCOUNT_PREFERENCES, &json!({"preferred_voice": null})).await;
    let body = reply.expect(200);
    assert_eq!((&body["preferred_voice"], &body["preferred_language"]), (&json!("alloy"), &json!("es")));
    for (wrong, field) in [
        (json!({"preferred_voice": "loud"}), "preferred_voice"),
        (json!({"preferred_language": "tlh"}), "preferred_language"),
        (json!({"favorite_topics": vec!["x"; 21]}), "favorite_topics"),
        (json!({"favorite_topics": ["x".repeat(51)]}), "favorite_topics"),
        (json!({"favorite_topics": [""]}), "favorite_topics"),
        (json!({"system_prompt_override": "x".repeat(2_001)}), "system_prompt_override"),
    ] {
        let body = put(wrong).await.expect(400);
        assert_eq!((&body["code"], &body["errors"][0]["field"]), (&json!("validation_error"), &json!(field)));
    }
    let kept = browser.get(&server, routes::ACCOUNT_PROFILE).await.expect(200);
    assert_eq!(kept["preferences"]["favorite_topics"], json!(["travel"]), "a refused change changes nothing");
}

#[tokio::test]
async fn a_new_password_signs_everybody_else_out() {
    let server = TestServer::start().await;
    let browser = registered(&server, "asha@example.com").await;
    let login = async |password: &str| {
        server.post(routes::ACCOUNT_LOGIN, &[], &json!({"email": "asha@example.com", "password": password})).await
    };
    let elsewhere = Browser::of(&login(PASSWORD).await);
    let change = async |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        browser.send(&server, "POST", routes::ACCOUNT_CHANGE_PASSWORD, &body).await
    };
    let wrong = change("not this one", "running by the sea").await;
    assert_eq!(
        (&wrong.expect(400)["code"], &wrong.json()["detail"]),
        (&json!("wrong_password"), &json!("Current password is incorrect"))
    );
    let weak = change(PASSWORD, "short").await.expect(400);
    assert_eq!((&weak["code"], &weak["errors"][0]["field"]), (&json!("weak_password"), &json!("new_password")));
    let reply = change(PASSWORD, "running by the sea").await;
    assert_eq!(reply.expect(200), json!({"message": "Password changed successfully"}));
    let now = Browser::of(&reply);
    now.get(&server, routes::ACCOUNT_ME).await.expect(200);
    for dead in [&browser, &elsewhere] {
        assert_eq!(dead.get(&server, routes::ACCOUNT_ME).await.expect(401)["code"], json!("session_expired"));
    }
    login(PASSWORD).await.expect(401);
    login("running by the sea").await.expect(200);
}

#[tokio::test]
async fn a_hash_of_another_program_opens_once_and_is_replaced() {
    let server = TestServer::start().await;
    for (email, hash) in [
        ("one@example.com", "$2b$04$abcdefghijklmnopqrstuuQ0wLI23PiP12THlhM/KCmuDbDCEzRda"),
        ("two@example.com", "pbkdf2_sha256$1000$NaClNaClNaCl$s+WOUByLNNLPL9i8xWY3M28TrSDjjnBBvhoaFBFXw+U="),
    ] {
        let id = registered(&server, email).await.id.parse().unwrap();
        let mut tx = server.state.write().await.unwrap();
        let now = tx.now();
        tx.set_password_hash(id, hash, now).await.unwrap();
        tx.commit().await.unwrap();
        let login =
            async |password: &str| server.post(routes::ACCOUNT_LOGIN, &[], &json!({"email": email, "password": password})).await;
        login("wrong password").await.expect(401);
        assert_eq!(server.state.read().await.unwrap().account(id).await.unwrap().unwrap().password_hash.as_deref(), Some(hash));
        for _ in 0..2 {
            login(PASSWORD).await.expect(200);
            let kept = server.state.read().await.unwrap().account(id).await.unwrap().unwrap().password_hash.unwrap();
            assert!(kept.starts_with("$argon2id$"), "{kept}");
        }
    }
}

#[tokio::test]
async fn one_account_signs_in_on_the_phone_page_and_here() {
    let server = TestServer::start().await;
    let browser = registered(&server, "asha@example.com").await;
    let body = json!({"phone_number": "asha@example.com", "password": PASSWORD});
    let me = server.post(routes::PHONE_SIGN_IN, &[], &body).await.expect(200);
    assert_eq!(me["first_name"], json!("Asha"));
    let me = browser.get(&server, routes::PHONE_ME).await.expect(200);
    assert_eq!((&me["first_name"], &me["csrf_token"]), (&json!("Asha"), &json!(browser.csrf)));
    let body = json!({"phone_number": "asha@example.com", "password": PASSWORD, "channel": "web"});
    let first = server.post(routes::AUTH_LOGIN, &[], &body).await.expect(200);
    let again = server.post(routes::AUTH_LOGIN, &[], &body).await.expect(200);
    assert_eq!((&first["customer"]["customer_id"], &first["customer"]["name"]), (&json!("902"), &json!("Asha Example")));
    assert_eq!(first["session_token"], again["session_token"], "it became a customer once");
}

#[tokio::test]
async fn the_health_of_accounts_is_told() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/api/health/", &[]).await.expect(200), json!({"status": "healthy", "service": "accounts"}));
}

#[tokio::test]
async fn a_cookie_is_explained_to_our_own_servers_alone() {
    let server = TestServer::start().await;
    let browser = registered(&server, "asha@example.com").await;
    let internal = server.key(None, &[Scope::Internal]).await;
    let other = server.key(None, &[Scope::Stock]).await;
    let ask = async |key: &str, cookie: &str| {
        let headers = [("x-channel-key", key), ("cookie", cookie)];
        server.send(request("POST", routes::VALIDATE_SESSION, &headers).body(Body::empty()).unwrap()).await
    };
    for key in ["", "nonsense", &other] {
        ask(key, &browser.cookie).await.refused(404, "not_found", "Not Found");
    }
    let body = ask(&internal, &browser.cookie).await.expect(200);
    assert_eq!(
        (&body["valid"], &body["user_id"], &body["email"]),
        (&json!(true), &json!(browser.id), &json!("asha@example.com"))
    );
    assert_eq!(body["preferences"].as_object().unwrap().len(), 4);
    for (cookie, code) in [("a=b", "authentication_required"), ("sessionid=nobody", "session_expired")] {
        let body = ask(&internal, cookie).await.expect(401);
        assert_eq!((&body["valid"], &body["code"]), (&json!(false), &json!(code)));
    }
}
