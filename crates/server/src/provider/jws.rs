//! Signed tokens (RFC 7515, RFC 7519), read strictly: one form, a closed list of algorithms, and nothing in the token chooses
//! the key but its name.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::signature;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;
/// Kinds of tokens that speak for a person. A token of another kind, such as one that says goodbye, does not.
const KINDS: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// How a token is signed. Nothing symmetric, and never nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA", alias = "Ed25519")]
    EdDsa,
}

#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<IgnoredAny>,
}

/// A token whose signature is not checked yet.
pub(super) struct Jws<'a> {
    pub(super) algorithm: Algorithm,
    /// The name of the key.
    pub(super) kid: Option<String>,
    signed: &'a [u8],
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Reads a token; none where it is no token of a form and algorithm that is taken.
    pub(super) fn read(token: &'a str) -> Option<Self> {
        if token.len() > LONGEST {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
        let header: Header = serde_json::from_slice(&part(header)?).ok()?;
        let kind = header.typ.is_none_or(|typ| KINDS.contains(&typ.to_ascii_lowercase().as_str()));
        // Whoever does not understand a critical extension has to refuse the token, and none is understood here.
        if !kind || header.crit.is_some() {
            return None;
        }
        Some(Self {
            algorithm: header.alg,
            kid: header.kid,
            signed: signed.as_bytes(),
            payload: part(payload)?,
            signature: part(signature)?,
        })
    }

    /// What the token says, which is true only if its signature is good.
    pub(super) fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.payload).ok()
    }
}

/// A key as a provider publishes it (RFC 7517).
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// A list of keys as a provider publishes it. A key that cannot be read does not spoil the others.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Jwks {
    keys: Vec<serde_json::Value>,
}

/// A key that checks signatures.
#[derive(Debug)]
struct Key {
    kid: Option<String>,
    /// The one algorithm that it is for; none: all that fit it.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Debug)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// A provider's keys.
#[derive(Debug)]
pub(super) struct Keys(Vec<Key>);

impl From<Jwks> for Keys {
    fn from(jwks: Jwks) -> Self {
        let keys = jwks.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Self(keys.filter_map(|jwk: Jwk| Key::read(&jwk)).collect())
    }
}

impl Keys {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a key may have signed this token; where not, a newer list may have one.
    pub(super) fn has(&self, jws: &Jws<'_>) -> bool {
        self.candidate(jws).is_some()
    }

    /// Whether one of these keys signed the token.
    pub(super) fn verify(&self, jws: &Jws<'_>) -> bool {
        self.candidate(jws).is_some_and(|key| key.verify(jws))
    }

    /// The key that the token names; where it names none, the only one that fits.
    fn candidate(&self, jws: &Jws<'_>) -> Option<&Key> {
        let mut fitting = self.0.iter().filter(|key| key.fits(jws.algorithm) && (jws.kid.is_none() || key.kid == jws.kid));
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }
}

impl Key {
    fn read(jwk: &Jwk) -> Option<Self> {
        let signs = jwk.used_for.as_deref().is_none_or(|used_for| used_for == "sig")
            && jwk.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !signs {
            return None;
        }
        let number = |text: &Option<String>| BASE64_URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
        let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => Material::Rsa { n: number(&jwk.n)?, e: number(&jwk.e)? },
            ("EC", Some("P-256")) => {
                let (x, y) = (number(&jwk.x)?, number(&jwk.y)?);
                if (x.len(), y.len()) != (32, 32) {
                    return None;
                }
                Material::P256([&[4], x.as_slice(), y.as_slice()].concat())
            }
            ("OKP", Some("Ed25519")) => Material::Ed25519(number(&jwk.x)?),
            _ => return None,
        };
        let algorithm = match &jwk.alg {
            // A key for an algorithm that is not taken is of no use.
            Some(name) => Some(serde_json::from_value(name.as_str().into()).ok()?),
            None => None,
        };
        Some(Self { kid: jwk.kid.clone(), algorithm, material })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let of_kind = match self.material {
            Material::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Material::P256(_) => algorithm == Algorithm::Es256,
            Material::Ed25519(_) => algorithm == Algorithm::EdDsa,
        };
        of_kind && self.algorithm.is_none_or(|only| only == algorithm)
    }

