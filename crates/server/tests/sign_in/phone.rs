//! The real phone page in a real browser, before a real provider's page.

use std::{sync::Arc, time::Duration};

use protocol::{
    ambient::{SystemClock, SystemEntropy},
    device::DeviceRole,
    ids::DeviceId,
    routes,
};
use server::{
    AppState, Config,
    mail::{MailSettings, MailTls},
    proof::thumbprint,
    provider::ProviderSettings,
    secret::Secret,
    serve,
};
use server_store::records::DeviceRecord;
use testkit::{
    desktop::PhoneBrowser,
    kiosk::FakeKiosk,
    provider::{Provider, SECRET},
    smtp::MailServer,
};
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(20);

/// A server on a port of its own, with a provider and a mail server beside it.
struct Street {
    origin: String,
    state: AppState,
    mails: MailServer,
    _provider: Provider,
    _folder: tempfile::TempDir,
}

impl Street {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let provider = Provider::start(&origin).unwrap();
        let mails = MailServer::start().await.unwrap();
        let config = Config {
            listen: listener.local_addr().unwrap(),
            sign_in: vec![ProviderSettings {
                id: "real".into(),
                name: "Example ID".into(),
                issuer: provider.issuer(),
                client_id: Some("shop".into()),
                client_secret: Some(Secret::new(SECRET)),
                audiences: Vec::new(),
            }],
            mail: Some(MailSettings {
                host: "127.0.0.1".into(),
                port: mails.port(),
                tls: MailTls::None,
                user: None,
                password: None,
                from: "Example Shop <shop@shop.example>".parse().unwrap(),
            }),
            ..Config::at(folder.path().join("data"))
        };
        let state = AppState::open_with(config, Arc::new(SystemClock::new()), Arc::new(SystemEntropy)).await.unwrap();
        tokio::spawn(serve(listener, state.clone()));
        Self { origin, state, mails, _provider: provider, _folder: folder }
    }

    async fn kiosk(&self) -> FakeKiosk {
        let kiosk = FakeKiosk::new(&self.origin).unwrap();
        let mut tx = self.state.write().await.unwrap();
        tx.put_device(&DeviceRecord {
            id: DeviceId(self.state.new_id()),
            key_thumbprint: thumbprint(kiosk.key().jwk()),
            role: DeviceRole::Kiosk,
            store_id: "S01".into(),
            label: "By the door".into(),
            enrolled_at: self.state.now(),
            start_by_phone: false,
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        kiosk
    }
}

impl Drop for Street {
    fn drop(&mut self) {
        self.state.shutdown.cancel();
    }
}

#[tokio::test]
async fn a_customer_scans_a_kiosk_signs_in_at_the_provider_and_goes_on_at_the_kiosk() {
    let street = Street::open().await;
    let kiosk = street.kiosk().await;
    let phone = PhoneBrowser::start().await.unwrap();
    let handoff = kiosk.open_handoff().await.unwrap();
    phone.page.goto(&format!("{}{}/{}", street.origin, routes::PHONE_PAGE, handoff.shown.codes[0])).await.unwrap();
    phone.shows("visit").await.unwrap();
    phone.tap("sign-in").await.unwrap();
    phone.shows("sign-in").await.unwrap();
    assert_eq!(phone.page.text("[data-provider=real]").await.unwrap().trim(), "Continue with Example ID");
    phone.tap("provider").await.unwrap();

    phone.page.find_within("[name=login]", PATIENCE).await.unwrap();
    phone.page.type_into("[name=login]", "asha").await.unwrap();
    phone.page.type_into("[name=password]", "any").await.unwrap();
    phone.page.click("[type=submit]").await.unwrap();
    phone.page.find_within("[value=consent]", PATIENCE).await.unwrap();
    phone.page.click("[type=submit]").await.unwrap();

    // Back at the shop, at the same visit, and known by name.
    phone.shows("visit").await.unwrap();
    phone.page.says("Asha", PATIENCE).await.unwrap();
    assert_eq!(phone.page.address().await.unwrap(), format!("{}{}", street.origin, routes::PHONE_TYPED_PAGE));
    let digits = phone.continue_on_kiosk().await.unwrap();
    let held = kiosk.enter_digits(&handoff, &digits).await.unwrap();
    assert!(!held.token.is_empty());
    phone.shows("live").await.unwrap();
}

#[tokio::test]
async fn who_turns_back_at_the_provider_is_at_the_visit_again() {
    let street = Street::open().await;
    let kiosk = street.kiosk().await;
    let phone = PhoneBrowser::start().await.unwrap();
    let handoff = kiosk.open_handoff().await.unwrap();
    phone.page.goto(&format!("{}{}/{}", street.origin, routes::PHONE_PAGE, handoff.shown.codes[0])).await.unwrap();
    phone.shows("visit").await.unwrap();
    phone.tap("sign-in").await.unwrap();
    phone.tap("provider").await.unwrap();
    phone.page.find_within("[name=login]", PATIENCE).await.unwrap();
    phone.page.click("a[href*=abort]").await.unwrap();
    phone.shows("visit").await.unwrap();
    phone.page.says("You turned back.", PATIENCE).await.unwrap();
    phone.tap("sign-in").await.unwrap();
    phone.shows("sign-in").await.unwrap();
}

#[tokio::test]
async fn who_forgot_a_password_gets_a_link_and_chooses_a_new_one() {
    let street = Street::open().await;
    let http = testkit::answer::client().unwrap();
    let call = async |path: &str, body: serde_json::Value| {
        http.post(format!("{}{path}", street.origin)).json(&body).send().await.unwrap().status().as_u16()
    };
    let account = serde_json::json!({"email": "asha@example.com", "password": "walking by the river", "display_name": "Asha"});
    assert_eq!(call(routes::ACCOUNT_REGISTER, account).await, 201);
    street.mails.mail(1).await.unwrap();

    let phone = PhoneBrowser::start().await.unwrap();
    phone.page.goto(&format!("{}{}", street.origin, routes::PASSWORD_RESET_PAGE)).await.unwrap();
    phone.shows("ask").await.unwrap();
    phone.page.type_into("[name=email]", "asha@example.com").await.unwrap();
    phone.tap("submit").await.unwrap();
    phone.shows("sent").await.unwrap();
    let mail = street.mails.mail(2).await.unwrap();
    let text = mail.plain().unwrap();
    let link = text.lines().find(|line| line.starts_with(&street.origin)).unwrap().trim().to_owned();

    // A mailed link is opened anew, not on a page that is there already.
    phone.page.goto("about:blank").await.unwrap();
    phone.page.goto(&link).await.unwrap();
    phone.shows("choose").await.unwrap();
    assert_eq!(
        phone.page.address().await.unwrap(),
        format!("{}{}", street.origin, routes::PASSWORD_RESET_PAGE),
        "the token is gone"
    );
    phone.page.type_into("[name=password]", "rowing on the lake").await.unwrap();
    phone.tap("submit").await.unwrap();
    phone.shows("saved").await.unwrap();
    let login = serde_json::json!({"email": "asha@example.com", "password": "rowing on the lake"});
    assert_eq!(call(routes::ACCOUNT_LOGIN, login).await, 200);

    phone.page.goto("about:blank").await.unwrap();
    phone.page.goto(&link).await.unwrap();
    phone.shows("choose").await.unwrap();
    phone.page.type_into("[name=password]", "sailing round the cape").await.unwrap();
    phone.tap("submit").await.unwrap();
    phone.shows("dead").await.unwrap();
}
