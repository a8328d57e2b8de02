//! Mailed links, with a real mail server on this machine.

use std::time::Duration;

use protocol::routes;
use serde_json::{Value, json};
use testkit::smtp::{Mail, MailServer};

use super::tests::{Browser, registered};
use crate::{
    mail::{MailSettings, MailTls, send_due},
    secret::Secret,
    testing::{Reply, TestServer},
};

const PASSWORD: &str = "walking by the river";
const NEW: &str = "rowing on the lake";

fn settings(mails: &MailServer) -> MailSettings {
    MailSettings {
        host: "127.0.0.1".into(),
        port: mails.port(),
        tls: MailTls::None,
        user: None,
        password: None,
        from: "Example Shop <shop@shop.example>".parse().unwrap(),
    }
}

async fn start(mails: &MailServer) -> TestServer {
    TestServer::start_with(|config| {
        config.mail = Some(settings(mails));
        config.public_url = Some("https://shop.example".parse().unwrap());
    })
    .await
}

/// Sends what is due; the last mail that came.
async fn last(server: &TestServer, mails: &MailServer, number: usize) -> Mail {
    send_due(&server.state).await.unwrap();
    let all = mails.mails();
    assert_eq!(all.len(), number);
    all.last().unwrap().clone()
}

/// The token of the link in a mail, which opens this page.
fn token(mail: &Mail, page: &str) -> String {
    let text = mail.plain().unwrap();
    let link = text.lines().find(|line| line.starts_with("https://")).unwrap();
    link.trim().strip_prefix(&format!("https://shop.example{page}#token=")).unwrap_or_else(|| panic!("{link}")).to_owned()
}

async fn ask(server: &TestServer, email: &str) -> Reply {
    server.post(routes::PASSWORD_RESET, &[], &json!({"email": email})).await
}

async fn reset(server: &TestServer, token: &str, password: &str) -> Reply {
    server.post(routes::PASSWORD_RESET_CONFIRM, &[], &json!({"token": token, "new_password": password})).await
}

async fn confirm(server: &TestServer, token: &str) -> Reply {
    server.post(routes::EMAIL_CONFIRM, &[], &json!({"token": token})).await
}

async fn login(server: &TestServer, email: &str, password: &str) -> Reply {
    server.post(routes::ACCOUNT_LOGIN, &[], &json!({"email": email, "password": password})).await
}

const DEAD: &str = "This link is no longer valid. Ask for a new one.";

#[tokio::test]
async fn whoever_registers_proves_the_address_with_a_mailed_link() {
    let mails = MailServer::start().await.unwrap();
    let server = start(&mails).await;
    let asha = registered(&server, "asha@example.com").await;
    let mail = last(&server, &mails, 1).await;
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("shop@shop.example", &["asha@example.com".to_owned()][..]));
    assert_eq!(mail.header("Subject"), Some("Example: is this your address?"));
    assert_eq!(mail.header("Auto-Submitted"), Some("auto-generated"));
    let token = token(&mail, routes::EMAIL_CONFIRM_PAGE);
    assert_eq!(token.len(), 43, "256 bits");
    assert!(mail.html().unwrap().contains(&token));
    assert!(!String::from_utf8_lossy(&server.stored()).contains(&token), "the database keeps no token");
    assert_eq!(asha.get(&server, routes::ACCOUNT_PROFILE).await.expect(200)["email_verified"], json!(false));
    confirm(&server, &token).await.expect(200);
    assert_eq!(asha.get(&server, routes::ACCOUNT_PROFILE).await.expect(200)["email_verified"], json!(true));
    confirm(&server, &token).await.refused(401, "invalid_token", DEAD);
    let again = asha.send(&server, "POST", routes::EMAIL_VERIFICATION, &json!({})).await;
    again.refused(409, "conflict", "There is no address to verify.");
}

