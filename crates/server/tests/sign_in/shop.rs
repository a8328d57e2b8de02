//! A server that takes a provider's word, and browsers before it.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, header},
};
use protocol::{
    Clock as _, Timestamp,
    ambient::{SystemClock, SystemEntropy},
};
use serde_json::Value;
use server::{AppState, Config, provider::ProviderSettings, router, secret::Secret};
use testkit::{
    clock::FakeClock,
    provider::{Provider, SECRET},
};
use tower::ServiceExt as _;

/// Where browsers reach the server, as far as a provider is told.
pub const ORIGIN: &str = "http://127.0.0.1:7070";

/// A server in a test's hands.
pub struct Shop {
    pub clock: Arc<FakeClock>,
    router: Router,
    _folder: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.expect(status)["code"], code, "{}", self.body);
    }

    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// A client of the provider.
pub fn client(provider: &Provider, id: &str, secret: Option<&str>) -> ProviderSettings {
    ProviderSettings {
        id: "real".into(),
        name: "Real".into(),
        issuer: provider.issuer(),
        client_id: Some(id.into()),
        client_secret: secret.map(Secret::new),
        audiences: ["RS256", "PS256", "ES256", "EdDSA"].map(|algorithm| format!("urn:shop:{algorithm}")).to_vec(),
    }
}

impl Shop {
    /// A server that knows the provider as the client `shop`.
    pub async fn open(provider: &Provider) -> Self {
        Self::with(vec![client(provider, "shop", Some(SECRET))]).await
    }

    /// A server that knows these providers. Its clock stands at the present, as real providers' clocks do.
    pub async fn with(sign_in: Vec<ProviderSettings>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { sign_in, ..Config::at(folder.path().join("data")) };
        assert_eq!(config.public_origin(), ORIGIN);
        let clock = Arc::new(FakeClock::at(SystemClock::new().now()));
        let state = AppState::open_with(config, clock.clone(), Arc::new(SystemEntropy)).await.unwrap();
        Self { router: router(state), clock, _folder: folder }
    }

    pub fn now(&self) -> i64 {
        Timestamp::unix_seconds(self.clock.now())
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 40_000))));
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// A call with a bearer token.
    pub async fn get_as(&self, token: &str, path: &str) -> Reply {
        self.send("GET", path, &[("authorization", &format!("Bearer {token}"))], "").await
    }
}

/// A browser with its cookies.
#[derive(Clone, Default)]
pub struct Browser {
    pub cookies: Vec<(String, String)>,
    pub csrf: String,
}

impl Browser {
    pub async fn send(&mut self, shop: &Shop, method: &str, path: &str, body: &str) -> Reply {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let reply = shop.send(method, path, &[("cookie", &cookies), ("x-csrftoken", &self.csrf)], body).await;
        for line in reply.headers.get_all(header::SET_COOKIE) {
            let (pair, _) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        if let Some(csrf) =
            serde_json::from_str::<Value>(&reply.body).ok().and_then(|body| Some(body["csrf_token"].as_str()?.to_owned()))
        {
            self.csrf = csrf;
        }
        reply
    }

    pub async fn get(&mut self, shop: &Shop, path: &str) -> Reply {
        self.send(shop, "GET", path, "").await
    }

    /// Begins a sign-in; answers the provider's address.
    pub async fn begin(&mut self, shop: &Shop, body: &str) -> String {
        let reply = self.send(shop, "POST", "/v1/phone/providers/real/start", body).await;
        reply.expect(200)["address"].as_str().unwrap().to_owned()
    }

    /// Opens an address of the shop that a provider sent the browser to.
    pub async fn come_back(&mut self, shop: &Shop, address: &str) -> Reply {
        let path = address.strip_prefix(ORIGIN).unwrap_or_else(|| panic!("{address} is not at the shop"));
        self.get(shop, path).await
    }

    /// Who is signed in here, by first name.
    pub async fn name(&mut self, shop: &Shop) -> Option<String> {
        let me = self.get(shop, "/v1/phone/me").await.expect(200);
        me["first_name"].as_str().map(str::to_owned)
    }
}
