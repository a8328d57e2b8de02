//! Tokens, sealed as the real server seals them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hpke::{
    Deserializable as _, OpModeS, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256, rand_core,
};
use protocol::{
    Entropy,
    ambient::SystemEntropy,
    handoff::{SEAL_INFO, Sealed},
};

pub const TOKEN: &str = "the kiosk's own token";

struct Dice;

impl rand_core::TryRng for Dice {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_ne_bytes(SystemEntropy.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from_ne_bytes(SystemEntropy.bytes()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        SystemEntropy.fill(out);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Dice {}

/// Seals the [`TOKEN`] for a kiosk's public key.
pub fn seal(public: &str, about: &str) -> Sealed {
    let public = URL_SAFE_NO_PAD.decode(public).unwrap();
    let public = <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&public).unwrap();
    let (enc, mut context) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        SEAL_INFO,
        &mut Dice,
    )
    .unwrap();
    let ciphertext = context.seal(TOKEN.as_bytes(), about.as_bytes()).unwrap();
    Sealed { enc: URL_SAFE_NO_PAD.encode(enc.to_bytes()), ciphertext: URL_SAFE_NO_PAD.encode(ciphertext) }
}