#[tokio::test]
async fn a_link_that_verifies_is_mailed_once_more_and_the_last_one_counts() {
    let mails = MailServer::start().await.unwrap();
    let server = start(&mails).await;
    let asha = registered(&server, "asha@example.com").await;
    let first = token(&last(&server, &mails, 1).await, routes::EMAIL_CONFIRM_PAGE);
    asha.send(&server, "POST", routes::EMAIL_VERIFICATION, &Value::Null).await.expect(202);
    let second = token(&last(&server, &mails, 2).await, routes::EMAIL_CONFIRM_PAGE);
    confirm(&server, &first).await.refused(401, "invalid_token", DEAD);
    reset(&server, &second, NEW).await.refused(401, "invalid_token", DEAD);
    server.pass(Duration::from_hours(24) - Duration::from_secs(1));
    confirm(&server, &second).await.expect(200);
    server.post(routes::EMAIL_VERIFICATION, &[], &json!({})).await.expect(401);
}

#[tokio::test]
async fn another_address_waits_until_it_is_proved() {
    let mails = MailServer::start().await.unwrap();
    let server = start(&mails).await;
    let asha = registered(&server, "asha@example.com").await;
    let change = async |who: &Browser, email: &str| {
        who.send(&server, "PATCH", routes::ACCOUNT_PROFILE, &json!({"email": email})).await.expect(200)
    };
    assert_eq!(change(&asha, "new@example.com").await["email"], json!("asha@example.com"));
    send_due(&server.state).await.unwrap();
    let to = |mail: &Mail| mail.to[0].clone();
    // The first address may still be proved; but what was wanted last is what is asked for.
    let mail = mails.mails().into_iter().find(|mail| to(mail) == "new@example.com").unwrap();
    let ravi = registered(&server, "ravi@example.com").await;
    change(&ravi, "new@example.com").await;
    send_due(&server.state).await.unwrap();
    confirm(&server, &token(&mail, routes::EMAIL_CONFIRM_PAGE)).await.expect(200);
    let profile = asha.get(&server, routes::ACCOUNT_PROFILE).await.expect(200);
    let now = (&profile["email"], &profile["email_verified"], &profile["pending_email"]);
    assert_eq!(now, (&json!("new@example.com"), &json!(true), &Value::Null));
    let late = mails.mails().into_iter().rfind(|mail| to(mail) == "new@example.com").unwrap();
    let body = confirm(&server, &token(&late, routes::EMAIL_CONFIRM_PAGE)).await.expect(400);
    assert_eq!(body["code"], json!("email_exists"));
    login(&server, "new@example.com", PASSWORD).await.expect(200);
    login(&server, "asha@example.com", PASSWORD).await.expect(401);
}

#[tokio::test]
async fn a_mailed_link_sets_a_new_password_once_and_signs_everybody_out() {
    let mails = MailServer::start().await.unwrap();
    let server = start(&mails).await;
    let asha = registered(&server, "asha@example.com").await;
    last(&server, &mails, 1).await;
    ask(&server, " ASHA@example.com ").await.expect(202);
    let mail = last(&server, &mails, 2).await;
    assert_eq!(mail.header("Subject"), Some("Example: choose a new password"));
    let token = token(&mail, routes::PASSWORD_RESET_PAGE);
    assert!(!String::from_utf8_lossy(&server.stored()).contains(&token));
    let weak = reset(&server, &token, "short").await.expect(400);
    assert_eq!(weak["code"], json!("weak_password"));
    confirm(&server, &token).await.refused(401, "invalid_token", DEAD);
    reset(&server, &token, NEW).await.expect(200);
    reset(&server, &token, "another one of mine").await.refused(401, "invalid_token", DEAD);
    asha.get(&server, routes::ACCOUNT_ME).await.expect(401);
    login(&server, "asha@example.com", PASSWORD).await.expect(401);
    let again = Browser::of(&login(&server, "asha@example.com", NEW).await);
    assert_eq!(again.get(&server, routes::ACCOUNT_PROFILE).await.expect(200)["email_verified"], json!(true));
}

