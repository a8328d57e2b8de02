//! The device's own key: P-256, made on the machine, kept in the secret store, never sent.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::device::Jwk;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use zeroize::Zeroizing;

/// Length of an uncompressed P-256 point: a marker and two coordinates.
const POINT: usize = 65;

/// The device's key pair.
pub struct DeviceKey {
    pair: EcdsaKeyPair,
    public: Jwk,
}

/// The bytes in the secret store are no P-256 key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the device's key cannot be read; delete it from the secret store and enrol this kiosk again")]
pub struct DamagedKey;

impl DeviceKey {
    /// A fresh key as PKCS#8, for the secret store.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn generate() -> Result<Zeroizing<Vec<u8>>, DamagedKey> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).map_err(|_| DamagedKey)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// The key kept as PKCS#8.
    ///
    /// # Errors
    /// The bytes are no P-256 key.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, DamagedKey> {
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new()).map_err(|_| DamagedKey)?;
        let point = pair.public_key().as_ref();
        if point.len() != POINT {
            return Err(DamagedKey);
        }
        let public = Jwk {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: URL_SAFE_NO_PAD.encode(&point[1..33]),
            y: URL_SAFE_NO_PAD.encode(&point[33..]),
        };
        Ok(Self { pair, public })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// An ES256 signature (RFC 7518 section 3.4), or none where the operating system gives no randomness.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.pair.sign(&SystemRandom::new(), message).ok().map(|signature| signature.as_ref().to_vec())
    }
}

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_after_a_restart() {
        let kept = DeviceKey::generate().unwrap();
        let first = DeviceKey::from_pkcs8(&kept).unwrap();
        let second = DeviceKey::from_pkcs8(&kept).unwrap();
        assert_eq!(first.public(), second.public());
    }

    #[test]
    fn damaged_bytes_are_no_key() {
        assert_eq!(DeviceKey::from_pkcs8(b"no key").unwrap_err(), DamagedKey);
    }
}
