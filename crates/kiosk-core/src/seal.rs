//! The kiosk's ephemeral key of one handoff, and opening what the server sealed to it (RFC 9180).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hpke::{
    Deserializable as _, Kem as _, OpModeR, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256,
    setup_receiver,
};
use protocol::{
    Entropy,
    handoff::{SEAL_INFO, Sealed},
};
use zeroize::Zeroizing;

use crate::server::Token;

type PrivateKey = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;
type EncappedKey = <X25519HkdfSha256 as hpke::Kem>::EncappedKey;

/// An X25519 key pair that lives as long as its handoff; the private half is overwritten when dropped.
pub(crate) struct EphemeralKey {
    private: PrivateKey,
    public: String,
}

/// What came is not sealed to this key, or was changed on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed token does not open")]
pub(crate) struct BrokenSeal;

impl EphemeralKey {
    pub(crate) fn random(entropy: &dyn Entropy) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(seed.as_mut_slice());
        let (private, public) = X25519HkdfSha256::derive_keypair(seed.as_slice());
        Self { private, public: URL_SAFE_NO_PAD.encode(public.to_bytes()) }
    }

    /// For the server: 32 bytes, base64url.
    pub(crate) fn public(&self) -> &str {
        &self.public
    }

    /// The token in `sealed`; `about` is the handoff's id as written on the wire, or empty for a guest.
    pub(crate) fn open(&self, sealed: &Sealed, about: &str) -> Result<Token, BrokenSeal> {
        let enc = URL_SAFE_NO_PAD.decode(&sealed.enc).map_err(|_| BrokenSeal)?;
        let ciphertext = URL_SAFE_NO_PAD.decode(&sealed.ciphertext).map_err(|_| BrokenSeal)?;
        let enc = EncappedKey::from_bytes(&enc).map_err(|_| BrokenSeal)?;
        let mut context =
            setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(&OpModeR::Base, &self.private, &enc, SEAL_INFO)
                .map_err(|_| BrokenSeal)?;
        let plain = Zeroizing::new(context.open(&ciphertext, about.as_bytes()).map_err(|_| BrokenSeal)?);
        std::str::from_utf8(&plain).map(|token| Zeroizing::new(token.to_owned())).map_err(|_| BrokenSeal)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use hpke::{OpModeS, rand_core, setup_sender_with_rng};
    use protocol::ambient::SystemEntropy;

    use super::*;

    /// Randomness for a test's sender.
    struct Dice;

    impl rand_core::TryRng for Dice {
        type Error = std::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            let mut bytes = [0; 4];
            SystemEntropy.fill(&mut bytes);
            Ok(u32::from_ne_bytes(bytes))
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            let mut bytes = [0; 8];
            SystemEntropy.fill(&mut bytes);
            Ok(u64::from_ne_bytes(bytes))
        }

        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
            SystemEntropy.fill(out);
            Ok(())
        }
    }

    impl rand_core::TryCryptoRng for Dice {}

    /// Seals as a server does.
    pub(crate) fn seal(public: &str, about: &str, token: &str) -> Sealed {
        let public = URL_SAFE_NO_PAD.decode(public).unwrap();
        let public = <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&public).unwrap();
        let (enc, mut context) = setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            SEAL_INFO,
            &mut Dice,
        )
        .unwrap();
        let ciphertext = context.seal(token.as_bytes(), about.as_bytes()).unwrap();
        Sealed { enc: URL_SAFE_NO_PAD.encode(enc.to_bytes()), ciphertext: URL_SAFE_NO_PAD.encode(ciphertext) }
    }

    #[test]
    fn what_is_sealed_to_the_key_opens() {
        let key = EphemeralKey::random(&SystemEntropy);
        let sealed = seal(key.public(), "handoff", "token");
        assert_eq!(key.open(&sealed, "handoff").unwrap().as_str(), "token");
    }

    #[test]
    fn another_key_another_handoff_and_a_changed_seal_do_not_open() {
        let key = EphemeralKey::random(&SystemEntropy);
        let sealed = seal(key.public(), "handoff", "token");
        assert!(EphemeralKey::random(&SystemEntropy).open(&sealed, "handoff").is_err());
        assert!(key.open(&sealed, "another").is_err());
        assert!(key.open(&Sealed { ciphertext: seal(key.public(), "handoff", "x").ciphertext, ..sealed }, "handoff").is_err());
    }
}