#[tokio::test]
async fn a_new_password_ends_the_customers_session_on_every_channel() {
    let mails = MailServer::start().await.unwrap();
    let server = start(&mails).await;
    let asha = registered(&server, "asha@example.com").await;
    let headers = [("cookie", asha.cookie.as_str()), ("x-csrftoken", &asha.csrf)];
    send_due(&server.state).await.unwrap();
    let started = server.post(routes::SESSION_START, &headers, &json!({})).await.expect(200);
    let session = started["session_token"].as_str().unwrap();
    let customer =
        server.state.read().await.unwrap().account_by_email("asha@example.com").await.unwrap().unwrap().customer_id.unwrap();
    let live = async || server.state.read().await.unwrap().active_session_of(&customer).await.unwrap();
    assert!(live().await.is_some());
    server.get(routes::SESSION_RESTORE, &[("x-session-token", session)]).await.expect(200);
    ask(&server, "asha@example.com").await.expect(202);
    send_due(&server.state).await.unwrap();
    let link = token(mails.mails().last().unwrap(), routes::PASSWORD_RESET_PAGE);
    reset(&server, &link, NEW).await.expect(200);
    assert!(live().await.is_none());
    server.get(routes::SESSION_RESTORE, &[("x-session-token", session)]).await.expect(404);
}

#[tokio::test]
async fn a_link_dies_after_half_an_hour_with_another_password_and_with_another_address() {
    let mails = MailServer::start().await.unwrap();
    let server = start(&mails).await;
    let asha = registered(&server, "asha@example.com").await;
    last(&server, &mails, 1).await;
    let link = async |number: usize| {
        ask(&server, "asha@example.com").await.expect(202);
        token(&last(&server, &mails, number).await, routes::PASSWORD_RESET_PAGE)
    };
    let old = link(2).await;
    server.pass(Duration::from_mins(30));
    reset(&server, &old, NEW).await.refused(401, "invalid_token", DEAD);
    let before = link(3).await;
    let body = json!({"current_password": PASSWORD, "new_password": "sailing round the cape"});
    asha.send(&server, "POST", routes::ACCOUNT_CHANGE_PASSWORD, &body).await.expect(200);
    reset(&server, &before, NEW).await.refused(401, "invalid_token", DEAD);
    for nonsense in ["", "abc", &"a".repeat(10_000)] {
        reset(&server, nonsense, NEW).await.refused(401, "invalid_token", DEAD);
    }
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let mails = MailServer::start().await.unwrap();
    let server = start(&mails).await;
    registered(&server, "asha@example.com").await;
    last(&server, &mails, 1).await;
    let waiting = async || {
        let due = server.state.read().await.unwrap().next_mail_due().await.unwrap();
        due.is_some()
    };
    let known = ask(&server, "asha@example.com").await;
    assert!(waiting().await);
    last(&server, &mails, 2).await;
    let unknown = ask(&server, "nobody@example.com").await;
    assert!(waiting().await, "the same is done for both, so it takes the same time");
    assert_eq!(known.expect(202), unknown.expect(202));
    send_due(&server.state).await.unwrap();
    assert!(!waiting().await);
    assert_eq!(mails.mails().len(), 2, "and nobody gets a mail");
    let wrong = ask(&server, "no address").await.expect(422);
    assert_eq!((&wrong["code"], &wrong["errors"][0]["field"]), (&json!("validation_error"), &json!("email")));
}

