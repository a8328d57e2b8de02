//! A browser goes to a provider's page and comes back, once, within ten minutes (authorization code with PKCE).

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{ids::AccountId, routes};
use server_store::{StoreError, records::SignInAttemptRecord};

use super::{Person, exchange::Code};
use crate::{caller::cookie::Value, key::sha256, state::AppState};

/// How long a browser may be away.
const LIFE: Duration = Duration::from_mins(10);
/// What is asked for: who it is, and what to call the person.
const SCOPE: &str = "openid profile email";

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSignedIn {
    /// There is no such provider.
    #[error("no such provider")]
    UnknownProvider,
    /// The provider cannot be reached.
    #[error("the provider is away")]
    Away,
    /// This browser did not begin this, or it took too long, or it was done already.
    #[error("the sign-in is over")]
    Over,
    /// The person, or the provider, did not want to.
    #[error("the sign-in was cancelled")]
    Cancelled,
    /// What the provider answered proves nobody.
    #[error("the provider proved nobody")]
    Unproved,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The secrets of one attempt. The provider and the browser see the state; nonce and verifier follow from it and the
/// server's key, so that nobody has to keep them.
struct Secrets {
    state: String,
    nonce: String,
    verifier: String,
}

impl Secrets {
    fn fresh(server: &AppState) -> Self {
        let mut random = [0; 32];
        server.entropy.fill(&mut random);
        Self::of(server, &BASE64_URL_SAFE_NO_PAD.encode(random))
    }

    fn of(server: &AppState, state: &str) -> Self {
        let derived = |purpose| BASE64_URL_SAFE_NO_PAD.encode(server.key.mac(purpose, &[state.as_bytes()]));
        Self { state: state.to_owned(), nonce: derived("sign-in nonce"), verifier: derived("sign-in verifier") }
    }

    /// What the provider is told of the verifier (RFC 7636, S256).
    fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(sha256(self.verifier.as_bytes()))
    }
}

/// Sends this browser to a provider; answers the address. `linking` is whose account the person there is to be linked to.
///
/// # Errors
/// There is no such provider, or it cannot be reached.
pub(crate) async fn start(
    state: &AppState,
    id: &str,
    browser: &Value,
    linking: Option<AccountId>,
) -> Result<String, NotSignedIn> {
    let provider = state.providers.offered_by_id(id).ok_or(NotSignedIn::UnknownProvider)?;
    let facts = provider.facts().await.map_err(|_| NotSignedIn::Away)?;
    let secrets = Secrets::fresh(state);
    let mut tx = state.write().await?;
    tx.insert_sign_in_attempt(&SignInAttemptRecord {
        state_hash: sha256(secrets.state.as_bytes()).to_vec(),
        browser_hash: browser.hash(),
        issuer: provider.settings.issuer.clone(),
        linking,
        expires_at: state.now().plus(LIFE),
    })
    .await?;
    tx.commit().await?;
    let mut address = facts.discovery.authorization_endpoint.clone();
    address.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", provider.settings.client_id.as_deref().unwrap_or_default()),
        ("redirect_uri", &redirect(state, id)),
        ("scope", SCOPE),
        ("state", &secrets.state),
        ("nonce", &secrets.nonce),
        ("code_challenge", &secrets.challenge()),
        ("code_challenge_method", "S256"),
    ]);
    Ok(address.to_string())
}

/// What a provider sent a browser back with.
#[derive(Clone, Copy)]
pub(crate) struct Answered<'a> {
    /// Which attempt.
    pub(crate) state: &'a str,
    /// Stands for the person's consent.
    pub(crate) code: Option<&'a str>,
    /// Who answers (RFC 9207).
    pub(crate) issuer: Option<&'a str>,
}

/// Takes a browser that comes back; answers who signed in, and whose account that person is to be linked to.
///
/// # Errors
/// Nobody was proved. The attempt is over all the same, unless it is another browser's.
pub(crate) async fn finish(
    state: &AppState,
    id: &str,
    browser: &Value,
    answered: Answered<'_>,
) -> Result<(Person, Option<AccountId>), NotSignedIn> {
    let provider = state.providers.offered_by_id(id).ok_or(NotSignedIn::UnknownProvider)?;
    let mut tx = state.write().await?;
    let attempt = tx.take_sign_in_attempt(&sha256(answered.state.as_bytes()), &browser.hash()).await?;
    tx.commit().await?;
    let attempt = attempt
        .filter(|attempt| state.now() < attempt.expires_at && attempt.issuer == provider.settings.issuer)
        .ok_or(NotSignedIn::Over)?;
    let facts = provider.facts().await.map_err(|_| NotSignedIn::Away)?;
    let names_itself = match answered.issuer {
        Some(issuer) => issuer == provider.settings.issuer,
        None => !facts.discovery.authorization_response_iss_parameter_supported,
    };
    if !names_itself {
        tracing::warn!(issuer = provider.settings.issuer, "the answer to a sign-in came in the name of another provider");
        return Err(NotSignedIn::Unproved);
    }
    let code = answered.code.ok_or(NotSignedIn::Cancelled)?;
    let secrets = Secrets::of(state, answered.state);
    let redirect = redirect(state, id);
    let code = Code { given: code, verifier: &secrets.verifier, redirect: &redirect, nonce: &secrets.nonce };
    let person = provider.redeem(state, &facts.discovery, &code).await.map_err(|error| {
        tracing::warn!(issuer = provider.settings.issuer, %error, "a sign-in came to nothing");
        NotSignedIn::Unproved
    })?;
    Ok((person, attempt.linking))
}

/// Where the provider sends the browser back to. Each provider has an address of its own, so that none answers for another.
fn redirect(state: &AppState, id: &str) -> String {
    format!("{}{}", state.config.public_origin(), routes::with_id(routes::PHONE_PROVIDER_CALLBACK, id))
}
