use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hpke::{
    Deserializable as _, Kem, OpModeS, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256,
    rand_core,
};
use protocol::{
    Entropy as _,
    handoff::{SEAL_INFO, Sealed},
};

use crate::dice::Dice;

struct Drawn<'a>(&'a Dice);

impl rand_core::TryRng for Drawn<'_> {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_le_bytes(self.0.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(self.0.next())
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill(out);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Drawn<'_> {}

/// Seals a token as the server does; none where the kiosk's key is no key.
pub(crate) fn seal(dice: &Dice, public: &str, about: &str, token: &str) -> Option<Sealed> {
    let public = URL_SAFE_NO_PAD.decode(public).ok()?;
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&public).ok()?;
    let (enc, mut context) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        SEAL_INFO,
        &mut Drawn(dice),
    )
    .ok()?;
    let ciphertext = context.seal(token.as_bytes(), about.as_bytes()).ok()?;
    Some(Sealed { enc: URL_SAFE_NO_PAD.encode(enc.to_bytes()), ciphertext: URL_SAFE_NO_PAD.encode(ciphertext) })
}