    fn verify(&self, jws: &Jws<'_>) -> bool {
        let plain = |algorithm: &'static dyn signature::VerificationAlgorithm, key: &[u8]| {
            signature::UnparsedPublicKey::new(algorithm, key).verify(jws.signed, &jws.signature)
        };
        let checked = match (&self.material, jws.algorithm) {
            (Material::Rsa { n, e }, Algorithm::Rs256) => signature::RsaPublicKeyComponents { n, e }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                jws.signed,
                &jws.signature,
            ),
            (Material::Rsa { n, e }, Algorithm::Ps256) => signature::RsaPublicKeyComponents { n, e }.verify(
                &signature::RSA_PSS_2048_8192_SHA256,
                jws.signed,
                &jws.signature,
            ),
            (Material::P256(key), Algorithm::Es256) => plain(&signature::ECDSA_P256_SHA256_FIXED, key),
            (Material::Ed25519(key), Algorithm::EdDsa) => plain(&signature::ED25519, key),
            _ => return false,
        };
        checked.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The example of RFC 7515, appendix A.3: ES256.
    const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn jwk() -> serde_json::Value {
        json!({
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        })
    }

    fn keys(list: &[serde_json::Value]) -> Keys {
        serde_json::from_value::<Jwks>(json!({"keys": list})).unwrap().into()
    }

    fn header(header: &serde_json::Value) -> String {
        let (_, rest) = SIGNED.split_once('.').unwrap();
        format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()))
    }

    #[test]
    fn the_example_of_the_standard_is_good_and_every_change_of_it_is_not() {
        let jws = Jws::read(SIGNED).unwrap();
        assert!(keys(&[jwk()]).verify(&jws));
        for place in [25, 60, SIGNED.len() - 3] {
            let mut changed = SIGNED.to_owned();
            let other = if changed.as_bytes()[place] == b'A' { "B" } else { "A" };
            changed.replace_range(place..=place, other);
            assert!(!Jws::read(&changed).is_some_and(|jws| keys(&[jwk()]).verify(&jws)), "{place}");
        }
    }

    #[test]
    fn a_token_does_not_choose_how_it_is_checked() {
        for bad in [
            json!({"alg": "none"}),
            json!({"alg": "HS256"}),
            json!({"alg": "RS512"}),
            json!({"alg": "ES256", "crit": ["exp"]}),
            json!({"alg": "ES256", "typ": "logout+jwt"}),
            json!({"alg": "ES256", "typ": "dpop+jwt"}),
            json!({}),
        ] {
            assert!(Jws::read(&header(&bad)).is_none(), "{bad}");
        }
        let with_its_own_key = header(&json!({"alg": "ES256", "jwk": jwk(), "typ": "JWT"}));
        assert!(!keys(&[]).has(&Jws::read(&with_its_own_key).unwrap()));
    }

    #[test]
    fn a_key_checks_only_what_it_is_for() {
        let jws = Jws::read(SIGNED).unwrap();
        let with = |name: &str, value: serde_json::Value| {
            let mut key = jwk();
            key[name] = value;
            keys(&[key])
        };
        assert!(with("use", json!("sig")).verify(&jws) && with("alg", json!("ES256")).verify(&jws));
        assert_eq!(with("use", json!("enc")).len(), 0);
        assert_eq!(with("key_ops", json!(["sign"])).len(), 0);
        assert_eq!(with("alg", json!("HS256")).len(), 0);
        assert_eq!(with("kty", json!("oct")).len(), 0);
        assert!(!keys(&[jwk(), jwk()]).has(&jws), "it names no key, and two fit");
    }

    #[test]
    fn a_key_is_found_by_its_name() {
        let named = |kid: &str| {
            let mut key = jwk();
            key["kid"] = kid.into();
            key
        };
        let token = header(&json!({"alg": "ES256", "kid": "b"}));
        let jws = Jws::read(&token).unwrap();
        assert!(keys(&[named("a"), named("b")]).has(&jws));
        assert!(!keys(&[named("a"), jwk()]).has(&jws));
        assert!(!keys(&[named("b")]).verify(&jws), "another header is another signature");
    }

    #[test]
    fn what_is_no_token_is_none() {
        for bad in ["", ".", "..", "a.b.c", "a.b.c.d", &"a".repeat(20_000), &format!("{SIGNED}="), &SIGNED.replace('.', " .")] {
            assert!(Jws::read(bad).is_none(), "{bad}");
        }
    }
}
