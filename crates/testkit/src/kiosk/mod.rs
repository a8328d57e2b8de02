//! A kiosk without a screen: it speaks the wire by itself, honestly or, where a test wants it, not.

mod seal;
mod stream;

use std::sync::{Arc, Mutex, PoisonError};

pub use seal::unseal;
pub use stream::KioskEvents;

use anyhow::{Result, bail};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hpke::{Kem as _, Serializable as _, kem::X25519HkdfSha256};
use protocol::{
    Clock, Entropy, ErrorCode,
    ambient::{SystemClock, SystemEntropy},
    device::{DeviceResponse, EnrolmentRequest, EnrolmentResponse, ProofClaims},
    handoff::{GuestRequest, IssuedSession, MatchRequest, OpenHandoffRequest, OpenHandoffResponse},
    ids::{Cursor, HandoffId},
    kiosk_session::KioskSession,
    routes,
    shop::Locale,
    speech::SpeechRequest,
    sync::{Op, PushRequest, PushResponse},
};
use reqwest::Method;
use serde_json::Value;

use crate::{
    answer::{Answer, client},
    proof::{DeviceKey, fresh_jti, token_hash},
};

/// A kiosk at the wire.
#[derive(Debug)]
pub struct FakeKiosk {
    origin: String,
    http: reqwest::Client,
    key: DeviceKey,
    nonce: Mutex<Option<String>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// A handoff that this kiosk opened.
pub struct OpenHandoff {
    /// What the server gave for the screen.
    pub shown: OpenHandoffResponse,
    secret: <X25519HkdfSha256 as hpke::Kem>::PrivateKey,
}

impl std::fmt::Debug for OpenHandoff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenHandoff").field("handoff_id", &self.shown.handoff_id).finish_non_exhaustive()
    }
}

/// A session that this kiosk holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// The kiosk's own token, unsealed.
    pub token: String,
    /// The snapshot that came with it.
    pub session: KioskSession,
}

impl FakeKiosk {
    /// A kiosk with a fresh key, for the server at `origin` (such as `http://127.0.0.1:8080`), on the machine's clock.
    ///
    /// # Errors
    /// The cryptographic library refuses.
    pub fn new(origin: &str) -> Result<Self> {
        Self::with(origin, Arc::new(SystemClock::new()), Arc::new(SystemEntropy))
    }

    /// A kiosk with another's key, on the machine's clock.
    ///
    /// # Errors
    /// The TLS library cannot be set up.
    pub fn with_key(origin: &str, key: DeviceKey) -> Result<Self> {
        Ok(Self { key, ..Self::new(origin)? })
    }

    /// A kiosk with a clock and dice of the test's choosing.
    ///
    /// # Errors
    /// The cryptographic library refuses.
    pub fn with(origin: &str, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self> {
        let origin = origin.trim_end_matches('/').to_owned();
        Ok(Self { origin, http: client()?, key: DeviceKey::new()?, nonce: Mutex::default(), clock, entropy })
    }

    /// Turns to another server, with the same key.
    pub fn go_to(&mut self, origin: &str) {
        origin.trim_end_matches('/').clone_into(&mut self.origin);
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &DeviceKey {
        &self.key
    }

    /// Honest claims for a call now, with the last nonce the server gave.
    #[must_use]
    pub fn claims(&self, method: &Method, path: &str, token: Option<&str>) -> ProofClaims {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        ProofClaims {
            jti: fresh_jti(self.entropy.as_ref()),
            htm: method.to_string(),
            htu: format!("{}{path}", self.origin),
            iat: self.clock.now().unix_seconds(),
            nonce: self.nonce.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            ath: token.map(token_hash),
        }
    }

    /// A call with a proof that the test made itself.
    ///
    /// # Errors
    /// No answer came.
    pub async fn call_with(
        &self,
        proof: &str,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let answer = Answer::of(self.request(proof, method, path, token, body)).await?;
        self.remember(answer.header(routes::HEADER_PROOF_NONCE));
        Ok(answer)
    }

    /// An honest call; where the server wants a fresh nonce, it is made once more with it.
    ///
    /// # Errors
    /// No answer came.
    pub async fn call(&self, method: Method, path: &str, token: Option<&str>, body: Option<&Value>) -> Result<Answer> {
        let proof = self.key.sign(&self.claims(&method, path, token))?;
        let answer = self.call_with(&proof, method.clone(), path, token, body).await?;
        if answer.code() != Some(ErrorCode::InvalidProof) || answer.header(routes::HEADER_PROOF_NONCE).is_none() {
            return Ok(answer);
        }
        let proof = self.key.sign(&self.claims(&method, path, token))?;
        self.call_with(&proof, method, path, token, body).await
    }

    fn request(
        &self,
        proof: &str,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.origin)).header(routes::HEADER_PROOF, proof);
        if let Some(token) = token {
            request = request.header(routes::HEADER_SESSION_TOKEN, token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request
    }

    fn remember(&self, nonce: Option<&str>) {
        if let Some(nonce) = nonce {
            *self.nonce.lock().unwrap_or_else(PoisonError::into_inner) = Some(nonce.to_owned());
        }
    }

    /// Asks for a code that an operator types.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn ask_enrolment(&self) -> Result<EnrolmentResponse> {
        let body = serde_json::to_value(EnrolmentRequest::default())?;
        self.call(Method::POST, routes::DEVICE_ENROLMENTS, None, Some(&body)).await?.json()
    }

    /// What the server knows about this kiosk.
    ///
    /// # Errors
    /// It is not enrolled.
    pub async fn device(&self) -> Result<DeviceResponse> {
        self.call(Method::GET, routes::DEVICE_SELF, None, None).await?.json()
    }

    fn ephemeral(&self) -> (<X25519HkdfSha256 as hpke::Kem>::PrivateKey, String) {
        let mut seed = [0; 32];
        self.entropy.fill(&mut seed);
        let (secret, public) = X25519HkdfSha256::derive_keypair(&seed);
        (secret, BASE64_URL_SAFE_NO_PAD.encode(public.to_bytes()))
    }

    /// Opens a handoff.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn open_handoff(&self) -> Result<OpenHandoff> {
        let (secret, ephemeral_key) = self.ephemeral();
        let body = serde_json::to_value(OpenHandoffRequest { ephemeral_key, locale: Locale::En })?;
        let shown = self.call(Method::POST, routes::HANDOFFS, None, Some(&body)).await?.json()?;
        Ok(OpenHandoff { shown, secret })
    }

