//! What an HTTP peer answered, kept whole, so that a test can judge every part of it.

use std::{sync::Once, time::Duration};

use anyhow::{Context as _, Result, bail};
use protocol::{ApiError, ErrorCode};
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

/// Longest time a test waits for an answer.
const LIMIT: Duration = Duration::from_secs(30);

/// A client as tests use it; each has cookies of its own.
///
/// # Errors
/// The TLS library cannot be set up.
pub fn client() -> Result<reqwest::Client> {
    static CRYPTO: Once = Once::new();
    CRYPTO.call_once(|| {
        // Somebody else in this process may have chosen already; that is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Ok(reqwest::Client::builder()
        .cookie_store(true)
        .connect_timeout(LIMIT)
        .redirect(reqwest::redirect::Policy::none())
        .build()?)
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as it came.
    pub body: String,
}

impl Answer {
    /// Sends `request` and takes the whole answer in.
    ///
    /// # Errors
    /// No answer came.
    pub async fn of(request: reqwest::RequestBuilder) -> Result<Self> {
        let answer = request.timeout(LIMIT).send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Self { status, headers, body: answer.text().await? })
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The code of an error body; none for success and for bodies that are no errors.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        (self.status >= 400).then(|| serde_json::from_str::<ApiError>(&self.body).ok().map(|error| error.code)).flatten()
    }

    /// The body of a successful answer.
    ///
    /// # Errors
    /// It is no success, or the body has another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if !(200..300).contains(&self.status) {
            bail!("answered {}: {}", self.status, self.body);
        }
        serde_json::from_str(&self.body).with_context(|| format!("unexpected body: {}", self.body))
    }
}
