use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use protocol::Clock;

use super::{
    Provider,
    discovery::{self, Discovery},
    fetch::FetchError,
    jws::Keys,
};

/// What is older is fetched anew, so that a key which was withdrawn is not believed for long.
const FRESH: Duration = Duration::from_mins(10);
/// A stranger's tokens with made-up keys must not make us ask the provider more often than this.
const PAUSE: Duration = Duration::from_secs(10);
/// As long as nothing is known at all, it is asked a little more often.
const PAUSE_WITHOUT_ANY: Duration = Duration::from_secs(2);

/// What a provider says about itself.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) discovery: Discovery,
    pub(super) keys: Keys,
    /// When it said so, in monotonic time.
    at: Duration,
}

/// What is known of a provider.
#[derive(Debug)]
pub(super) struct Known {
    clock: Arc<dyn Clock>,
    facts: Mutex<Option<Arc<Facts>>>,
    /// When the provider was last asked. Held while it is asked, so that many requests at once ask once.
    asked: tokio::sync::Mutex<Option<Duration>>,
}

/// Nothing is known of the provider, and it cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Away;

impl Known {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, facts: Mutex::default(), asked: tokio::sync::Mutex::default() }
    }

    fn facts(&self) -> Option<Arc<Facts>> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether what is known is old, and nobody asks just now or did a moment ago.
    fn is_to_be_asked(&self, facts: &Facts) -> bool {
        let now = self.clock.monotonic();
        let since = |at: Duration| now.saturating_sub(at);
        since(facts.at) >= FRESH && self.asked.try_lock().is_ok_and(|asked| asked.is_none_or(|at| since(at) >= PAUSE))
    }
}

impl Provider {
    /// What the provider says about itself. What is known and old is answered at once and fetched anew meanwhile.
    ///
    /// # Errors
    /// It was never reached, and cannot be reached now.
    pub(super) async fn facts(self: &Arc<Self>) -> Result<Arc<Facts>, Away> {
        let Some(facts) = self.known.facts() else { return self.ask(None, PAUSE_WITHOUT_ANY).await.ok_or(Away) };
        if self.known.is_to_be_asked(&facts) {
            let (provider, seen) = (self.clone(), facts.clone());
            tokio::spawn(async move { provider.ask(Some(seen), PAUSE).await });
        }
        Ok(facts)
    }

    /// What the provider says about itself now, unless it was asked a moment ago.
    pub(super) async fn newer_facts(&self) -> Option<Arc<Facts>> {
        self.ask(self.known.facts(), PAUSE).await
    }

    /// Asks the provider, unless somebody has since `seen`, or it was asked within `pause`.
    async fn ask(&self, seen: Option<Arc<Facts>>, pause: Duration) -> Option<Arc<Facts>> {
        let mut asked = self.known.asked.lock().await;
        let newest = self.known.facts();
        let is_newer = match (&newest, &seen) {
            (Some(newest), Some(seen)) => !Arc::ptr_eq(newest, seen),
            (newest, _) => newest.is_some(),
        };
        let now = self.known.clock.monotonic();
        if is_newer || asked.is_some_and(|at| now.saturating_sub(at) < pause) {
            return newest;
        }
        *asked = Some(now);
        match self.fetch().await {
            Ok((discovery, keys)) => {
                let facts = Arc::new(Facts { discovery, keys, at: now });
                *self.known.facts.lock().unwrap_or_else(PoisonError::into_inner) = Some(facts.clone());
                Some(facts)
            }
            Err(error) => {
                tracing::warn!(issuer = self.settings.issuer, %error, "the sign-in provider could not be asked for its keys");
                newest
            }
        }
    }

    /// Asks the provider for its keys; answers how many there are.
    ///
    /// # Errors
    /// It does not answer, or not as a provider does.
    pub(super) async fn try_out(&self) -> Result<usize, String> {
        self.fetch().await.map(|(_, keys)| keys.len()).map_err(|error| error.to_string())
    }

    async fn fetch(&self) -> Result<(Discovery, Keys), FetchError> {
        let discovery = discovery::fetch(&self.http, &self.settings.issuer).await?;
        let keys: Keys = self.http.get::<super::jws::Jwks>(&discovery.jwks_uri, None).await?.into();
        if keys.len() == 0 {
            return Err(FetchError::Unfit("it publishes no key for RS256, PS256, ES256 or EdDSA".into()));
        }
        Ok((discovery, keys))
    }
}
