//! A server in a test's hands: its own folder and database, a clock that stands still, and calls without a network.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use protocol::{
    Clock as _,
    ambient::SystemEntropy,
    device::{DeviceRole, ProofClaims},
    ids::{DeviceId, SessionId, Sku, StoreId},
    routes,
    session::{Assurance, Channel},
    shop::{Locale, Shop, Store, Theme},
};
use serde_json::{Value, json};
use server_store::{
    Store as _,
    postgres::PostgresStore,
    records::{CustomerRecord, DeviceRecord, InventoryRecord, KioskSessionRecord, ProductRecord, Scope},
};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use testkit::{
    clock::FakeClock,
    postgres::Postgres,
    proof::{DeviceKey, fresh_jti, token_hash},
};
use tokio::sync::OnceCell;
use tower::ServiceExt as _;

use crate::{
    AppState, Config,
    assistant::{Assistant, CatalogueAssistant},
    caller, event, kiosk_session, proof, router,
};

/// A server in a test's hands.
pub(crate) struct TestServer {
    pub(crate) state: AppState,
    pub(crate) clock: Arc<FakeClock>,
    router: Router,
    /// In Postgres; none: the file in the folder.
    database: Option<String>,
    folder: Option<TempDir>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The JSON, if the status is this one.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// Refused with this status, code and sentence.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str, detail: &str) {
        let body = self.expect(status);
        assert_eq!((&body["code"], &body["detail"], &body["message"]), (&json!(code), &json!(detail), &json!(detail)));
    }
}

