//! The system's secret store, and what the kiosk keeps there.

use zeroize::Zeroizing;

/// Where secrets of this machine live: the desktop's keyring, a TPM, a service credential.
///
/// Calls may block (they talk to another process); the core makes them off its event loop.
pub trait KeyStore: Send + Sync {
    /// The secret under `name`, or none where nothing was saved yet.
    ///
    /// # Errors
    /// The store is locked, is not there, or failed.
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError>;

    /// Keeps `secret` under `name`, replacing what was there.
    ///
    /// # Errors
    /// The store is locked, is not there, or failed.
    fn save(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError>;

    /// Whether calls answer at once, without another process: then the core makes them in place. A simulation needs that.
    fn is_quick(&self) -> bool {
        false
    }

    /// What staff call this store, such as `Secret Service (login keyring)`; never a secret.
    fn describe(&self) -> String;
}

/// Why the secret store did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyStoreError {
    /// Somebody must unlock it.
    #[error("the system's secret store is locked; unlock it, the kiosk tries again by itself")]
    Locked,
    /// There is none.
    #[error("the system has no secret store; start one, the kiosk tries again by itself")]
    Missing,
    /// It failed in another way; the text holds no secret.
    #[error("the system's secret store failed: {0}")]
    Other(String),
}
