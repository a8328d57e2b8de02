//! The proof of the device's key that each call carries.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{
    Entropy,
    device::{ProofClaims, ProofHeader},
};

use super::token_hash;
use crate::device_key::DeviceKey;

/// What one proof is about.
pub(super) struct Subject<'a> {
    /// `GET`, `POST` or `DELETE`.
    pub(super) method: &'a str,
    /// Without query and fragment.
    pub(super) address: &'a str,
    /// Seconds since 1970 by the server's clock.
    pub(super) issued_at: i64,
    /// The server's last nonce.
    pub(super) nonce: Option<String>,
    /// The token sent beside it.
    pub(super) token: Option<&'a str>,
}

/// A signed proof, or none where the machine gives no randomness for the signature.
pub(super) fn sign(key: &DeviceKey, entropy: &dyn Entropy, subject: Subject<'_>) -> Option<String> {
    let mut jti = [0; 16];
    entropy.fill(&mut jti);
    let header = ProofHeader { typ: "dpop+jwt".into(), alg: "ES256".into(), jwk: key.public().clone() };
    let claims = ProofClaims {
        jti: URL_SAFE_NO_PAD.encode(jti),
        htm: subject.method.to_owned(),
        htu: subject.address.to_owned(),
        iat: subject.issued_at,
        nonce: subject.nonce,
        ath: subject.token.map(token_hash),
    };
    let signed = format!("{}.{}", part(&header)?, part(&claims)?);
    let signature = key.sign(signed.as_bytes())?;
    Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn part(value: &impl serde::Serialize) -> Option<String> {
    serde_json::to_vec(value).ok().map(|json| URL_SAFE_NO_PAD.encode(json))
}

#[cfg(test)]
mod tests {
    use protocol::ambient::SystemEntropy;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    fn decode(part: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(part).unwrap()
    }

    #[test]
    fn a_proof_verifies_with_the_public_key_it_carries() {
        let key = DeviceKey::from_pkcs8(&DeviceKey::generate().unwrap()).unwrap();
        let subject = Subject {
            method: "POST",
            address: "http://127.0.0.1:7878/v1/handoffs",
            issued_at: 1_770_890_400,
            nonce: Some("n".into()),
            token: Some("secret"),
        };
        let proof = sign(&key, &SystemEntropy, subject).unwrap();

        let parts: Vec<&str> = proof.split('.').collect();
        let header: ProofHeader = serde_json::from_slice(&decode(parts[0])).unwrap();
        let claims: ProofClaims = serde_json::from_slice(&decode(parts[1])).unwrap();
        let point = [vec![4], decode(&header.jwk.x), decode(&header.jwk.y)].concat();
        let signed = format!("{}.{}", parts[0], parts[1]);
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &decode(parts[2])).unwrap();
        assert_eq!((claims.htm.as_str(), claims.htu.as_str()), ("POST", "http://127.0.0.1:7878/v1/handoffs"));
        assert_eq!(claims.ath.unwrap(), URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, b"secret")));
        assert!(decode(&claims.jti).len() >= 12);
    }
}
