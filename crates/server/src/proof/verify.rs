//! A proof's own merits: shape, signature, claims. Whether it was seen before and whose key it is, is judged elsewhere.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{
    Timestamp,
    device::{Jwk, ProofClaims, ProofHeader},
};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;

use super::{Addresses, nonce::Nonces};
use crate::key::{same, sha256};

/// Longest proof in characters; an honest one has some 500.
const LONGEST: usize = 2_048;
/// Seconds that clocks may differ.
const SKEW_SECONDS: u64 = 60;
/// Characters of an id: at least 96 bits, at most what fits a memory.
const ID_LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;

/// What a proof must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's path.
    pub path: &'a str,
    /// The session token sent beside it.
    pub token: Option<&'a str>,
    /// The wall clock's time.
    pub now: Timestamp,
}

/// A proof that is good unless it was seen before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// RFC 7638 thumbprint of the key, base64url.
    pub thumbprint: String,
    /// Its id.
    pub jti: String,
}

/// Why a proof is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no `DPoP` JWT of a P-256 key.
    #[error("The device's proof cannot be read. Send a DPoP proof signed with ES256.")]
    Shape,
    /// The signature is not the key's.
    #[error("The device's proof is not signed by its key.")]
    Signature,
    /// It is for another method.
    #[error("The device's proof is for another method. Sign each call anew.")]
    Method,
    /// It is for another address.
    #[error("The device's proof is for another address. Give the kiosk the address that the server calls its public_url.")]
    Address,
    /// The clocks differ too much.
    #[error("The device's clock differs from the server's by more than a minute. Correct the time of the device.")]
    Time,
    /// The nonce is missing or old.
    #[error("The device's proof needs a fresh nonce. Try again with the DPoP-Nonce of this answer.")]
    Nonce,
    /// It is for another session token, or for none.
    #[error("The device's proof does not fit the session token.")]
    Token,
    /// It was used before.
    #[error("The device's proof was used before. Sign each call anew.")]
    Replayed,
}

/// Judges a proof.
///
/// # Errors
/// It is not good for this call.
pub(super) fn judge(proof: &str, expected: &Expected<'_>, addresses: &Addresses, nonces: &Nonces) -> Result<Verified, Refused> {
    verify(proof, expected, addresses, |nonce| nonces.accepts(nonce))
}

/// Judges a proof, with the server's own nonces known by `is_our_nonce`.
///
/// # Errors
/// It is not good for this call.
pub fn verify(
    proof: &str,
    expected: &Expected<'_>,
    addresses: &Addresses,
    is_our_nonce: impl Fn(&str) -> bool,
) -> Result<Verified, Refused> {
    if proof.len() > LONGEST {
        return Err(Refused::Shape);
    }
    let (signed, signature) = proof.rsplit_once('.').ok_or(Refused::Shape)?;
    let (header, claims) = signed.split_once('.').ok_or(Refused::Shape)?;
    let jwk = read_header(header)?;
    let point = public_point(&jwk).ok_or(Refused::Shape)?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refused::Shape)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| Refused::Signature)?;

    let claims: ProofClaims = decode(claims)?;
    if !ID_LENGTHS.contains(&claims.jti.len()) || !claims.jti.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Refused::Shape);
    }
    if claims.htm != expected.method {
        return Err(Refused::Method);
    }
    if !addresses.is_address_of(&claims.htu, expected.path) {
        return Err(Refused::Address);
    }
    if claims.iat.abs_diff(expected.now.unix_seconds()) > SKEW_SECONDS {
        return Err(Refused::Time);
    }
    if !claims.nonce.as_deref().is_some_and(is_our_nonce) {
        return Err(Refused::Nonce);
    }
    let fits = match (&claims.ath, expected.token) {
        (None, None) => true,
        (Some(hash), Some(token)) => same(hash.as_bytes(), BASE64_URL_SAFE_NO_PAD.encode(sha256(token.as_bytes())).as_bytes()),
        _ => false,
    };
    if !fits {
        return Err(Refused::Token);
    }
    Ok(Verified { thumbprint: thumbprint(&jwk), jti: claims.jti })
}

/// The RFC 7638 thumbprint of a key: SHA-256 over its required members in order, base64url.
#[must_use]
pub fn thumbprint(jwk: &Jwk) -> String {
    let members = format!(r#"{{"crv":"{}","kty":"{}","x":"{}","y":"{}"}}"#, jwk.crv, jwk.kty, jwk.x, jwk.y);
    BASE64_URL_SAFE_NO_PAD.encode(sha256(members.as_bytes()))
}

fn read_header(part: &str) -> Result<Jwk, Refused> {
    let value: Value = decode(part)?;
    // A private key never belongs into a proof (RFC 9449 section 4.3), and we understand no critical extensions.
    if value.pointer("/jwk/d").is_some() || value.get("crit").is_some() {
        return Err(Refused::Shape);
    }
    let header: ProofHeader = serde_json::from_value(value).map_err(|_| Refused::Shape)?;
    if header.typ != "dpop+jwt" || header.alg != "ES256" || header.jwk.kty != "EC" || header.jwk.crv != "P-256" {
        return Err(Refused::Shape);
    }
    Ok(header.jwk)
}

/// The key as an uncompressed point. Coordinates have one spelling only, so that a key has one thumbprint only.
fn public_point(jwk: &Jwk) -> Option<[u8; 65]> {
    let mut point = [4; 65];
    for (text, place) in [(&jwk.x, 1..33), (&jwk.y, 33..65)] {
        let bytes: [u8; 32] = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        point[place].copy_from_slice(&bytes);
    }
    Some(point)
}

fn decode<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Refused> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Shape)?;
    serde_json::from_slice(&bytes).map_err(|_| Refused::Shape)
}

