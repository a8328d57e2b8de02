//! The session server over HTTP.

use std::{io, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use protocol::{
    ApiError, Clock, Entropy, ErrorCode,
    catalogue::CataloguePage,
    device::{DeviceResponse, EnrolmentRequest, EnrolmentResponse},
    handoff::{GuestRequest, IssuedSession, MatchRequest, OpenHandoffRequest, OpenHandoffResponse},
    ids::{Cursor, HandoffId},
    kiosk_session::KioskSession,
    routes,
    speech::SpeechRequest,
    sync::{PushRequest, PushResponse},
};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{self, HeaderValue},
};
use serde::de::DeserializeOwned;
use tokio::sync::RwLock;
use url::Url;

use super::{EventStream, Server, ServerError, Token, clock_offset::ClockOffset, events, proof};
use crate::{WavStream, device_key::DeviceKey};

/// From the first byte sent to the last one received of an ordinary call.
const WHOLE_CALL: Duration = Duration::from_secs(10);
/// The same of a page of the catalogue, which is long.
const WHOLE_PAGE: Duration = Duration::from_secs(30);
/// Until a stream's first byte.
const FIRST_BYTE: Duration = Duration::from_secs(10);
/// Until a connection stands. A packet that was lost is sent again after one second.
const CONNECT: Duration = Duration::from_secs(2);
/// A connection that nobody uses is closed after this time: its memory holds what a customer said last.
const IDLE: Duration = Duration::from_secs(3);
/// A connection on which nothing moves is probed after this time, and from then on twice as often, …
const PROBE: Duration = Duration::from_secs(2);
/// … and given up after so many probes without an answer.
const PROBES: u32 = 2;
/// What was sent and not even acknowledged for this long went nowhere.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(4);

/// An HTTP client with the time-outs and the TLS that the kiosk needs.
///
/// # Errors
/// The system's certificates cannot be read.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    // An error means that a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .pool_idle_timeout(IDLE)
        .tcp_keepalive(PROBE)
        .tcp_keepalive_interval(PROBE / 2)
        .tcp_keepalive_retries(PROBES)
        .http2_keep_alive_interval(PROBE)
        .http2_keep_alive_timeout(PROBE)
        .http2_keep_alive_while_idle(true)
        // A Vitrine server never redirects; what does is a captive portal.
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("vitrine-kiosk/", env!("CARGO_PKG_VERSION")));
    #[cfg(target_os = "linux")]
    let client = client.tcp_user_timeout(UNACKNOWLEDGED);
    client.build()
}

/// The session server over HTTP, every call with a proof of the device's key.
pub struct HttpServer {
    http: reqwest::Client,
    /// Without a slash at its end.
    base: String,
    key: DeviceKey,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    nonce: RwLock<Option<String>>,
    offset: ClockOffset,
}

/// One call.
struct Call<'a> {
    method: Method,
    path: &'a str,
    /// What follows the path behind a `?`; no part of what the proof names.
    query: String,
    token: Option<&'a Token>,
    body: Option<Vec<u8>>,
    /// `Last-Event-ID`, which also makes this a call for an event stream.
    events: bool,
    after: Option<Cursor>,
    whole: Option<Duration>,
}

impl<'a> Call<'a> {
    fn new(method: Method, path: &'a str) -> Self {
        Self { method, path, query: String::new(), token: None, body: None, events: false, after: None, whole: Some(WHOLE_CALL) }
    }

    fn get(path: &'a str) -> Self {
        Self::new(Method::GET, path)
    }

    fn post(path: &'a str, body: &impl serde::Serialize) -> Result<Self, ServerError> {
        let body = serde_json::to_vec(body)
            .map_err(|error| ServerError::Refused(ApiError::new(ErrorCode::BadRequest, error.to_string())))?;
        Ok(Self { body: Some(body), ..Self::new(Method::POST, path) })
    }
}

impl HttpServer {
    /// The server at `base`, as seen by the device with that key.
    #[must_use]
    pub fn new(http: reqwest::Client, base: &Url, key: DeviceKey, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let base = base.as_str().trim_end_matches('/').to_owned();
        Self { http, base, key, clock, entropy, nonce: RwLock::default(), offset: ClockOffset::default() }
    }

    /// Sends a call, once more where the server asks for a fresh nonce or the clock was wrong. Gives answers of success only.
    async fn send(&self, call: &Call<'_>) -> Result<Response, ServerError> {
        let used = self.nonce.read().await.clone();
        let response = self.send_once(call, used).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        match refusal(response).await {
            ServerError::Refused(error) if error.code == ErrorCode::InvalidProof => {
                let fresh = self.nonce.read().await.clone();
                let response = self.send_once(call, fresh).await?;
                if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
            }
            error => Err(error),
        }
    }

    async fn send_once(&self, call: &Call<'_>, nonce: Option<String>) -> Result<Response, ServerError> {
        let request = self.build(call, nonce)?;
        let response = tokio::time::timeout(FIRST_BYTE, request.send())
            .await
            .map_err(|_| ServerError::Unreachable("no answer in time".into()))?
            .map_err(unreachable)?;
        let headers = response.headers();
        if let Some(date) = headers.get(header::DATE).and_then(|date| date.to_str().ok()) {
            self.offset.learn(date, self.clock.now().unix_seconds());
        }
        if let Some(nonce) = headers.get(routes::HEADER_PROOF_NONCE).and_then(|nonce| nonce.to_str().ok()) {
            let mut known = self.nonce.write().await;
            if known.as_deref() != Some(nonce) {
                *known = Some(nonce.to_owned());
            }
        }
        Ok(response)
    }

