//! The check list of the documents as one story: one session per customer, whichever channel comes first, and its end.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use indicatif::ProgressBar;
use protocol::{
    Clock as _,
    ambient::SystemEntropy,
    device::{DeviceRole, ProofClaims},
    ids::{DeviceId, SessionId},
    session::Channel,
};
use serde_json::{Value, json};
use server::{
    AppState, Config,
    caller::keys,
    import::{SignIn, import},
    proof::thumbprint,
    router,
};
use server_store::records::{DeviceRecord, Scope};
use testkit::{
    clock::FakeClock,
    postgres::Postgres,
    proof::{DeviceKey, fresh_jti},
};
use tower::ServiceExt as _;

const WEEK: Duration = Duration::from_hours(7 * 24);

struct Shop {
    state: AppState,
    clock: Arc<FakeClock>,
    router: Router,
    kiosk: DeviceKey,
    sign_in: SignIn,
    whatsapp: String,
    _folder: tempfile::TempDir,
}

impl Shop {
    async fn open(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::at(folder.path().join("data"));
        change(&mut config);
        let clock = Arc::new(FakeClock::default());
        let state = AppState::open_with(config, clock.clone(), Arc::new(SystemEntropy)).await.unwrap();
        let list = folder.path().join("sign-ins.json");
        let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo-shop/shop");
        import(&state, &shop, Some(&list), &ProgressBar::hidden()).await.unwrap();
        let sign_ins: Vec<SignIn> = serde_json::from_slice(&std::fs::read(list).unwrap()).unwrap();
        let scopes = [Scope::Resume, Scope::Agent];
        let (_, whatsapp) = keys::add(&state, "whatsapp", Some(Channel::Whatsapp), &scopes).await.unwrap();
        let kiosk = DeviceKey::new().unwrap();
        let mut tx = state.write().await.unwrap();
        tx.put_device(&DeviceRecord {
            id: DeviceId(state.new_id()),
            key_thumbprint: thumbprint(kiosk.jwk()),
            role: DeviceRole::Kiosk,
            store_id: "S01".into(),
            label: "By the door".into(),
            enrolled_at: state.now(),
            start_by_phone: true,
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let sign_in = sign_ins.into_iter().next().unwrap();
        let whatsapp = whatsapp.to_string();
        Self { router: router(state.clone()), state, clock, kiosk, sign_in, whatsapp, _folder: folder }
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    async fn ok(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Value {
        let (status, answer) = self.send(method, path, headers, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn proof(&self, method: &str, path: &str) -> String {
        let claims = ProofClaims {
            jti: fresh_jti(&SystemEntropy),
            htm: method.to_owned(),
            htu: format!("{}{path}", self.state.config.public_origin()),
            iat: self.clock.now().unix_seconds(),
            nonce: Some(self.state.proofs.nonce()),
            ath: None,
        };
        self.kiosk.sign(&claims).unwrap()
    }

    async fn expiry(&self, session: &Value) -> Duration {
        let id: SessionId = session.as_str().unwrap().parse().unwrap();
        let record = self.state.read().await.unwrap().session(id).await.unwrap().unwrap();
        record.expires_at.since(self.state.now())
    }
}

async fn the_check_list(shop: Shop) {
    let start = json!({"phone": shop.sign_in.phone, "channel": "kiosk", "customer_id": 101});

    // 1. A kiosk that proves nothing gets a session of nobody.
    let guest = shop.ok("POST", "/session/start", &[], Some(start.clone())).await;
    assert_eq!((&guest["session"]["guest"], &guest["session"]["data"]["cart"]), (&json!(true), &json!([])));

    // 2. The customer signs in on the web; an enrolled kiosk goes on with the same session.
    let login = json!({"phone_number": shop.sign_in.phone, "password": shop.sign_in.password, "channel": "web"});
    let web = shop.ok("POST", "/auth/login", &[], Some(login.clone())).await;
    let token = web["session_token"].as_str().unwrap();
    let own = [("x-session-token", token)];
    let say = json!({"action": "chat_message", "payload": {"message": "white shoes?", "channel": "web"}});
    shop.ok("POST", "/session/update", &own, Some(say)).await;
    let before = shop.ok("GET", "/session/restore", &own, None).await;
    let proof = shop.proof("POST", "/session/start");
    let kiosk = shop.ok("POST", "/session/start", &[("dpop", &proof)], Some(start)).await;
    assert_eq!(kiosk["session_token"], json!(token), "the same token");
    assert_eq!(kiosk["session"]["data"]["chat_context"], before["session"]["data"]["chat_context"], "the conversation is kept");
    let channels = kiosk["session"]["data"]["channels"].as_array().unwrap().clone();
    assert!(channels.contains(&json!("web")) && channels.contains(&json!("kiosk")), "{channels:?}");

    // 3. The bot on WhatsApp needs no password, and is one channel more of the same session.
    let key = [("x-channel-key", shop.whatsapp.as_str())];
    let by_phone = json!({"phone_number": shop.sign_in.phone, "name": "Somebody", "channel": "whatsapp"});
    let bot = shop.ok("POST", "/session/login", &key, Some(by_phone)).await;
    assert_eq!((&bot["session_token"], &bot["customer"]["name"]), (&json!(token), &json!(shop.sign_in.name)));
    assert!(bot["session"]["data"]["channels"].as_array().unwrap().contains(&json!("whatsapp")));

    // 4. An agent reads what was said and chosen.
    let session = &bot["session"]["session_id"];
    let memory = format!("/session/{}", session.as_str().unwrap());
    let context = shop.ok("GET", &format!("{memory}/context"), &key, None).await;
    let said = context["chat_context"].as_array().unwrap().iter().any(|entry| entry["message"] == "white shoes?");
    assert!(said && context["conversation_summary"].is_string() && context["last_recommended_skus"].is_array());
    assert_eq!(shop.ok("GET", &format!("{memory}/cart"), &key, None).await["cart"], context["cart"]);

    // 5. Seven days ahead, moving with each use; then over.
    shop.clock.advance(Duration::from_hours(24));
    assert_eq!(shop.expiry(session).await, Duration::from_hours(6 * 24));
    shop.ok("GET", "/session/restore", &own, None).await;
    assert_eq!(shop.expiry(session).await, WEEK);
    shop.clock.advance(WEEK);
    let (status, refused) = shop.send("GET", "/session/restore", &own, None).await;
    assert_eq!((status, &refused["code"], &refused["detail"]), (404, &json!("session_expired"), &json!("Session not found")));

    // 6. No answer shows a password; a token dies at logout.
    let web = shop.ok("POST", "/auth/login", &[], Some(login)).await;
    assert!(!web.to_string().contains(&shop.sign_in.password));
    let token = web["session_token"].as_str().unwrap().to_owned();
    let own = [("x-session-token", token.as_str())];
    let bot = json!({"phone": shop.sign_in.phone});
    let started = shop.ok("POST", "/session/start", &key, Some(bot.clone())).await;

    // 7. One session, whichever channel came first.
    assert_eq!(started["session"]["session_id"], web["session"]["session_id"]);
    shop.ok("POST", "/auth/logout", &own, None).await;
    let (status, _) = shop.send("GET", "/session/restore", &own, None).await;
    assert_eq!(status, 404);
    let next = shop.ok("POST", "/session/start", &key, Some(bot)).await;
    assert_ne!(next["session"]["session_id"], web["session"]["session_id"]);
    assert_eq!(next["session"]["data"]["chat_context"], json!([]));
}

#[tokio::test]
async fn the_check_list_on_sqlite() {
    the_check_list(Shop::open(|_| ()).await).await;
}

#[tokio::test]
async fn the_check_list_on_postgres() {
    let name = Postgres::shared().create(None).unwrap();
    let address = Postgres::shared().socket_address(&name);
    the_check_list(Shop::open(|config| config.database_url = Some(address.into())).await).await;
}
