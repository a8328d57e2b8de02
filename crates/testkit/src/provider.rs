//! A real, certified OpenID Connect provider of a test's own (the npm package `oidc-provider`), on a loopback port.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use reqwest::header;
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::client,
    program::{Program, free_port},
};

const LIMIT: Duration = Duration::from_mins(1);
/// The client secret of the client `shop`.
pub const SECRET: &str = "a shop's secret: 100% + more/";
/// The client secret of the other clients that have one.
pub const PLAIN_SECRET: &str = "s3cret";
/// Redirects of one sign-in, at most.
const MOST_STEPS: usize = 12;

/// A provider. Dropping it ends it.
#[derive(Debug)]
pub struct Provider {
    program: Option<Program>,
    port: u16,
    shop: String,
    keys: Vec<SigningKey>,
}

/// A key that the provider signs with, which it tells the test.
#[derive(Clone, Deserialize)]
struct SigningKey {
    alg: String,
    kid: String,
    pkcs8: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("alg", &self.alg).field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Provider {
    /// Starts one for the shop at that origin.
    ///
    /// # Errors
    /// Its packages are not installed, or it does not start; the error shows what it said.
    pub fn start(shop: &str) -> Result<Self> {
        for _ in 0..3 {
            let mut provider = Self::prepare(shop)?;
            match provider.go_up() {
                Ok(()) => return Ok(provider),
                // Somebody else took the port in between.
                Err(error) if error.to_string().contains("EADDRINUSE") => {}
                Err(error) => return Err(error),
            }
        }
        bail!("no free port was found for the provider")
    }

    /// Chooses its address, and leaves it down.
    ///
    /// # Errors
    /// There is no free port.
    pub fn prepare(shop: &str) -> Result<Self> {
        Ok(Self { program: None, port: free_port()?, shop: shop.to_owned(), keys: Vec::new() })
    }

    /// Starts it, with fresh keys each time, at the same address.
    ///
    /// # Errors
    /// As [`Provider::start`].
    pub fn go_up(&mut self) -> Result<()> {
        let folder = folder();
        if !folder.join("node_modules").is_dir() {
            bail!("the provider's packages are missing; run: npm ci --prefix {}", folder.display());
        }
        let mut command = Command::new("node");
        command.arg("provider.mjs").args([&self.port.to_string(), &self.shop]).current_dir(folder).stdin(Stdio::null());
        let mut program = Program::start(command)?;
        let keys = program.line(LIMIT, |line| line.strip_prefix("keys ").map(str::to_owned))?;
        program.line(LIMIT, |line| (line == "listening").then_some(()))?;
        self.keys = serde_json::from_str(&keys)?;
        self.program = Some(program);
        Ok(())
    }

    /// Ends it at once.
    pub fn go_down(&mut self) {
        self.program = None;
    }

    /// Gives it fresh keys.
    ///
    /// # Errors
    /// It does not start again.
    pub fn rotate(&mut self) -> Result<()> {
        self.go_down();
        self.go_up()
    }

    /// Its issuer address.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A token that it issues to the shop's own program, for the API of that name, such as `urn:shop:RS256`.
    ///
    /// # Errors
    /// It refuses.
    pub async fn token_for(&self, api: &str) -> Result<String> {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let answer = client()?
            .post(format!("{}/token", self.issuer()))
            .basic_auth("shop", Some(encode(SECRET)))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("grant_type=client_credentials&scope=shop&resource={}", encode(api)))
            .send()
            .await?;
        let text = answer.text().await?;
        let body: Value = serde_json::from_str(&text)?;
        Ok(body["access_token"].as_str().with_context(|| format!("no token came: {text}"))?.to_owned())
    }

