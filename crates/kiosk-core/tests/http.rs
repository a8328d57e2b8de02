//! The HTTP side on a real listener: nonces, clocks, streams, strangers, pictures.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::StreamExt as _;
use kiosk_core::{
    Deps, DeviceKey, KeyStore, KeyStoreError, KioskConfig, http_client,
    server::{HttpServer, Server as _, ServerError},
};
use protocol::{
    ApiError, Clock, ErrorCode, Timestamp,
    ambient::{SystemClock, SystemEntropy},
    catalogue::CataloguePage,
    device::ProofClaims,
    event::EventBody,
    ids::Cursor,
    routes,
    shop::Locale,
    speech::SpeechRequest,
    sync::{PushRequest, PushResponse},
};
use tokio::net::TcpListener;
use url::Url;
use zeroize::Zeroizing;

/// What the listener was told.
#[derive(Default)]
struct Heard {
    proofs: Vec<ProofClaims>,
    resumed: Vec<Option<String>>,
    tokens: Vec<String>,
}

type Shared = Arc<Mutex<Heard>>;

async fn listen(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address.parse().unwrap()
}

fn client(base: &Url, clock: Arc<dyn Clock>) -> HttpServer {
    let key = DeviceKey::from_pkcs8(&DeviceKey::generate().unwrap()).unwrap();
    HttpServer::new(http_client().unwrap(), base, key, clock, Arc::new(SystemEntropy))
}

