//! The media server: tokens for its rooms, and whether it can be reached.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{Clock, ErrorCode, Timestamp};
use ring::hmac;
use serde::Serialize;
use tokio::net::TcpStream;
use url::Url;

use super::VoiceConfig;
use crate::{http::Failure, key::hex, secret::Secret, state::AppState};

/// Longest wait for a connection to the media server.
const PATIENCE: Duration = Duration::from_secs(2);
/// The media server was reached so lately that it need not be tried again.
const FRESH: Duration = Duration::from_secs(5);

/// A media server of which everything is known.
#[derive(Debug)]
pub(super) struct MediaServer<'a> {
    pub(super) url: &'a Url,
    key: &'a str,
    secret: &'a Secret,
    internal_url: &'a Url,
}

impl VoiceConfig {
    /// The media server, where one is configured.
    pub(super) fn media(&self) -> Option<MediaServer<'_>> {
        let (url, key, secret) = (self.media_url.as_ref()?, self.media_key.as_deref()?, self.media_secret.as_ref()?);
        Some(MediaServer { url, key, secret, internal_url: self.media_internal_url.as_ref().unwrap_or(url) })
    }
}

/// Who may enter which room, and until when.
#[derive(Debug)]
pub(super) struct Grant<'a> {
    pub(super) room: &'a str,
    pub(super) identity: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    nbf: i64,
    exp: i64,
    video: Video<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Video<'a> {
    room_join: bool,
    room: &'a str,
}

impl MediaServer<'_> {
    /// A token that opens one room: a JWT signed with HMAC-SHA256 and the media server's secret.
    ///
    /// # Errors
    /// It could not be written.
    pub(super) fn token(&self, grant: &Grant<'_>) -> serde_json::Result<String> {
        let claims = Claims {
            iss: self.key,
            sub: grant.identity,
            name: grant.name,
            nbf: grant.from.unix_seconds(),
            exp: grant.until.unix_seconds(),
            video: Video { room_join: true, room: grant.room },
        };
        let head = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let body = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims)?);
        let signed = format!("{head}.{body}");
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.reveal().as_bytes());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }
}

/// The name of a room that nobody else has.
pub(super) fn fresh_room(state: &AppState) -> String {
    let mut random = [0; 16];
    state.entropy.fill(&mut random);
    format!("v-{}", hex(&random))
}

/// Remembers for a moment that the media server was there.
#[derive(Debug, Default)]
pub struct Reach {
    /// When, as the monotonic clock has it.
    reached: Mutex<Option<Duration>>,
}

impl Reach {
    /// Whether the media server takes connections.
    pub(super) async fn is_there(&self, clock: &dyn Clock, media: &MediaServer<'_>) -> bool {
        let now = clock.monotonic();
        let lately = *self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        if lately.is_some_and(|at| now.saturating_sub(at) < FRESH) {
            return true;
        }
        let there = media_answers(media.internal_url).await;
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = there.then_some(now);
        there
    }
}

/// Whether the media server at that address takes connections; waits two seconds at most.
pub async fn media_answers(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let port = url.port_or_known_default().unwrap_or(443);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match tokio::time::timeout(PATIENCE, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the media server cannot be reached");
            false
        }
        Err(_) => {
            tracing::warn!("the media server does not answer in time");
            false
        }
    }
}

/// Nobody can speak here now.
pub(super) fn unavailable() -> Failure {
    Failure::new(ErrorCode::VoiceUnavailable, "Speech is not available right now. Please type instead, or try again later.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use testkit::clock::FakeClock;

    use super::*;

    fn config(url: &str) -> VoiceConfig {
        VoiceConfig {
            media_url: Some(url.parse().unwrap()),
            media_key: Some("APIexample".into()),
            media_secret: Some(Secret::new("an example secret of the media server")),
            ..VoiceConfig::default()
        }
    }

    #[test]
    fn a_token_opens_one_room_for_one_person_for_a_while() {
        let config = config("wss://media.example.com");
        let from = Timestamp::from_unix_millis(1_700_000_000_000);
        let grant =
            Grant { room: "v-1", identity: "asha-4k2p9q", name: Some("Asha"), from, until: from.plus(Duration::from_mins(1)) };
        let token = config.media().unwrap().token(&grant).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let read = |part: &str| serde_json::from_slice::<Value>(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        assert_eq!(read(parts[0]), json!({"alg": "HS256", "typ": "JWT"}));
        assert_eq!(
            read(parts[1]),
            json!({"iss": "APIexample", "sub": "asha-4k2p9q", "name": "Asha", "nbf": 1_700_000_000, "exp": 1_700_000_060,
                "video": {"roomJoin": true, "room": "v-1"}})
        );
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"an example secret of the media server");
        let signature = BASE64_URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
        hmac::verify(&key, format!("{}.{}", parts[0], parts[1]).as_bytes(), &signature).unwrap();
        let nameless = config.media().unwrap().token(&Grant { name: None, ..grant }).unwrap();
        assert!(read(nameless.split('.').nth(1).unwrap()).get("name").is_none());
    }

    /// The known answer of RFC 7515, appendix A.1: the same algorithm over the same kind of text.
    #[test]
    fn the_signature_is_that_of_the_standard() {
        let secret = BASE64_URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
            cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let signature = BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()));
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn half_a_media_server_is_none() {
        let whole = config("wss://media.example.com");
        assert!(whole.media().is_some());
        assert!(VoiceConfig { media_secret: None, ..whole.clone() }.media().is_none());
        assert!(VoiceConfig { media_key: None, ..whole.clone() }.media().is_none());
        assert!(VoiceConfig { media_url: None, ..whole }.media().is_none());
    }

    #[tokio::test]
    async fn a_media_server_that_goes_away_is_missed_after_a_moment() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = config(&format!("ws://127.0.0.1:{}", listener.local_addr().unwrap().port()));
        let media = config.media().unwrap();
        let (clock, reach) = (FakeClock::default(), Reach::default());
        assert!(reach.is_there(&clock, &media).await);
        drop(listener);
        assert!(reach.is_there(&clock, &media).await, "it was there just now");
        clock.advance(FRESH);
        assert!(!reach.is_there(&clock, &media).await);
        assert!(!reach.is_there(&clock, &media).await, "what is away is tried again each time");
    }
}