    /// A token with these claims, signed by the provider's own key.
    ///
    /// # Errors
    /// There is no such key.
    pub fn sign(&self, algorithm: &str, claims: &Value) -> Result<String> {
        let key = self.key(algorithm)?;
        let header = json!({"alg": algorithm, "kid": key.kid, "typ": "JWT"});
        let signed = format!("{}.{}", part(&header), part(claims));
        let pkcs8 = BASE64_STANDARD.decode(&key.pkcs8)?;
        let random = SystemRandom::new();
        let rejected = |error: ring::error::KeyRejected| anyhow::anyhow!("{error}");
        let failed = |error: ring::error::Unspecified| anyhow::anyhow!("{error}");
        let signature = match algorithm {
            "ES256" => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &random)
                .map_err(rejected)?
                .sign(&random, signed.as_bytes())
                .map_err(failed)?
                .as_ref()
                .to_vec(),
            "EdDSA" => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8).map_err(rejected)?;
                pair.sign(signed.as_bytes()).as_ref().to_vec()
            }
            _ => {
                let pair = RsaKeyPair::from_pkcs8(&pkcs8).map_err(rejected)?;
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding: &dyn ring::signature::RsaEncoding =
                    if algorithm == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                pair.sign(padding, &random, signed.as_bytes(), &mut signature).map_err(failed)?;
                signature
            }
        };
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }

    /// A token with these claims that uses the provider's public RSA key as if it were a secret (HS256).
    ///
    /// # Errors
    /// There is no such key.
    pub fn confuse(&self, claims: &Value) -> Result<String> {
        let key = self.key("RS256")?;
        let pair = RsaKeyPair::from_pkcs8(&BASE64_STANDARD.decode(&key.pkcs8)?).map_err(|error| anyhow::anyhow!("{error}"))?;
        let signed = format!("{}.{}", part(&json!({"alg": "HS256", "kid": key.kid})), part(claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, pair.public_key().as_ref()), signed.as_bytes());
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag)))
    }

    fn key(&self, algorithm: &str) -> Result<&SigningKey> {
        self.keys.iter().find(|key| key.alg == algorithm).with_context(|| format!("the provider has no key for {algorithm}"))
    }

    /// Opens an address of the provider as a browser would, signs in under that name, agrees to everything, and answers the
    /// address at the shop that the browser is sent to.
    ///
    /// # Errors
    /// The provider refuses, or sends the browser nowhere.
    pub async fn sign_in(&self, address: &str, name: &str) -> Result<String> {
        self.walk(address, &[("login", &format!("prompt=login&login={name}&password=any")), ("consent", "prompt=consent")]).await
    }

    /// The same, but the person turns back at the provider's page.
    ///
    /// # Errors
    /// As [`Provider::sign_in`].
    pub async fn turn_back(&self, address: &str) -> Result<String> {
        self.walk(address, &[]).await
    }

    /// Follows redirects, sends each form that is known, and turns back at the first that is not.
    async fn walk(&self, address: &str, forms: &[(&str, &str)]) -> Result<String> {
        let browser = client()?;
        let mut request = browser.get(address);
        for _ in 0..MOST_STEPS {
            let answer = request.send().await?;
            let (at, status) = (answer.url().clone(), answer.status());
            let to = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
            let Some(to) = to else {
                let page = answer.text().await?;
                let form = forms.iter().find(|(prompt, _)| page.contains(&format!("name=\"prompt\" value=\"{prompt}\"")));
                if status != 200 {
                    bail!("the provider answered {status}: {page}");
                }
                request = match form {
                    Some((_, body)) => browser
                        .post(at)
                        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                        .body((*body).to_owned()),
                    None => browser.get(format!("{at}/abort")),
                };
                continue;
            };
            let to = at.join(&to)?;
            if to.as_str().starts_with(&self.shop) {
                return Ok(to.to_string());
            }
            request = browser.get(to);
        }
        bail!("the provider does not come to an end")
    }
}

/// A token with these claims that nobody signed.
#[must_use]
pub fn unsigned(claims: &Value) -> String {
    format!("{}.{}.", part(&json!({"alg": "none"})), part(claims))
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Where the provider's program and packages are.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("provider")
}
