//! A server with a shop in it, and everybody who calls.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, header},
};
use indicatif::ProgressBar;
use protocol::{
    Clock as _,
    ambient::SystemEntropy,
    device::{DeviceRole, ProofClaims},
    ids::{AccountId, DeviceId},
    session::Channel,
};
use serde_json::Value;
use server::{
    AppState, Config,
    caller::keys,
    import::import,
    mail::{MailSettings, MailTls, send_due},
    proof::thumbprint,
    provider::ProviderSettings,
    router,
    secret::Secret,
};
use server_store::records::{DeviceRecord, Scope};
use testkit::{
    clock::FakeClock,
    postgres::Postgres,
    program::free_port,
    proof::{DeviceKey, fresh_jti, token_hash},
    smtp::MailServer,
};
use tower::ServiceExt as _;

use super::{
    shape::problem,
    table::{MAILED, ROLE, Row, Who, get, keep, post, shape},
};

/// Where the records are.
#[derive(Clone, Copy, Debug)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// None where it is no JSON.
    pub body: Option<Value>,
}

/// Somebody signs up; the token is known as `customer` from then on.
pub const ARRIVAL: Row = keep(
    post(
        "/auth/signup",
        Who::Nobody,
        r#"{"name":"Ravi Sample","phone_number":"9820000150","password":"walking by the river"}"#,
        201,
        "signed in",
    ),
    &[("customer", "/session_token"), ("session", "/session/session_id"), ("id", "/customer/customer_id")],
);

/// A server and its callers. What an answer gave is kept under a name, for the requests after it.
pub struct Place {
    state: AppState,
    clock: Arc<FakeClock>,
    router: Router,
    kiosk: DeviceKey,
    /// Of a device that nobody enrolled.
    stranger: DeviceKey,
    known: BTreeMap<String, String>,
    mails: MailServer,
    /// A media server as far as this server looks at it: it takes connections.
    _media: std::net::TcpListener,
    _folder: tempfile::TempDir,
}

impl Place {
    pub async fn open(database: Database) -> Self {
        match database {
            Database::Sqlite => Self::with(None).await,
            Database::Postgres => {
                let name = Postgres::shared().create(None).unwrap();
                Self::at(Postgres::shared().socket_address(&name)).await
            }
        }
    }

    /// A place with its records in a Postgres of the caller's.
    pub async fn at(database_url: String) -> Self {
        Self::with(Some(database_url)).await
    }

    async fn with(database_url: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::at(folder.path().join("data"));
        config.database_url = database_url.map(Into::into);
        config.ingest_token = Some(Secret::new("of-the-voice-agent"));
        let media = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        config.voice.media_url = Some(format!("ws://{}", media.local_addr().unwrap()).parse().unwrap());
        config.voice.media_key = Some("APIexample".into());
        config.voice.media_secret = Some(Secret::new("an example secret"));
        let mails = MailServer::start().await.unwrap();
        config.mail = Some(MailSettings {
            host: "127.0.0.1".into(),
            port: mails.port(),
            tls: MailTls::None,
            user: None,
            password: None,
            from: "shop@shop.example".parse().unwrap(),
        });
        config.sign_in = vec![ProviderSettings {
            id: "away".into(),
            name: "Away".into(),
            issuer: format!("http://127.0.0.1:{}", free_port().unwrap()),
            client_id: Some("shop".into()),
            client_secret: None,
            audiences: Vec::new(),
        }];
        let clock = Arc::new(FakeClock::default());
        let state = AppState::open_with(config, clock.clone(), Arc::new(SystemEntropy)).await.unwrap();
        let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo-shop/shop");
        let report = import(&state, &shop, None, &ProgressBar::hidden()).await.unwrap();
        assert!(report.files.iter().all(|file| file.problem.is_none() && file.refused.is_empty()), "{report}");
        let mut known = BTreeMap::new();
        for (name, channel, scopes) in [
            ("whatsapp", Some(Channel::Whatsapp), &[Scope::Resume, Scope::Agent][..]),
            ("telegram", Some(Channel::Telegram), &[Scope::Resume]),
            ("internal", None, &[Scope::Internal]),
            ("services", None, &[Scope::Agent, Scope::Stock, Scope::Loyalty, Scope::Payments]),
        ] {
            let (_, key) = keys::add(&state, name, channel, scopes).await.unwrap();
            known.insert(name.to_owned(), key.to_string());
        }
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
        let mut place = Self {
            router: router(state.clone()),
            state,
            clock,
            kiosk,
            stranger: DeviceKey::new().unwrap(),
            known,
            mails,
            _media: media,
            _folder: folder,
        };
        place.hire_manager().await;
        place
    }