fn claims(headers: &HeaderMap) -> ProofClaims {
    let proof = headers[routes::HEADER_PROOF].to_str().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(proof.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// Wants the nonce `fresh` and the right time.
fn check(headers: &HeaderMap, heard: &Shared) -> Result<(), Box<Response>> {
    let claims = claims(headers);
    heard.lock().unwrap().proofs.push(claims.clone());
    let now = SystemClock::new().now().unix_seconds();
    if claims.nonce.as_deref() == Some("fresh") && (claims.iat - now).abs() < 60 {
        return Ok(());
    }
    let mut response = (StatusCode::UNAUTHORIZED, Json(ApiError::new(ErrorCode::InvalidProof, "again"))).into_response();
    response.headers_mut().insert(routes::HEADER_PROOF_NONCE, HeaderValue::from_static("fresh"));
    Err(Box::new(response))
}

async fn push(State(heard): State<Shared>, headers: HeaderMap) -> Response {
    match check(&headers, &heard) {
        Ok(()) => Json(PushResponse::default()).into_response(),
        Err(response) => *response,
    }
}

async fn events(State(heard): State<Shared>, headers: HeaderMap) -> Response {
    if let Err(response) = check(&headers, &heard) {
        return *response;
    }
    let last = headers.get("last-event-id").map(|id| id.to_str().unwrap().to_owned());
    heard.lock().unwrap().resumed.push(last);
    let event =
        ": here\n\nid: 8\ndata: {\"cursor\":8,\"at\":\"2026-02-12T10:00:00Z\",\"body\":{\"kind\":\"device_changed\"}}\n\n";
    ([(header::CONTENT_TYPE, "text/event-stream")], event).into_response()
}

async fn session(State(heard): State<Shared>, headers: HeaderMap) -> Response {
    if let Err(response) = check(&headers, &heard) {
        return *response;
    }
    let token = headers[routes::HEADER_SESSION_TOKEN].to_str().unwrap().to_owned();
    heard.lock().unwrap().tokens.push(token);
    (StatusCode::NOT_FOUND, Json(ApiError::new(ErrorCode::SessionExpired, "over"))).into_response()
}

async fn speech(State(heard): State<Shared>, headers: HeaderMap) -> Response {
    if let Err(response) = check(&headers, &heard) {
        return *response;
    }
    let chunks = futures_util::stream::iter(["RIFF", "rest"].map(Ok::<_, std::io::Error>));
    ([(header::CONTENT_TYPE, "audio/wav")], Body::from_stream(chunks)).into_response()
}

async fn catalogue(State(heard): State<Shared>, Query(asked): Query<BTreeMap<String, String>>, headers: HeaderMap) -> Response {
    if let Err(response) = check(&headers, &heard) {
        return *response;
    }
    Json(CataloguePage {
        revision: format!("{asked:?}"),
        complete: true,
        as_of: SystemClock::new().now(),
        total: 0,
        products: Vec::new(),
        removed: Vec::new(),
        stock: Vec::new(),
    })
    .into_response()
}

fn vitrine(heard: &Shared) -> Router {
    Router::new()
        .route(routes::SYNC_PUSH, post(push))
        .route(routes::EVENTS, get(events))
        .route(routes::KIOSK_SESSION, get(session))
        .route(routes::SPEECH, post(speech))
        .route(routes::CATALOGUE, get(catalogue))
        .with_state(Arc::clone(heard))
}

#[tokio::test]
async fn a_page_of_the_catalogue_is_asked_for_after_any_revision_and_the_proof_names_the_address_alone() {
    let heard = Shared::default();
    let base = listen(vitrine(&heard)).await;
    let server = client(&base, Arc::new(SystemClock::new()));
    let asked = |after: &str| format!("{:?}", BTreeMap::from([("after", after), ("limit", "7")]));
    for revision in ["e1.7.3.3.S01", "e1.7.3.3.S 1/&=ä%"] {
        assert_eq!(server.catalogue(Some(revision), 7).await.unwrap().revision, asked(revision));
    }
    assert_eq!(server.catalogue(None, 7).await.unwrap().revision, r#"{"limit": "7"}"#);
    let address = format!("{}{}", base.as_str().trim_end_matches('/'), routes::CATALOGUE);
    assert!(heard.lock().unwrap().proofs.iter().all(|claims| claims.htm == "GET" && claims.htu == address));
}

#[tokio::test]
async fn a_fresh_nonce_is_learned_once_and_used_from_then_on() {
    let heard = Shared::default();
    let base = listen(vitrine(&heard)).await;
    let server = client(&base, Arc::new(SystemClock::new()));
    for _ in 0..3 {
        server.push(&PushRequest::default()).await.unwrap();
    }
    let proofs = std::mem::take(&mut heard.lock().unwrap().proofs);
    let nonces: Vec<_> = proofs.iter().map(|claims| claims.nonce.as_deref()).collect();
    assert_eq!(nonces, [None, Some("fresh"), Some("fresh"), Some("fresh")]);
    let address = format!("{}{}", base.as_str().trim_end_matches('/'), routes::SYNC_PUSH);
    assert!(proofs.iter().all(|claims| claims.htm == "POST" && claims.htu == address && claims.ath.is_none()));
    let mut ids: Vec<_> = proofs.iter().map(|claims| &claims.jti).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "no proof is used twice");
}

/// A clock that is ten years late.
#[derive(Debug)]
struct Late;

impl Clock for Late {
    fn now(&self) -> Timestamp {
        SystemClock::new().now().minus(Duration::from_hours(10 * 365 * 24))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

#[tokio::test]
async fn a_wrong_clock_does_not_matter() {
    let heard = Shared::default();
    let server = client(&listen(vitrine(&heard)).await, Arc::new(Late));
    server.push(&PushRequest::default()).await.unwrap();
    assert_eq!(heard.lock().unwrap().proofs.len(), 2);
}

#[tokio::test]
async fn a_stream_says_where_it_wants_to_resume() {
    let heard = Shared::default();
    let server = client(&listen(vitrine(&heard)).await, Arc::new(SystemClock::new()));
    for after in [None, Some(Cursor(7))] {
        let events: Vec<_> = server.events(after).await.unwrap().collect().await;
        let event = events[0].as_ref().unwrap();
        assert_eq!((event.cursor, &event.body), (Cursor(8), &EventBody::DeviceChanged));
    }
    assert_eq!(heard.lock().unwrap().resumed, [None, Some("7".to_owned())]);
}

#[tokio::test]
async fn a_token_travels_with_its_hash_in_the_proof() {
    let heard = Shared::default();
    let server = client(&listen(vitrine(&heard)).await, Arc::new(SystemClock::new()));
    let error = server.kiosk_session(&Zeroizing::new("secret".to_owned())).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SessionExpired);
    let heard = heard.lock().unwrap();
    assert_eq!(heard.tokens, ["secret"]);
    let hash = URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, b"secret"));
    assert_eq!(heard.proofs.last().unwrap().ath.as_deref(), Some(hash.as_str()));
}

#[tokio::test]
async fn speech_arrives_in_pieces() {
    let server = client(&listen(vitrine(&Shared::default())).await, Arc::new(SystemClock::new()));
    let sound = server.speech(&SpeechRequest { input: "hello".into(), locale: Locale::En }).await.unwrap();
    let bytes: Vec<u8> = sound.map(|chunk| chunk.unwrap().to_vec()).collect::<Vec<_>>().await.concat();
    assert_eq!(bytes, b"RIFFrest");
}

#[tokio::test]
async fn a_stranger_at_the_address_is_recognised() {
    let page = || async { ([(header::CONTENT_TYPE, "text/html")], "<h1>Welcome to the hotel</h1>") };
    let redirect = || async { axum::response::Redirect::to("/sign-in") };
    for (router, what) in [
        (Router::new().fallback(page), "a page for everything"),
        (Router::new().fallback(redirect), "a captive portal"),
        (Router::new(), "nothing under our paths"),
    ] {
        let server = client(&listen(router).await, Arc::new(SystemClock::new()));
        assert_eq!(server.device().await.unwrap_err(), ServerError::NotVitrine, "{what}");
        assert_eq!(server.events(None).await.err(), Some(ServerError::NotVitrine), "{what}");
    }
}

#[tokio::test]
async fn nobody_and_a_proxy_without_a_server_are_out_of_reach() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let proxy = listen(Router::new().fallback(|| async { (StatusCode::BAD_GATEWAY, "<h1>502</h1>") })).await;
    for base in [nobody, proxy] {
        let error = client(&base, Arc::new(SystemClock::new())).device().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ServerUnreachable, "{error}");
    }
}

