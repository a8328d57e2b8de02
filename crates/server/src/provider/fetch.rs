//! Calls to a provider: to addresses that it names itself, by TLS unless it is this machine, never further by a redirect, and
//! never for long or much.

use std::time::Duration;

use reqwest::{RequestBuilder, Response, header};
use serde::de::DeserializeOwned;
use url::Url;

use crate::config::is_loopback;

/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(3);
/// The whole call.
const WHOLE: Duration = Duration::from_secs(5);
/// Longest answer in bytes.
const LONGEST: usize = 256 * 1024;

/// Why a provider's answer is of no use. No error repeats a secret of the call.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// It does not answer.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// It answered something else.
    #[error("{0}")]
    Unfit(String),
    /// It refuses, and says why with a word of its own.
    #[error("it answered {status} {error}")]
    Refused { status: u16, error: String },
}

impl FetchError {
    /// The provider does not take the client's secret.
    pub(super) fn invalid_client() -> Self {
        Self::Refused { status: 401, error: "invalid_client".into() }
    }

    /// Whether it is that.
    pub(super) fn is_invalid_client(&self) -> bool {
        matches!(self, Self::Refused { error, .. } if error == "invalid_client")
    }
}

/// A client for one provider.
#[derive(Debug)]
pub(super) struct Http {
    client: Result<reqwest::Client, String>,
    /// The provider is on this machine, so its addresses need no TLS.
    local: bool,
}

impl Http {
    pub(super) fn new(issuer: &str) -> Self {
        let local = issuer.parse().is_ok_and(|url: Url| is_loopback(&url) && url.scheme() == "http");
        // An error means that a provider of cryptography is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(reqwest::redirect::Policy::none())
            // Calls are minutes apart; a connection that was kept for the next one would often be dead by then.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("vitrine-server/", env!("CARGO_PKG_VERSION")));
        let builder = if local { builder.no_proxy() } else { builder };
        Self { client: builder.build().map_err(|error| error.to_string()), local }
    }

    /// Refuses an address that is not safe to call.
    pub(super) fn check(&self, address: &Url) -> Result<(), FetchError> {
        let safe = if self.local { is_loopback(address) } else { address.scheme() == "https" };
        let plain = matches!(address.scheme(), "http" | "https") && address.username().is_empty() && address.password().is_none();
        if safe && plain {
            return Ok(());
        }
        Err(FetchError::Unfit("it names an address without TLS, or on another machine than itself".into()))
    }

    /// The JSON at an address, with a bearer token where one is given.
    pub(super) async fn get<T: DeserializeOwned>(&self, address: &Url, token: Option<&str>) -> Result<T, FetchError> {
        self.check(address)?;
        let request = self.client()?.get(address.clone());
        self.json(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    /// The JSON that answers a form.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        address: &Url,
        form: &[(&str, &str)],
        authorization: Option<header::HeaderValue>,
    ) -> Result<T, FetchError> {
        self.check(address)?;
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request =
            self.client()?.post(address.clone()).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        self.json(request).await
    }

    fn client(&self) -> Result<&reqwest::Client, FetchError> {
        self.client.as_ref().map_err(|cause| FetchError::Unreachable(cause.clone()))
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, FetchError> {
        let response = request.header(header::ACCEPT, "application/json").send().await.map_err(unreachable)?;
        let status = response.status();
        let body = read(response).await?;
        if !status.is_success() {
            return Err(FetchError::Refused { status: status.as_u16(), error: word(&body) });
        }
        // The error of the parser could quote the answer.
        serde_json::from_slice(&body)
            .map_err(|error| FetchError::Unfit(format!("its answer is not understood ({:?})", error.classify())))
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > LONGEST {
            return Err(FetchError::Unfit("its answer is too long".into()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Which kind of failure it was; the address is left out, because it can hold more than the host.
fn unreachable(error: reqwest::Error) -> FetchError {
    let mut text = error.without_url().to_string();
    if text.len() > 200 {
        text = "the connection failed".into();
    }
    FetchError::Unreachable(text)
}

/// The word by which OAuth names an error, if there is a decent one.
fn word(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Refusal {
        error: String,
    }
    let word = serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.error).unwrap_or_default();
    let plain = word.len() <= 60 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if plain { word } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(issuer: &str, address: &str) -> bool {
        Http::new(issuer).check(&address.parse().unwrap()).is_ok()
    }

    #[test]
    fn only_tls_and_this_machine_are_called() {
        assert!(allows("https://id.example", "https://keys.example/jwks"), "providers keep their keys elsewhere");
        assert!(allows("http://127.0.0.1:9", "http://127.0.0.1:9/jwks"));
        for (issuer, address) in [
            ("https://id.example", "http://id.example/jwks"),
            ("https://id.example", "http://127.0.0.1/jwks"),
            ("https://id.example", "file:///etc/passwd"),
            ("https://id.example", "https://a:b@id.example/jwks"),
            ("http://127.0.0.1:9", "http://192.0.2.7/latest/meta-data"),
            ("http://127.0.0.1:9", "https://id.example/jwks"),
        ] {
            assert!(!allows(issuer, address), "{issuer} {address}");
        }
    }

    #[test]
    fn a_providers_word_is_kept_and_its_text_is_not() {
        assert_eq!(word(br#"{"error":"invalid_grant","error_description":"code abc"}"#), "invalid_grant");
        assert_eq!(word(br#"{"error":"Asha said: no"}"#), "");
        assert_eq!(word(b"<html>"), "");
    }
}