    /// Somebody registers as everybody does, and the operator makes them a manager.
    async fn hire_manager(&mut self) {
        self.send(&keep(
            post(
                "/api/auth/register",
                Who::Manager,
                r#"{"email":"manager@example.com","password":"walking by the river","display_name":"Maya Manager"}"#,
                201,
                "user",
            ),
            &[("manager", "/id")],
        ))
        .await;
        self.give_role(&self.known["manager"], "manager").await;
    }

    /// The cookies that a browser has been given, and the anti-forgery token where it knows it.
    fn cookies(&self, jar: &str, csrf: bool) -> Vec<(&'static str, String)> {
        let mut sent = Vec::new();
        sent.extend(self.known.get(&format!("{jar} cookie")).map(|cookie| ("cookie", cookie.clone())));
        sent.extend(self.known.get(&format!("{jar} csrf")).filter(|_| csrf).map(|token| ("x-csrftoken", token.clone())));
        sent
    }

    /// Keeps what an answer sets, as a browser does.
    fn keep_cookies(&mut self, jar: &str, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let (pair, _) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let (key, kept) = match name {
                "sessionid" => (format!("{jar} cookie"), pair),
                "csrftoken" => (format!("{jar} csrf"), value),
                _ => continue,
            };
            if value.is_empty() {
                self.known.remove(&key);
            } else {
                self.known.insert(key, kept.to_owned());
            }
        }
    }

    /// The text with what earlier answers gave.
    pub fn filled(&self, text: &str) -> String {
        self.known.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    }

    /// What an earlier answer gave.
    pub fn known(&self, name: &str) -> String {
        self.known[name].clone()
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// The headers that prove who calls.
    pub fn credentials_of(&self, who: Who, method: &'static str, path: &str) -> Vec<(&'static str, String)> {
        self.credentials(&Row { method, who, ..get("", who, 0, "") }, path)
    }

    /// Sends any request from one address.
    pub async fn ask(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 40_000))));
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        // Streams go on for ever.
        let is_stream = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let bytes = if is_stream { Bytes::new() } else { axum::body::to_bytes(body, usize::MAX).await.unwrap() };
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: serde_json::from_slice(&bytes).ok() }
    }

    fn credentials(&self, row: &Row, path: &str) -> Vec<(&'static str, String)> {
        let token = |name: &str| ("x-session-token", self.known.get(name).unwrap_or_else(|| panic!("no {name} yet")).clone());
        let key = |name: &str| ("x-channel-key", self.known[name].clone());
        match row.who {
            Who::Nobody => Vec::new(),
            Who::Customer => vec![token("customer")],
            Who::Guest => vec![token("guest")],
            Who::Whatsapp => vec![key("whatsapp")],
            Who::Telegram => vec![key("telegram")],
            Who::Service => vec![key("services")],
            Who::DeadKey => vec![("x-channel-key", "vck_revoked".into())],
            Who::Browser => self.cookies("browser", true),
            Who::Forger => self.cookies("browser", false),
            Who::Manager => self.cookies("manager", true),
            Who::Kiosk | Who::Stranger => {
                let token = row.headers.iter().find_map(|line| line.strip_prefix("x-session-token: "));
                let token = token.map(|token| self.filled(token));
                let key = if matches!(row.who, Who::Kiosk) { &self.kiosk } else { &self.stranger };
                vec![("dpop", self.proof(key, row.method, path, token.as_deref()))]
            }
        }
    }

    fn proof(&self, key: &DeviceKey, method: &str, path: &str, token: Option<&str>) -> String {
        let claims = ProofClaims {
            jti: fresh_jti(&SystemEntropy),
            htm: method.to_owned(),
            htu: format!("{}{}", self.state.config.public_origin(), path.split('?').next().unwrap_or_default()),
            iat: self.clock.now().unix_seconds(),
            nonce: Some(self.state.proofs.nonce()),
            ath: token.map(token_hash),
        };
        key.sign(&claims).unwrap()
    }

    /// Gives the account of that id a role, as an operator would.
    async fn give_role(&self, id: &str, role: &str) {
        let mut tx = self.state.write().await.unwrap();
        let now = tx.now();
        tx.grant_role(AccountId(id.parse().unwrap()), role.parse().unwrap(), None, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Sends what waits, and keeps the token of the last mail to that address.
    async fn read_mail(&mut self, to: &str, name: &str) {
        send_due(&self.state).await.unwrap();
        let mail = self.mails.mails().into_iter().rfind(|mail| mail.to == [to]).unwrap_or_else(|| panic!("no mail to {to}"));
        let text = mail.plain().unwrap();
        let token = text.split("#token=").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
        self.known.insert(name.to_owned(), token.to_owned());
    }

    /// Sends one request of the table and judges the answer.
    pub async fn send(&mut self, row: &Row) {
        let path = self.filled(row.path);
        if row.method == ROLE {
            return self.give_role(&path, row.body).await;
        }
        if row.method == MAILED {
            return self.read_mail(&path, row.body).await;
        }
        let mut request = Request::builder().method(row.method).uri(&path);
        for (name, value) in self.credentials(row, &path) {
            request = request.header(name, value);
        }
        for line in row.headers {
            let (name, value) = line.split_once(": ").unwrap();
            request = request.header(name, self.filled(value));
        }
        let body = if row.body.is_empty() {
            Body::empty()
        } else {
            if !row.headers.iter().any(|line| line.to_ascii_lowercase().starts_with("content-type:")) {
                request = request.header(header::CONTENT_TYPE, "application/json");
            }
            Body::from(self.filled(row.body))
        };
        let Answer { status, headers, body } = self.ask(request.body(body).unwrap()).await;
        let about = format!("{} {} {:?} {}", row.method, path, row.who, row.body);
        assert_eq!(status, row.status, "{about}: {body:?}");
        if row.shape == "file" {
            let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            return assert!(kind.starts_with("image/") && body.is_none(), "{about}: {kind}");
        }
        let answer = body.unwrap_or_else(|| panic!("{about}: no JSON"));
        if row.status >= 400 {
            let code = (answer["code"].as_str(), answer["detail"].is_string(), answer["detail"] == answer["message"]);
            assert_eq!(code, (Some(row.shape), true, true), "{about}: {answer}");
        } else if let Some(problem) = problem(&shape(row.shape), &answer, "answer") {
            panic!("{about}: {problem}");
        }
        if !row.says.is_empty() {
            assert_eq!(answer["message"].as_str(), Some(self.filled(row.says).as_str()), "{about}");
        }
        for (name, pointer) in row.keep {
            if let Some(cookie) = pointer.strip_prefix("cookie ") {
                let begin = format!("{cookie}=");
                let lines = headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
                let value = lines.into_iter().find_map(|line| line.strip_prefix(&begin)?.split(';').next()).unwrap();
                self.known.insert((*name).to_owned(), value.to_owned());
                continue;
            }
            let value = match answer.pointer(pointer) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                _ => panic!("{about}: no {pointer}"),
            };
            self.known.insert((*name).to_owned(), value);
        }
        match row.who {
            Who::Browser => self.keep_cookies("browser", &headers),
            Who::Manager => self.keep_cookies("manager", &headers),
            _ => {}
        }
    }
}
