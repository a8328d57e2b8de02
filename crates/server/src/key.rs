//! The server's key: 32 random bytes in a file beside the database, never in it. Every secret the server hands out is
//! derived from it, so that a stolen database opens nothing.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    path::Path,
};

use anyhow::Context as _;
use protocol::{Entropy, ids::SessionId};
use ring::{aead, digest, hmac};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The server's key.
pub struct ServerKey {
    bytes: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerKey").finish_non_exhaustive()
    }
}

impl ServerKey {
    /// A key of known bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { bytes: Zeroizing::new(bytes) }
    }

    /// Reads the key of a data folder, or makes it where there is none. Only the owner can read the file.
    ///
    /// # Errors
    /// The file cannot be read or made, or holds no key.
    pub fn load_or_make(path: &Path, entropy: &dyn Entropy) -> anyhow::Result<Self> {
        match OpenOptions::new().read(true).open(path) {
            Ok(file) => Self::read(file, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::make(path, entropy),
            Err(error) => Err(error).with_context(|| unreadable(path)),
        }
    }

    /// Reads the key of a data folder that has one.
    ///
    /// # Errors
    /// The file is not there, cannot be read, or holds no key.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new().read(true).open(path).with_context(|| unreadable(path))?;
        Self::read(file, path)
    }

    fn read(mut file: File, path: &Path) -> anyhow::Result<Self> {
        let mut bytes = Zeroizing::new(Vec::new());
        file.read_to_end(&mut bytes).with_context(|| unreadable(path))?;
        let bytes: [u8; 32] = bytes.as_slice().try_into().ok().with_context(|| {
            format!(
                "{} is not a server key of 32 bytes; restore it from a backup, or remove it to sign everybody out",
                path.display()
            )
        })?;
        Ok(Self::new(bytes))
    }

    fn make(path: &Path, entropy: &dyn Entropy) -> anyhow::Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut_slice());
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(path).and_then(|mut file| {
            file.write_all(bytes.as_slice())?;
            file.sync_all()
        });
        written.with_context(|| {
            format!("the server's key {} cannot be made; check that the data folder is writable", path.display())
        })?;
        Ok(Self { bytes })
    }

    /// HMAC-SHA256 of `parts` under a key of its own for each `purpose`. Parts are told apart by their lengths.
    #[must_use]
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, self.purpose_key(purpose).as_slice()));
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    /// Tells this key from any other, and opens nothing.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.mac("fingerprint", &[])
    }

    fn purpose_key(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.bytes.as_slice());
        let mut out = Zeroizing::new([0; 32]);
        out.copy_from_slice(hmac::sign(&key, purpose.as_bytes()).as_ref());
        out
    }

    /// The token of a session's generation: 32 lower-case hex digits.
    #[must_use]
    pub fn session_token(&self, session: SessionId, generation: i64) -> String {
        hex(&self.mac("session token", &[session.0.as_bytes(), &generation.to_be_bytes()])[..16])
    }

    /// Seals `secret` so that only this server reads it, in the place that `about` names.
    #[must_use]
    pub fn seal(&self, purpose: &str, about: &[u8], secret: &[u8], entropy: &dyn Entropy) -> Option<Vec<u8>> {
        let key = self.sealing_key(purpose)?;
        let mut nonce = [0; aead::NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = secret.to_vec();
        key.seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::from(about), &mut sealed).ok()?;
        let mut out = nonce.to_vec();
        out.append(&mut sealed);
        Some(out)
    }

    /// What [`ServerKey::seal`] sealed, or none if it is not that.
    #[must_use]
    pub fn unseal(&self, purpose: &str, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let key = self.sealing_key(purpose)?;
        let (nonce, sealed) = sealed.split_at_checked(aead::NONCE_LEN)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut opened = sealed.to_vec();
        let length = key.open_in_place(nonce, aead::Aad::from(about), &mut opened).ok()?.len();
        opened.truncate(length);
        Some(opened)
    }

    fn sealing_key(&self, purpose: &str) -> Option<aead::LessSafeKey> {
        aead::UnboundKey::new(&aead::AES_256_GCM, self.purpose_key(purpose).as_slice()).ok().map(aead::LessSafeKey::new)
    }
}

fn unreadable(path: &Path) -> String {
    format!("the server's key {} cannot be read", path.display())
}

/// SHA-256 of a secret, to find its record by.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Whether two secrets are equal, in the same time wherever they differ.
#[must_use]
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use protocol::ambient::SystemEntropy;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_token_depends_on_key_session_and_generation() {
        let (one, other) = (SessionId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
        let key = ServerKey::new([1; 32]);
        let token = key.session_token(one, 0);
        assert_eq!(token, key.session_token(one, 0));
        assert_ne!(token, key.session_token(one, 1));
        assert_ne!(token, key.session_token(other, 0));
        assert_ne!(token, ServerKey::new([2; 32]).session_token(one, 0));
        assert_eq!(token.len(), 32);
    }

    #[test]
    fn what_was_sealed_opens_in_its_own_place_only() {
        let key = ServerKey::new([1; 32]);
        let sealed = key.seal("kept", b"slot 1", b"secret", &SystemEntropy).unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(key.unseal("kept", b"slot 1", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(key.unseal("kept", b"slot 2", &sealed), None);
        assert_eq!(key.unseal("other", b"slot 1", &sealed), None);
        assert_eq!(ServerKey::new([2; 32]).unseal("kept", b"slot 1", &sealed), None);
        assert_eq!(key.unseal("kept", b"slot 1", b"short"), None);
    }

    #[test]
    fn the_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.key");
        let made = ServerKey::load_or_make(&path, &SystemEntropy).unwrap();
        let read = ServerKey::load_or_make(&path, &SystemEntropy).unwrap();
        assert_eq!(made.mac("x", &[]), read.mac("x", &[]));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777, 0o600);
        std::fs::write(&path, "short").unwrap();
        let error = ServerKey::load_or_make(&path, &SystemEntropy).unwrap_err().to_string();
        assert!(error.contains("restore it from a backup"), "{error}");
    }
}
