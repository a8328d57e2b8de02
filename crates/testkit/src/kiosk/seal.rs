//! Opening what the server sealed to a kiosk's ephemeral key.

use anyhow::{Result, anyhow};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hpke::{Deserializable as _, OpModeR, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256};
use protocol::handoff::{SEAL_INFO, Sealed};

/// Opens a seal.
///
/// # Errors
/// It is not sealed to this key and these associated data.
pub fn unseal(secret: &<X25519HkdfSha256 as hpke::Kem>::PrivateKey, sealed: &Sealed, associated: &[u8]) -> Result<String> {
    let enc = BASE64_URL_SAFE_NO_PAD.decode(&sealed.enc)?;
    let ciphertext = BASE64_URL_SAFE_NO_PAD.decode(&sealed.ciphertext)?;
    let enc = <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(&enc).map_err(|error| anyhow!("{error}"))?;
    let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        secret,
        &enc,
        SEAL_INFO,
        &ciphertext,
        associated,
    )
    .map_err(|error| anyhow!("{error}"))?;
    Ok(String::from_utf8(opened)?)
}
