//! The two digits that a phone shows and a kiosk is told. They are derived, never stored, and never sent to the kiosk.

use protocol::ids::{ClaimId, HandoffId};
use ring::hkdf::{HKDF_SHA256, Salt};

use crate::key::{ServerKey, same};

/// The digits of a claim, 10 to 99: HKDF over the server's key, the handoff, the claim and the kiosk's ephemeral key.
#[must_use]
pub fn digits(key: &ServerKey, handoff: HandoffId, claim: ClaimId, ephemeral_key: &[u8]) -> String {
    let secret = zeroize::Zeroizing::new(key.mac("handoff digits", &[]));
    let pseudorandom = Salt::new(HKDF_SHA256, handoff.0.as_bytes()).extract(secret.as_slice());
    let mut bytes = [0; 32];
    let filled =
        pseudorandom.expand(&[claim.0.as_bytes(), ephemeral_key], HKDF_SHA256).and_then(|output| output.fill(&mut bytes));
    // HKDF refuses only lengths that are not ours.
    debug_assert!(filled.is_ok(), "32 bytes are one block of HKDF-SHA256");
    // 180 is the largest multiple of 90 in a byte. That all 32 bytes lie above it happens once in 10^17 claims.
    let fair = bytes.iter().find(|byte| **byte < 180).copied().unwrap_or(bytes[0]);
    (10 + fair % 90).to_string()
}

/// Whether what was typed are these digits, in the same time wherever they differ.
#[must_use]
pub fn match_digits(typed: &str, digits: &str) -> bool {
    same(typed.as_bytes(), digits.as_bytes())
}

/// Whether the text can be what somebody typed on a number pad.
#[must_use]
pub fn are_two_digits(typed: &str) -> bool {
    typed.len() == 2 && typed.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;

    fn of(key: u8, handoff: u128, claim: u128, ephemeral: u8) -> String {
        digits(&ServerKey::new([key; 32]), HandoffId(Uuid::from_u128(handoff)), ClaimId(Uuid::from_u128(claim)), &[ephemeral; 32])
    }

    #[test]
    fn every_number_from_10_to_99_comes_about_as_often() {
        let mut counts = BTreeMap::new();
        for claim in 0..18_000 {
            *counts.entry(of(1, 1, claim, 1)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 90);
        assert!(
            counts.iter().all(|(digits, count)| are_two_digits(digits) && digits.as_str() >= "10" && (130..=270).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn they_depend_on_key_handoff_claim_and_ephemeral_key() {
        let many = |change: &dyn Fn(u8) -> String| (0..40).map(change).collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(of(1, 2, 3, 4), of(1, 2, 3, 4));
        assert!(many(&|n| of(n, 2, 3, 4)) > 10);
        assert!(many(&|n| of(1, n.into(), 3, 4)) > 10);
        assert!(many(&|n| of(1, 2, n.into(), 4)) > 10);
        assert!(many(&|n| of(1, 2, 3, n)) > 10);
    }

    #[test]
    fn only_two_digits_are_two_digits() {
        assert!(are_two_digits("07"));
        for text in ["", "7", "123", "1a", "١٢"] {
            assert!(!are_two_digits(text), "{text}");
        }
        assert!(match_digits("42", "42"));
        assert!(!match_digits("42", "43"));
        assert!(!match_digits("4", "42"));
    }
}