    fn build(&self, call: &Call<'_>, nonce: Option<String>) -> Result<RequestBuilder, ServerError> {
        let address = format!("{}{}", self.base, call.path);
        let subject = proof::Subject {
            method: call.method.as_str(),
            address: &address,
            issued_at: self.offset.apply(self.clock.now().unix_seconds()),
            nonce,
            token: call.token.map(|token| token.as_str()),
        };
        let proof = proof::sign(&self.key, self.entropy.as_ref(), subject)
            .ok_or_else(|| ServerError::Unreachable("the machine gives no randomness for a proof".into()))?;
        let target = if call.query.is_empty() { address } else { format!("{address}?{}", call.query) };
        let mut request = self.http.request(call.method.clone(), &target).header(routes::HEADER_PROOF, proof);
        if let Some(whole) = call.whole {
            request = request.timeout(whole);
        }
        if let Some(token) = call.token {
            let mut token = HeaderValue::from_str(token).map_err(|_| ServerError::NotVitrine)?;
            token.set_sensitive(true);
            // A connection keeps its last request in memory, so one that carried a token is not used again.
            request = request.header(routes::HEADER_SESSION_TOKEN, token).header(header::CONNECTION, "close");
        }
        if let Some(body) = &call.body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        if call.events {
            request = request.header(header::ACCEPT, "text/event-stream");
        }
        if let Some(after) = call.after {
            request = request.header("Last-Event-ID", after.to_string());
        }
        Ok(request)
    }

    async fn json<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, ServerError> {
        let body = self.send(&call).await?.bytes().await.map_err(unreachable)?;
        serde_json::from_slice(&body).map_err(|error| {
            tracing::warn!(path = call.path, category = ?error.classify(), "an answer cannot be read");
            ServerError::NotVitrine
        })
    }
}

/// What an answer other than success says.
async fn refusal(response: Response) -> ServerError {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|seconds| seconds.to_str().ok())
        .and_then(|seconds| seconds.parse().ok());
    let body = match response.bytes().await {
        Ok(body) => body,
        Err(error) => return unreachable(error),
    };
    match serde_json::from_slice::<ApiError>(&body) {
        Ok(mut error) => {
            error.retry_after = error.retry_after.or(retry_after);
            ServerError::Refused(error)
        }
        // A proxy says this while the server behind it starts.
        Err(_) if matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT) => {
            ServerError::Unreachable(format!("something in between answers {status}"))
        }
        Err(_) => ServerError::NotVitrine,
    }
}

fn unreachable(error: reqwest::Error) -> ServerError {
    // Without the address: it may carry what does not belong into a log.
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    ServerError::Unreachable(text)
}

#[async_trait]
impl Server for HttpServer {
    async fn device(&self) -> Result<DeviceResponse, ServerError> {
        self.json(Call::get(routes::DEVICE_SELF)).await
    }

    async fn request_enrolment(&self, request: &EnrolmentRequest) -> Result<EnrolmentResponse, ServerError> {
        self.json(Call::post(routes::DEVICE_ENROLMENTS, request)?).await
    }

    async fn open_handoff(&self, request: &OpenHandoffRequest) -> Result<OpenHandoffResponse, ServerError> {
        self.json(Call::post(routes::HANDOFFS, request)?).await
    }

    async fn cancel_handoff(&self, handoff: HandoffId) -> Result<(), ServerError> {
        self.send(&Call::new(Method::DELETE, &routes::with_id(routes::HANDOFF, handoff))).await.map(drop)
    }

    async fn match_digits(&self, handoff: HandoffId, request: &MatchRequest) -> Result<IssuedSession, ServerError> {
        self.json(Call::post(&routes::with_id(routes::HANDOFF_MATCH, handoff), request)?).await
    }

    async fn start_guest(&self, request: &GuestRequest) -> Result<IssuedSession, ServerError> {
        self.json(Call::post(routes::KIOSK_GUEST, request)?).await
    }

    async fn kiosk_session(&self, token: &Token) -> Result<KioskSession, ServerError> {
        self.json(Call { token: Some(token), ..Call::get(routes::KIOSK_SESSION) }).await
    }

    async fn push(&self, request: &PushRequest) -> Result<PushResponse, ServerError> {
        self.json(Call::post(routes::SYNC_PUSH, request)?).await
    }

    async fn events(&self, after: Option<Cursor>) -> Result<EventStream, ServerError> {
        let call = Call { events: true, after, whole: None, ..Call::get(routes::EVENTS) };
        let response = self.send(&call).await?;
        if !is(&response, "text/event-stream") {
            return Err(ServerError::NotVitrine);
        }
        Ok(events::read(response.bytes_stream().map(|chunk| chunk.map_err(unreachable))))
    }

    async fn catalogue(&self, after: Option<&str>, limit: u32) -> Result<CataloguePage, ServerError> {
        let after = after.map(|after| ("after", after.to_owned()));
        let asked = [("limit", limit.to_string())].into_iter().chain(after);
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
        self.json(Call { query, whole: Some(WHOLE_PAGE), ..Call::get(routes::CATALOGUE) }).await
    }

    async fn speech(&self, request: &SpeechRequest) -> Result<WavStream, ServerError> {
        let call = Call { whole: None, ..Call::post(routes::SPEECH, request)? };
        let response = self.send(&call).await?;
        if !is(&response, "audio/") {
            return Err(ServerError::NotVitrine);
        }
        Ok(response.bytes_stream().map(|chunk| chunk.map_err(|error| io::Error::other(error.without_url()))).boxed())
    }
}

fn is(response: &Response, content_type: &str) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with(content_type))
}
