use std::sync::{Arc, OnceLock};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{CustomizedPasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use protocol::Entropy;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// KiB of memory of one hash, the least that OWASP advises.
const MEMORY: u32 = 19 * 1024;
const ROUNDS: u32 = 2;
const LANES: u32 = 1;

/// Why no hash came out; the cause is for the log.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed: {0}")]
pub struct HashError(String);

/// Hashes passwords, as many at a time as there are processors: each takes a core and 19 MiB.
#[derive(Debug)]
pub struct PasswordPool {
    permits: Arc<Semaphore>,
    entropy: Arc<dyn Entropy>,
    decoy: Arc<OnceLock<String>>,
}

impl PasswordPool {
    /// A pool that takes its salts from `entropy`.
    #[must_use]
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { permits: Arc::new(Semaphore::new(cores)), entropy, decoy: Arc::default() }
    }

    /// The Argon2id hash of a password, in PHC form.
    ///
    /// # Errors
    /// The machine could not do it.
    pub async fn hash(&self, password: &str) -> Result<String, HashError> {
        let password = Zeroizing::new(password.to_owned());
        let entropy = self.entropy.clone();
        self.run(move || hash(password.as_bytes(), &*entropy)).await?
    }

    /// Whether the password is the one of `known`. Without a known hash the answer is no, in the same time.
    ///
    /// # Errors
    /// The machine could not do it, or `known` is no hash.
    pub async fn verify(&self, password: &str, known: Option<String>) -> Result<bool, HashError> {
        let password = Zeroizing::new(password.to_owned());
        let (entropy, decoy) = (self.entropy.clone(), self.decoy.clone());
        self.run(move || {
            if decoy.get().is_none() {
                let mut nobody = Zeroizing::new([0; 32]);
                entropy.fill(nobody.as_mut_slice());
                // Another thread may have been faster; either decoy will do.
                let _ = decoy.set(hash(nobody.as_slice(), &*entropy)?);
            }
            let is_known = known.is_some();
            let text = known.as_deref().or_else(|| decoy.get().map(String::as_str)).unwrap_or_default();
            let parsed = PasswordHash::new(text).map_err(|error| HashError(error.to_string()))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && is_known)
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
        let permit = self.permits.clone().acquire_owned().await.map_err(|error| HashError(error.to_string()))?;
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            span.in_scope(work)
        })
        .await
        .map_err(|error| HashError(error.to_string()))
    }
}

fn hash(password: &[u8], entropy: &dyn Entropy) -> Result<String, HashError> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let params = Params::new(MEMORY, ROUNDS, LANES, None).map_err(|error| HashError(error.to_string()))?;
    let hash: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_customized(password, &salt, None, None, params)
        .map_err(|error| HashError(error.to_string()))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use protocol::ambient::SystemEntropy;

    use super::*;

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_at_the_advised_cost() {
        let pool = PasswordPool::new(Arc::new(SystemEntropy));
        let hash = pool.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(pool.verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!pool.verify("correct horse ", Some(hash.clone())).await.unwrap());
        assert_ne!(hash, pool.hash("correct horse").await.unwrap(), "the salt is fresh");
    }

    #[tokio::test]
    async fn nobody_signs_in_without_a_hash() {
        let pool = PasswordPool::new(Arc::new(SystemEntropy));
        assert!(!pool.verify("", None).await.unwrap());
        assert!(!pool.verify("anything", None).await.unwrap());
    }
}