#[tokio::test]
async fn a_refusal_says_when_to_come_again() {
    let limited = || async {
        ([(header::RETRY_AFTER, "17")], (StatusCode::TOO_MANY_REQUESTS, Json(ApiError::new(ErrorCode::RateLimited, "later"))))
    };
    let limited = move || async move {
        let (headers, (status, body)) = limited().await;
        (status, headers, body)
    };
    let server = client(&listen(Router::new().fallback(limited)).await, Arc::new(SystemClock::new()));
    let ServerError::Refused(error) = server.device().await.unwrap_err() else { panic!("not refused") };
    assert_eq!((error.code, error.retry_after), (ErrorCode::RateLimited, Some(17)));
}

struct Locked;

impl KeyStore for Locked {
    fn load(&self, _: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError> {
        Err(KeyStoreError::Locked)
    }

    fn save(&self, _: &str, _: &[u8]) -> Result<(), KeyStoreError> {
        Err(KeyStoreError::Locked)
    }

    fn describe(&self) -> String {
        "locked".into()
    }
}

#[tokio::test]
async fn a_picture_is_fetched_once_and_nothing_else_is_one() {
    let fetched = Arc::new(Mutex::new(Vec::new()));
    let picture = |State(fetched): State<Arc<Mutex<Vec<String>>>>, Path(name): Path<String>| async move {
        fetched.lock().unwrap().push(name.clone());
        match name.as_str() {
            "shirt.svg" => ([(header::CONTENT_TYPE, "image/svg+xml")], "<svg/>").into_response(),
            "page.svg" => ([(header::CONTENT_TYPE, "text/html")], "<h1/>").into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    };
    let base = listen(Router::new().route("/images/{name}", get(picture)).with_state(Arc::clone(&fetched))).await;
    let folder = tempfile::tempdir().unwrap();
    let config = KioskConfig {
        server: base,
        data_dir: folder.path().to_owned(),
        locale: Locale::En,
        muted: false,
        settings_damaged: false,
    };
    let clock = Arc::new(SystemClock::new());
    let deps =
        Deps { clock, entropy: Arc::new(SystemEntropy), keys: Arc::new(Locked), speaker: None, http: http_client().unwrap() };
    let first = kiosk_core::start(config, deps);
    for _ in 0..3 {
        let picture = first.picture("/images/shirt.svg").await.unwrap();
        assert_eq!((picture.content_type.as_str(), &picture.bytes[..]), ("image/svg+xml", b"<svg/>".as_slice()));
    }
    for path in ["/images/none.svg", "/images/page.svg", "/images/../outbox.db", "/v1/devices/me"] {
        assert_eq!(first.picture(path).await.unwrap_err().code, ErrorCode::NotFound, "{path}");
    }
    assert_eq!(*fetched.lock().unwrap(), ["shirt.svg", "none.svg", "page.svg"]);
}
