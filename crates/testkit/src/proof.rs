//! A device's key and the proofs it signs.

use anyhow::{Result, anyhow};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{
    Entropy,
    device::{Jwk, ProofClaims, ProofHeader},
};
use ring::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};

/// A P-256 key as a device has it.
pub struct DeviceKey {
    pair: EcdsaKeyPair,
    jwk: Jwk,
}

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceKey").field("jwk", &self.jwk).finish_non_exhaustive()
    }
}

impl DeviceKey {
    /// A fresh key.
    ///
    /// # Errors
    /// The cryptographic library refuses.
    pub fn new() -> Result<Self> {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map_err(|_| anyhow!("no key could be made"))?;
        Self::from_pkcs8(document.as_ref())
    }

    /// A key kept as PKCS #8.
    ///
    /// # Errors
    /// It is no P-256 key.
    pub fn from_pkcs8(document: &[u8]) -> Result<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document, &SystemRandom::new())
            .map_err(|error| anyhow!("{error}"))?;
        // Uncompressed point: 0x04, x, y.
        let point = pair.public_key().as_ref();
        let coordinate = |from| BASE64_URL_SAFE_NO_PAD.encode(&point[from..from + 32]);
        let jwk = Jwk { kty: "EC".into(), crv: "P-256".into(), x: coordinate(1), y: coordinate(33) };
        Ok(Self { pair, jwk })
    }

    /// Its public half.
    #[must_use]
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// Its RFC 7638 thumbprint, base64url, by which a server knows it.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let Jwk { kty, crv, x, y } = &self.jwk;
        token_hash(&format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#))
    }

    /// A proof with the usual header.
    ///
    /// # Errors
    /// The cryptographic library refuses.
    pub fn sign(&self, claims: &ProofClaims) -> Result<String> {
        self.sign_as(&ProofHeader { typ: "dpop+jwt".into(), alg: "ES256".into(), jwk: self.jwk.clone() }, claims)
    }

    /// A proof with a header of the test's choosing.
    ///
    /// # Errors
    /// The cryptographic library refuses.
    pub fn sign_as(&self, header: &ProofHeader, claims: &ProofClaims) -> Result<String> {
        let part = |json: Vec<u8>| BASE64_URL_SAFE_NO_PAD.encode(json);
        let signed = format!("{}.{}", part(serde_json::to_vec(header)?), part(serde_json::to_vec(claims)?));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| anyhow!("the key does not sign"))?;
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// An id for a proof, never used before.
#[must_use]
pub fn fresh_jti(entropy: &dyn Entropy) -> String {
    let mut id = [0; 16];
    entropy.fill(&mut id);
    BASE64_URL_SAFE_NO_PAD.encode(id)
}

/// The claim that binds a token to a proof.
#[must_use]
pub fn token_hash(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, token.as_bytes()))
}