#[cfg(test)]
mod tests {
    use testkit::proof::{DeviceKey, token_hash};

    use super::*;
    use crate::Config;

    const NOW: i64 = 1_770_890_400;

    fn claims() -> ProofClaims {
        ProofClaims {
            jti: "AAAAAAAAAAAAAAAAAAAAAA".into(),
            htm: "POST".into(),
            htu: "http://127.0.0.1:7070/v1/handoffs".into(),
            iat: NOW,
            nonce: Some("ours".into()),
            ath: None,
        }
    }

    fn judged(proof: &str, token: Option<&str>) -> Result<Verified, Refused> {
        let expected = Expected { method: "POST", path: "/v1/handoffs", token, now: Timestamp::from_unix_millis(NOW * 1_000) };
        verify(proof, &expected, &Addresses::new(&Config::at("data")), |nonce| nonce == "ours")
    }

    fn with(change: impl FnOnce(&mut ProofClaims)) -> Result<Verified, Refused> {
        let mut claims = claims();
        change(&mut claims);
        judged(&DeviceKey::new().unwrap().sign(&claims).unwrap(), None)
    }

    #[test]
    fn an_honest_proof_names_its_key() {
        let key = DeviceKey::new().unwrap();
        let verified = judged(&key.sign(&claims()).unwrap(), None).unwrap();
        assert_eq!(verified.thumbprint, thumbprint(key.jwk()));
        assert_eq!(verified.jti, claims().jti);
    }

    #[test]
    fn the_thumbprint_is_the_one_of_the_standard_order() {
        // RFC 7638 hashes the members in lexical order; computed once with another implementation.
        let jwk = Jwk {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs".into(),
            y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA".into(),
        };
        // The key of RFC 9449 section 4.1; its thumbprint stands in section 6.1.
        assert_eq!(thumbprint(&jwk), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }

    #[test]
    fn a_proof_for_another_method_address_or_time_is_refused() {
        assert_eq!(with(|claims| claims.htm = "GET".into()), Err(Refused::Method));
        assert_eq!(with(|claims| claims.htu = "http://127.0.0.1:7070/v1/speech".into()), Err(Refused::Address));
        assert_eq!(with(|claims| claims.htu = "https://evil.example/v1/handoffs".into()), Err(Refused::Address));
        assert_eq!(with(|claims| claims.iat -= 61), Err(Refused::Time));
        assert_eq!(with(|claims| claims.iat += 61), Err(Refused::Time));
        assert_eq!(with(|claims| claims.iat = i64::MIN), Err(Refused::Time));
        assert!(with(|claims| claims.iat -= 60).is_ok());
    }

    #[test]
    fn a_proof_without_our_nonce_is_refused() {
        assert_eq!(with(|claims| claims.nonce = None), Err(Refused::Nonce));
        assert_eq!(with(|claims| claims.nonce = Some("theirs".into())), Err(Refused::Nonce));
    }

    #[test]
    fn a_token_and_its_hash_come_together_or_not_at_all() {
        let sign = |ath: Option<String>| DeviceKey::new().unwrap().sign(&ProofClaims { ath, ..claims() }).unwrap();
        assert!(judged(&sign(Some(token_hash("secret"))), Some("secret")).is_ok());
        assert_eq!(judged(&sign(Some(token_hash("another"))), Some("secret")), Err(Refused::Token));
        assert_eq!(judged(&sign(None), Some("secret")), Err(Refused::Token));
        assert_eq!(judged(&sign(Some(token_hash("secret"))), None), Err(Refused::Token));
    }

    #[test]
    fn a_changed_proof_is_refused() {
        let proof = DeviceKey::new().unwrap().sign(&claims()).unwrap();
        let (signed, signature) = proof.rsplit_once('.').unwrap();
        let other = DeviceKey::new().unwrap().sign(&claims()).unwrap();
        let foreign = format!("{signed}.{}", other.rsplit_once('.').unwrap().1);
        assert_eq!(judged(&foreign, None), Err(Refused::Signature));
        let header = signed.split_once('.').unwrap().0;
        let changed =
            BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&ProofClaims { jti: "B".repeat(22), ..claims() }).unwrap());
        assert_eq!(judged(&format!("{header}.{changed}.{signature}"), None), Err(Refused::Signature));
    }

    #[test]
    fn what_is_no_proof_is_refused() {
        let key = DeviceKey::new().unwrap();
        let header = |typ: &str, alg: &str| ProofHeader { typ: typ.into(), alg: alg.into(), jwk: key.jwk().clone() };
        for header in [header("JWT", "ES256"), header("dpop+jwt", "none"), header("dpop+jwt", "HS256")] {
            assert_eq!(judged(&key.sign_as(&header, &claims()).unwrap(), None), Err(Refused::Shape));
        }
        let mut with_private_key = serde_json::to_value(header("dpop+jwt", "ES256")).unwrap();
        with_private_key["jwk"]["d"] = "AAAA".into();
        let honest = key.sign(&claims()).unwrap();
        let rest = honest.split_once('.').unwrap().1;
        let header = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&with_private_key).unwrap());
        assert_eq!(judged(&format!("{header}.{rest}"), None), Err(Refused::Shape));
        assert_eq!(judged(&"a".repeat(LONGEST + 1), None), Err(Refused::Shape));
        for text in ["", ".", "..", "a.b", "a.b.c", "a.b.c.d"] {
            assert_eq!(judged(text, None), Err(Refused::Shape), "{text}");
        }
    }

    #[test]
    fn an_id_that_could_be_guessed_or_is_endless_is_refused() {
        assert_eq!(with(|claims| claims.jti = "short".into()), Err(Refused::Shape));
        assert_eq!(with(|claims| claims.jti = "A".repeat(129)), Err(Refused::Shape));
    }
}
