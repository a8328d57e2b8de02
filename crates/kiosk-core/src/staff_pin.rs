//! Checking the staff's PIN, without the server.

use std::num::NonZeroU32;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::device::StaffPin;
use ring::pbkdf2;

/// Whether `typed` is the PIN. Takes a while on purpose; blocks.
pub(crate) fn is_right(typed: &str, pin: &StaffPin) -> bool {
    let (Ok(salt), Ok(hash)) = (URL_SAFE_NO_PAD.decode(&pin.salt), URL_SAFE_NO_PAD.decode(&pin.hash)) else { return false };
    let Some(rounds) = NonZeroU32::new(pin.rounds) else { return false };
    pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, typed.as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pin_is_right_and_damage_opens_nothing() {
        // PBKDF2-HMAC-SHA-256 of "2580" with the salt "0123456789abcdef" and 1000 rounds, by another implementation.
        let pin = StaffPin {
            salt: "MDEyMzQ1Njc4OWFiY2RlZg".into(),
            rounds: 1_000,
            hash: "FW5_B4dM4mDft_2Bxip8C66spqFO_eexP1brA4dwbqc".into(),
        };
        assert!(is_right("2580", &pin));
        assert!(!is_right("2581", &pin) && !is_right("", &pin));
        for damaged in [
            StaffPin { rounds: 0, ..pin.clone() },
            StaffPin { hash: String::new(), ..pin.clone() },
            StaffPin { salt: "!".into(), ..pin.clone() },
        ] {
            assert!(!is_right("2580", &damaged), "{damaged:?}");
        }
    }
}