impl TestServer {
    /// A server with a small shop in US dollars.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self::start_at(&folder.path().join("data"), change).await;
        server.folder = Some(folder);
        server
    }

    /// One server on each database, for what depends on how writers wait for each other.
    pub(crate) async fn on_each_database() -> [Self; 2] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut on_postgres = Self::start_on(&data, |_| (), Some(in_postgres(&data).await), Arc::new(CatalogueAssistant)).await;
        on_postgres.folder = Some(folder);
        [Self::start().await, on_postgres]
    }

    /// A server on a data folder of the test's own.
    pub(crate) async fn start_at(data: &Path, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_answered_by(data, change, Arc::new(CatalogueAssistant)).await
    }

    /// As [`TestServer::start_at`], with another assistant.
    pub(crate) async fn start_answered_by(data: &Path, change: impl FnOnce(&mut Config), assistant: Arc<dyn Assistant>) -> Self {
        let database = database(data).await;
        Self::start_on(data, change, database, assistant).await
    }

    async fn start_on(
        data: &Path,
        change: impl FnOnce(&mut Config),
        database: Option<String>,
        assistant: Arc<dyn Assistant>,
    ) -> Self {
        let clock = Arc::new(FakeClock::default());
        let mut config = Config::at(data);
        config.database_url = database.as_ref().map(|name| Postgres::shared().socket_address(name).into());
        change(&mut config);
        let state = AppState::open_with(config, clock.clone(), Arc::new(SystemEntropy)).await.unwrap();
        let state = state.answered_by(assistant);
        event::tail(state.clone()).await;
        let server = Self { router: router(state.clone()), state, clock, database, folder: None };
        server.stock_up().await;
        server
    }

    /// Whether its database is Postgres.
    pub(crate) fn is_on_postgres(&self) -> bool {
        self.database.is_some()
    }

    /// Does to the database what no part of the program does.
    pub(crate) async fn sql(&self, statement: &str) {
        if let Some(database) = &self.database {
            Postgres::shared().sql(database, statement).unwrap();
            return;
        }
        let options = SqliteConnectOptions::new().filename(self.state.config.data.join("vitrine.db"));
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    async fn stock_up(&self) {
        let mut tx = self.state.write().await.unwrap();
        tx.put_shop(&Shop {
            name: "Example".into(),
            country: "US".into(),
            currency: "USD".into(),
            time_zone: "America/Chicago".into(),
            languages: vec![Locale::En],
            theme: Theme::default(),
            featured: Vec::new(),
        })
        .await
        .unwrap();
        for (store_id, name) in [("S01", "Main Street"), ("S02", "Harbour")] {
            let store = Store {
                store_id: store_id.into(),
                name: name.into(),
                city: "Springfield".into(),
                address: String::new(),
                opening_hours: String::new(),
            };
            tx.put_store(&store).await.unwrap();
        }
        for product in [
            product("SKU-1", "Example Runner", 1_999),
            product("SKU-2", "Hill Walk Derby", 8_900),
            product("SKU-3", "Market Tote", 2_450),
        ] {
            tx.put_product(&product).await.unwrap();
            tx.put_inventory(&InventoryRecord { sku: product.sku.clone(), location: "online".into(), quantity: 8 })
                .await
                .unwrap();
            tx.put_inventory(&InventoryRecord { sku: product.sku, location: "store:S01".into(), quantity: 4 }).await.unwrap();
        }
        tx.put_customer(&customer("901", "Asha Example", "+12025550101")).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Everything that a thief of the database would have.
    pub(crate) fn stored(&self) -> Vec<u8> {
        if let Some(name) = &self.database {
            return Postgres::shared().dump(name).unwrap().into();
        }
        let files = std::fs::read_dir(&self.state.config.data).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// An answer whose body is still to be read.
    pub(crate) async fn open(&self, mut request: Request<Body>) -> Response {
        request.extensions_mut().get_or_insert_with(|| ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 40_000))));
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let (parts, body) = self.open(request).await.into_parts();
        Reply { status: parts.status, headers: parts.headers, body: axum::body::to_bytes(body, usize::MAX).await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(request("GET", path, headers).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let request = request("POST", path, headers).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A guest's token.
    pub(crate) async fn guest(&self) -> String {
        let body = self.post(routes::SESSION_START, &[], &json!({"phone": "2025550199", "channel": "web"})).await.expect(200);
        body["session_token"].as_str().unwrap().to_owned()
    }

    /// A token of somebody who signed up just now.
    pub(crate) async fn signed_up(&self, phone: &str) -> String {
        let body = json!({"name": "Ravi Sample", "phone_number": phone, "password": "walking by the river"});
        let body = self.post(routes::AUTH_SIGNUP, &[], &body).await.expect(201);
        body["session_token"].as_str().unwrap().to_owned()
    }

    /// One documented action; the session after it.
    pub(crate) async fn act(&self, token: &str, action: &str, payload: Value) -> Reply {
        self.post(routes::SESSION_UPDATE, &[("x-session-token", token)], &json!({"action": action, "payload": payload})).await
    }

    /// The key of a trusted channel or service.
    pub(crate) async fn key(&self, channel: Option<Channel>, scopes: &[Scope]) -> String {
        let name = format!("key {}", self.state.new_id());
        let (_, text) = caller::keys::add(&self.state, &name, channel, scopes).await.unwrap();
        text.to_string()
    }

    /// A call of a kiosk, with its proof and, where there is one, a session's token.
    pub(crate) async fn post_from(&self, kiosk: &TestKiosk, path: &str, token: Option<&str>, body: &Value) -> Reply {
        let proof = self.proof(kiosk, "POST", path, token);
        let mut headers = vec![("dpop", proof.as_str())];
        headers.extend(token.map(|token| ("x-session-token", token)));
        self.post(path, &headers, body).await
    }

    /// As [`TestServer::post_from`].
    pub(crate) async fn get_from(&self, kiosk: &TestKiosk, path: &str, token: Option<&str>) -> Reply {
        let proof = self.proof(kiosk, "GET", path, token);
        let mut headers = vec![("dpop", proof.as_str())];
        headers.extend(token.map(|token| ("x-session-token", token)));
        self.get(path, &headers).await
    }

    /// An enrolled kiosk in a store.
    pub(crate) async fn kiosk(&self, store: &str) -> TestKiosk {
        let key = DeviceKey::new().unwrap();
        let device = DeviceRecord {
            id: DeviceId(self.state.new_id()),
            key_thumbprint: proof::thumbprint(key.jwk()),
            role: DeviceRole::Kiosk,
            store_id: StoreId::from(store),
            label: "By the door".into(),
            enrolled_at: self.state.now(),
            start_by_phone: false,
        };
        let mut tx = self.state.write().await.unwrap();
        tx.put_device(&device).await.unwrap();
        tx.commit().await.unwrap();
        TestKiosk { id: device.id, key }
    }

    /// Makes the kiosk hold a session.
    pub(crate) async fn hold(&self, kiosk: &TestKiosk, session: SessionId, assurance: Assurance) -> KioskSessionRecord {
        let mut tx = self.state.write().await.unwrap();
        let new = kiosk_session::operations::NewHold { device: kiosk.id, session, handoff: None, assurance };
        let (hold, _) = kiosk_session::operations::begin(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        hold
    }

    /// The id of a token's session.
    pub(crate) async fn session_id(&self, token: &str) -> SessionId {
        let body = self.get(routes::SESSION_RESTORE, &[("x-session-token", token)]).await.expect(200);
        serde_json::from_value(body["session"]["session_id"].clone()).unwrap()
    }

    /// A fresh proof of the kiosk for one call.
    pub(crate) fn proof(&self, kiosk: &TestKiosk, method: &str, path: &str, token: Option<&str>) -> String {
        let claims = ProofClaims {
            jti: fresh_jti(&SystemEntropy),
            htm: method.to_owned(),
            htu: format!("{}{path}", self.state.config.public_origin()),
            iat: self.clock.now().unix_seconds(),
            nonce: Some(self.state.proofs.nonce()),
            ath: token.map(token_hash),
        };
        kiosk.key.sign(&claims).unwrap()
    }
}

/// With `VITRINE_TESTS_ON=postgres` in the environment, every server of these tests keeps its records in a real Postgres, in
/// a database of its data folder's own.
async fn database(data: &Path) -> Option<String> {
    if std::env::var("VITRINE_TESTS_ON").as_deref() != Ok("postgres") {
        return None;
    }
    Some(in_postgres(data).await)
}

/// The database of a data folder in a real Postgres.
async fn in_postgres(data: &Path) -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    static MADE: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());
    let postgres = Postgres::shared();
    let template = TEMPLATE
        .get_or_init(|| async {
            let name = postgres.create(None).unwrap();
            PostgresStore::open(&postgres.socket_address(&name), Duration::from_secs(20)).await.unwrap().close().await;
            name
        })
        .await;
    let mut made = MADE.lock().unwrap();
    made.entry(data.to_owned()).or_insert_with(|| postgres.create(Some(template)).unwrap()).clone()
}

/// A kiosk of a test.
pub(crate) struct TestKiosk {
    pub(crate) id: DeviceId,
    pub(crate) key: DeviceKey,
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> axum::http::request::Builder {
    headers.iter().fold(Request::builder().method(method).uri(path), |request, (name, value)| request.header(*name, *value))
}

pub(crate) fn product(sku: &str, name: &str, price_minor: i64) -> ProductRecord {
    ProductRecord {
        sku: Sku::from(sku),
        name: name.into(),
        description: "Light and sturdy".into(),
        price_minor,
        rating: Some(4.4),
        listed_stock: 0,
        stock: 0,
        category: "Footwear".into(),
        subcategory: Some("Shoes".into()),
        brand: Some("Samplewear".into()),
        gender: Some("Unisex".into()),
        color: Some("White".into()),
        image_url: format!("/images/{sku}.svg"),
        attributes: [("color_hex".to_owned(), "#ffffff".to_owned())].into(),
    }
}

pub(crate) fn customer(id: &str, name: &str, phone: &str) -> CustomerRecord {
    CustomerRecord {
        id: id.into(),
        name: name.into(),
        age: Some(29),
        gender: "Female".into(),
        phone: phone.into(),
        city: "Springfield".into(),
        building_name: String::new(),
        address_landmark: String::new(),
        loyalty_tier: "Silver".into(),
        loyalty_points: 1_211,
        device_preference: "mobile".into(),
        total_spend_minor: 1_208_008,
        items_purchased: 2,
        average_rating: 4.6,
        days_since_last_purchase: 25,
        satisfaction: "Satisfied".into(),
        purchase_history: Vec::new(),
    }
}

/// Tells each story on both databases; the first name is of what makes of a server what the stories stand on.
macro_rules! on_each_database {
    ($floor_of:ident: $($name:ident,)*) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                let server = $crate::testing::TestServer::start().await;
                super::$name(super::$floor_of(server).await).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                let [_, server] = $crate::testing::TestServer::on_each_database().await;
                super::$name(super::$floor_of(server).await).await;
            })*
        }
    };
}
pub(crate) use on_each_database;
