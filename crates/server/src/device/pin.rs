use std::num::NonZeroU32;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::device::StaffPin;
use ring::pbkdf2;

use crate::{key::ServerKey, secret::Secret};

/// A device checks a PIN in a tenth of a second or so. Ten thousand PINs are soon tried all the same by whoever has this, so it goes
/// to enrolled devices alone.
const ROUNDS: NonZeroU32 = match NonZeroU32::new(100_000) {
    Some(rounds) => rounds,
    None => NonZeroU32::MIN,
};

/// The PIN as devices get it: the same from every node.
#[must_use]
pub fn staff_pin(pin: &Secret, key: &ServerKey) -> StaffPin {
    let salt = &key.mac("salt of the staff's PIN", &[])[..16];
    let mut hash = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt, pin.reveal().as_bytes(), &mut hash);
    StaffPin { salt: URL_SAFE_NO_PAD.encode(salt), rounds: ROUNDS.get(), hash: URL_SAFE_NO_PAD.encode(hash) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_gives_the_same_and_another_server_another_one() {
        let pin = |digits: &str, key: u8| staff_pin(&Secret::new(digits), &ServerKey::new([key; 32]));
        assert_eq!(pin("2580", 1), pin("2580", 1));
        assert_ne!(pin("2580", 1).hash, pin("2581", 1).hash);
        assert_ne!(pin("2580", 1).salt, pin("2580", 2).salt);
        assert!(!format!("{:?}", pin("2580", 1)).contains("2580"));
    }
}
