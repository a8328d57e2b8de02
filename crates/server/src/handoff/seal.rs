//! Sealing a kiosk's token to the ephemeral key of its handoff (RFC 9180, base mode).

use std::convert::Infallible;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hpke::{
    Deserializable as _, Kem, OpModeS, Serializable as _,
    aead::ChaCha20Poly1305,
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
    rand_core::{TryCryptoRng, TryRng},
};
use protocol::{
    Entropy,
    handoff::{SEAL_INFO, Sealed},
};

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;

/// The key is no X25519 key, or one that seals nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ephemeral_key must be a fresh X25519 public key: 32 bytes, base64url")]
pub struct BadKey;

/// Reads a kiosk's ephemeral key, and makes sure that it seals.
///
/// # Errors
/// It does not.
pub fn read_key(text: &str, entropy: &dyn Entropy) -> Result<Vec<u8>, BadKey> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| BadKey)?;
    seal(&bytes, b"", b"", entropy)?;
    Ok(bytes)
}

/// Seals `secret` to the key, for the place that `associated` names.
///
/// # Errors
/// The key is no X25519 key, or of low order.
pub fn seal(key: &[u8], associated: &[u8], secret: &[u8], entropy: &dyn Entropy) -> Result<Sealed, BadKey> {
    let key = PublicKey::from_bytes(key).map_err(|_| BadKey)?;
    let (enc, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &key,
        SEAL_INFO,
        secret,
        associated,
        &mut Dice(entropy),
    )
    .map_err(|_| BadKey)?;
    Ok(Sealed { enc: BASE64_URL_SAFE_NO_PAD.encode(enc.to_bytes()), ciphertext: BASE64_URL_SAFE_NO_PAD.encode(ciphertext) })
}

/// The server's randomness as the library wants it.
struct Dice<'a>(&'a dyn Entropy);

impl TryRng for Dice<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for Dice<'_> {}

#[cfg(test)]
mod tests {
    use testkit::{dice::SeededEntropy, kiosk::unseal};

    use super::*;

    fn pair() -> (<X25519HkdfSha256 as Kem>::PrivateKey, Vec<u8>) {
        let (secret, public) = X25519HkdfSha256::derive_keypair(&[7; 32]);
        (secret, public.to_bytes().to_vec())
    }

    #[test]
    fn only_the_kiosk_of_this_handoff_opens_a_seal() {
        let (secret, public) = pair();
        let sealed = seal(&public, b"this handoff", b"token", &SeededEntropy::new(1)).unwrap();
        assert_eq!(unseal(&secret, &sealed, b"this handoff").unwrap(), "token");
        assert!(unseal(&secret, &sealed, b"another handoff").is_err());
        let (another, _) = X25519HkdfSha256::derive_keypair(&[8; 32]);
        assert!(unseal(&another, &sealed, b"this handoff").is_err());
    }

    #[test]
    fn the_same_token_is_never_sealed_the_same_way() {
        let (_, public) = pair();
        let entropy = SeededEntropy::new(1);
        assert_ne!(seal(&public, b"", b"token", &entropy).unwrap(), seal(&public, b"", b"token", &entropy).unwrap());
    }

    #[test]
    fn a_key_that_seals_nothing_is_refused() {
        let entropy = SeededEntropy::new(1);
        for key in [vec![0; 32], vec![1; 31], Vec::new()] {
            assert_eq!(read_key(&BASE64_URL_SAFE_NO_PAD.encode(key), &entropy), Err(BadKey));
        }
        assert_eq!(read_key("not base64!", &entropy), Err(BadKey));
        assert_eq!(read_key(&BASE64_URL_SAFE_NO_PAD.encode(pair().1), &entropy), Ok(pair().1));
    }
}