#[tokio::test]
async fn an_address_is_not_flooded() {
    let mails = MailServer::start().await.unwrap();
    let server = start(&mails).await;
    for email in ["asha@example.com", "nobody@example.com"] {
        for _ in 0..3 {
            ask(&server, email).await.expect(202);
        }
        let reply = ask(&server, email).await;
        assert_eq!(reply.expect(429)["code"], json!("rate_limited"));
        assert!(reply.headers.contains_key("retry-after"));
    }
    let asha = registered(&server, "asha@example.com").await;
    for _ in 0..2 {
        asha.send(&server, "POST", routes::EMAIL_VERIFICATION, &json!({})).await.expect(202);
    }
    asha.send(&server, "POST", routes::EMAIL_VERIFICATION, &json!({})).await.expect(429);
    for number in 0..24 {
        ask(&server, &format!("somebody{number}@example.com")).await;
    }
    ask(&server, "one-more@example.com").await.expect(429);
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_is_tried_again_also_after_a_restart() {
    let mails = MailServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let change = |config: &mut crate::Config| {
        config.mail = Some(settings(&mails));
        config.public_url = Some("https://shop.example".parse().unwrap());
    };
    let server = TestServer::start_at(&data, change).await;
    mails.refuse_next("451 busy");
    registered(&server, "asha@example.com").await;
    send_due(&server.state).await.unwrap();
    assert_eq!((mails.mails().len(), mails.calls()), (0, 1));
    send_due(&server.state).await.unwrap();
    assert_eq!(mails.calls(), 1, "not at once");
    server.pass(Duration::from_secs(30));
    let passed = server.clock.clone();
    drop(server);

    let server = TestServer::start_at(&data, change).await;
    server.pass(passed.passed());
    confirm(&server, &token(&last(&server, &mails, 1).await, routes::EMAIL_CONFIRM_PAGE)).await.expect(200);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_not_tried_again_and_one_that_is_not_sent_for_a_day_is_given_up() {
    let mails = MailServer::start().await.unwrap();
    let server = start(&mails).await;
    mails.refuse_next("550 no such person");
    registered(&server, "asha@example.com").await;
    assert_eq!(send_due(&server.state).await.unwrap(), None);
    registered(&server, "ravi@example.com").await;
    let mut tries = 0;
    for _ in 0..100 {
        mails.refuse_next("451 busy");
        tries += 1;
        let Some(next) = send_due(&server.state).await.unwrap() else { break };
        server.pass(next.since(server.state.now()));
    }
    assert!((24..60).contains(&tries), "{tries}: less and less often, for a day");
    assert_eq!(mails.mails().len(), 0);
}

#[tokio::test]
async fn the_mail_server_is_told_who_the_server_is() {
    let mails = MailServer::start_with_login("shop", "s3cret").await.unwrap();
    let with = |password: &'static str| {
        let settings = MailSettings { user: Some("shop".into()), password: Some(Secret::new(password)), ..settings(&mails) };
        TestServer::start_with(|config| {
            config.mail = Some(settings);
            config.public_url = Some("https://shop.example".parse().unwrap());
        })
    };
    let server = with("s3cret").await;
    registered(&server, "asha@example.com").await;
    last(&server, &mails, 1).await;
    let server = with("wrong").await;
    registered(&server, "asha@example.com").await;
    assert!(send_due(&server.state).await.unwrap().is_some(), "the mail is kept until the password is corrected");
}

#[tokio::test]
async fn a_mail_speaks_the_language_of_who_asked() {
    let mails = MailServer::start().await.unwrap();
    let server = start(&mails).await;
    registered(&server, "asha@example.com").await;
    last(&server, &mails, 1).await;
    for (number, (language, word)) in [("ar-EG", "الرابط"), ("hi", "लिंक"), ("es-MX,en;q=0.5", "enlace")].into_iter().enumerate()
    {
        let body = json!({"email": "asha@example.com"});
        server.post(routes::PASSWORD_RESET, &[("accept-language", language)], &body).await.expect(202);
        let mail = last(&server, &mails, number + 2).await;
        assert!(mail.plain().unwrap().contains(word) && mail.html().unwrap().contains(word), "{language}");
        token(&mail, routes::PASSWORD_RESET_PAGE);
    }
}

#[tokio::test]
async fn a_server_without_mail_says_so() {
    let server = TestServer::start().await;
    let sentence = "This shop sends no mail yet. Please ask its staff for help.";
    ask(&server, "asha@example.com").await.refused(503, "service_unavailable", sentence);
    let asha = registered(&server, "asha@example.com").await;
    asha.send(&server, "POST", routes::EMAIL_VERIFICATION, &json!({})).await.refused(503, "service_unavailable", sentence);
    assert_eq!(server.state.read().await.unwrap().next_mail_due().await.unwrap(), None, "nothing waits in vain");
    let foreign = [("origin", "https://evil.example")];
    server.post(routes::PASSWORD_RESET, &foreign, &json!({"email": "asha@example.com"})).await.expect(403);
}
