//! A certificate of a test's own, which nobody trusts who is not told to.

use std::sync::Arc;

use anyhow::Result;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// A certificate that signs itself, and its key.
pub struct Certificate {
    der: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
    pem: String,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

impl Certificate {
    /// Makes one for a host, such as `localhost`.
    ///
    /// # Errors
    /// It is no name of a host.
    pub fn of(host: &str) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed([host.to_owned()])?;
        Ok(Self { der: made.cert.der().clone(), key: made.signing_key.serialize_der().into(), pem: made.cert.pem() })
    }

    /// As those who are to trust it want it (PEM), without the key.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// What a server needs to prove itself with it.
    ///
    /// # Errors
    /// Key and certificate cannot be used.
    pub fn server(&self) -> Result<Arc<ServerConfig>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::from(self.key.clone_key());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.der.clone()], key)?;
        Ok(Arc::new(config))
    }
}