    /// Gives a handoff up.
    ///
    /// # Errors
    /// No answer came.
    pub async fn leave(&self, handoff: HandoffId) -> Result<Answer> {
        self.call(Method::DELETE, &routes::with_id(routes::HANDOFF, handoff), None, None).await
    }

    /// Types the digits and takes whatever the server answers.
    ///
    /// # Errors
    /// No answer came.
    pub async fn try_digits(&self, handoff: HandoffId, digits: &str) -> Result<Answer> {
        let body = serde_json::to_value(MatchRequest { digits: digits.into() })?;
        self.call(Method::POST, &routes::with_id(routes::HANDOFF_MATCH, handoff), None, Some(&body)).await
    }

    /// Types the digits and unseals the token.
    ///
    /// # Errors
    /// They are wrong, or the token is not sealed to this handoff.
    pub async fn enter_digits(&self, handoff: &OpenHandoff, digits: &str) -> Result<Held> {
        let id = handoff.shown.handoff_id;
        let issued: IssuedSession = self.try_digits(id, digits).await?.json()?;
        Ok(Held { token: unseal(&handoff.secret, &issued.token, id.to_string().as_bytes())?, session: issued.session })
    }

    /// Starts a guest session.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn start_guest(&self) -> Result<Held> {
        let (secret, ephemeral_key) = self.ephemeral();
        let body = serde_json::to_value(GuestRequest { ephemeral_key, locale: Locale::En })?;
        let issued: IssuedSession = self.call(Method::POST, routes::KIOSK_GUEST, None, Some(&body)).await?.json()?;
        Ok(Held { token: unseal(&secret, &issued.token, b"")?, session: issued.session })
    }

    /// A snapshot of the session behind `token`.
    ///
    /// # Errors
    /// No answer came.
    pub async fn snapshot(&self, token: &str) -> Result<Answer> {
        self.call(Method::GET, routes::KIOSK_SESSION, Some(token), None).await
    }

    /// Pushes changes.
    ///
    /// # Errors
    /// The server refuses the whole push.
    pub async fn push(&self, ops: Vec<Op>) -> Result<PushResponse> {
        let body = serde_json::to_value(PushRequest { ops, holding: None })?;
        self.call(Method::POST, routes::SYNC_PUSH, None, Some(&body)).await?.json()
    }

    /// `text` as the server speaks it: a WAV file.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn speech(&self, text: &str) -> Result<Vec<u8>> {
        let body = serde_json::to_value(SpeechRequest { input: text.to_owned(), locale: Locale::En })?;
        // Any call brings a fresh nonce.
        self.device().await?;
        let proof = self.key.sign(&self.claims(&Method::POST, routes::SPEECH, None))?;
        let answer = self.request(&proof, Method::POST, routes::SPEECH, None, Some(&body)).send().await?;
        anyhow::ensure!(answer.status().is_success(), "speech answered {}", answer.status());
        Ok(answer.bytes().await?.into())
    }

    /// Its event stream after `cursor`, or from now on.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn events(&self, after: Option<Cursor>) -> Result<KioskEvents> {
        let path = after.map_or_else(|| routes::EVENTS.to_owned(), |cursor| format!("{}?after={cursor}", routes::EVENTS));
        for _ in 0..2 {
            let proof = self.key.sign(&self.claims(&Method::GET, &path, None))?;
            let answer = self.request(&proof, Method::GET, &path, None, None).send().await?;
            self.remember(answer.headers().get(routes::HEADER_PROOF_NONCE).and_then(|nonce| nonce.to_str().ok()));
            if answer.status().is_success() {
                return Ok(KioskEvents::of(answer));
            }
            if answer.status() != 401 {
                bail!("the event stream answered {}: {}", answer.status(), answer.text().await?);
            }
        }
        bail!("the event stream refuses this kiosk's proof")
    }
}
