//! Sign-in providers: any issuer of OpenID Connect. A person comes with a bearer token that one of them signed, or is sent to
//! its page and comes back to ours.
//!
//! A provider is known by its issuer address alone. Its discovery document and keys are fetched when they are first needed,
//! kept, and fetched anew when they grow old or a token names a key that is not among them, so that a provider changes its
//! keys without anybody here doing anything.

mod account;
mod attempt;
mod claims;
mod discovery;
mod exchange;
mod fetch;
mod jws;
mod known;
mod settings;

use std::sync::Arc;

use protocol::{Clock, Timestamp};

pub(crate) use account::{account_of, link};
pub(crate) use attempt::{Answered, NotSignedIn, finish, start};
pub(crate) use claims::Person;
use claims::{About, Claims};
use fetch::Http;
use jws::Jws;
use known::Known;
pub use settings::{ProviderSettings, ProviderSource, read_all};

/// The configured providers.
#[derive(Debug)]
pub struct Providers(Vec<Arc<Provider>>);

/// One provider.
#[derive(Debug)]
pub(crate) struct Provider {
    settings: ProviderSettings,
    http: Http,
    known: Known,
}

/// Why a token proves nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unproved {
    /// It is no good token of a configured provider.
    #[error("the token is invalid")]
    Invalid,
    /// The provider's keys were never seen, and cannot be fetched now.
    #[error("the sign-in provider is away")]
    Away,
}

impl Providers {
    /// The providers of these settings. Nothing is fetched yet.
    #[must_use]
    pub fn new(settings: &[ProviderSettings], clock: &Arc<dyn Clock>) -> Self {
        let provider = |settings: &ProviderSettings| {
            Arc::new(Provider { http: Http::new(&settings.issuer), known: Known::new(clock.clone()), settings: settings.clone() })
        };
        Self(settings.iter().map(provider).collect())
    }

    /// Those that the phone page offers.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &ProviderSettings> {
        self.0.iter().map(|provider| &provider.settings).filter(|settings| settings.client_id.is_some())
    }

    /// The provider of that id that the phone page offers.
    fn offered_by_id(&self, id: &str) -> Option<&Arc<Provider>> {
        self.0.iter().find(|provider| provider.settings.id == id && provider.settings.client_id.is_some())
    }

    /// Asks each for its keys; answers its issuer, and how many keys there are or why none.
    pub(crate) async fn try_out(&self) -> Vec<(String, Result<usize, String>)> {
        let mut answers = Vec::new();
        for provider in &self.0 {
            answers.push((provider.settings.issuer.clone(), provider.try_out().await));
        }
        answers
    }

    /// Who the bearer of a token is.
    ///
    /// # Errors
    /// The token is not good, or its provider's keys cannot be had.
    pub(crate) async fn person(&self, token: &str, now: Timestamp) -> Result<Person, Unproved> {
        let jws = Jws::read(token).ok_or(Unproved::Invalid)?;
        let claims: Claims = jws.claims().ok_or(Unproved::Invalid)?;
        // The token says who signed it; whether that is so is seen by that provider's keys.
        let provider = self.0.iter().find(|provider| provider.settings.issuer == claims.iss).ok_or(Unproved::Invalid)?;
        if !claims.is_for(&provider.settings, now) {
            return Err(Unproved::Invalid);
        }
        provider.check_signature(&jws).await?;
        Ok(claims.person(&About::default()))
    }
}

impl Provider {
    /// Whether the provider signed the token.
    async fn check_signature(self: &Arc<Self>, jws: &Jws<'_>) -> Result<(), Unproved> {
        let mut facts = self.facts().await.map_err(|_| Unproved::Away)?;
        if !facts.keys.has(jws)
            && let Some(newer) = self.newer_facts().await
        {
            facts = newer;
        }
        if facts.keys.verify(jws) { Ok(()) } else { Err(Unproved::Invalid) }
    }
}
