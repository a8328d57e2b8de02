//! What stands behind a QR code: the address of a visit to a kiosk.

use anyhow::{Context as _, Result};
use protocol::{handoff::DISPLAY_CODE_LENGTH, routes};
use url::Url;

/// The display code of a scanned address.
///
/// # Errors
/// The address is none of a handoff.
pub fn display_code(address: &str) -> Result<String> {
    let url = Url::parse(address).with_context(|| format!("{address:?} is no address"))?;
    let code = url.path().strip_prefix(routes::PHONE_PAGE).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    anyhow::ensure!(
        code.len() == DISPLAY_CODE_LENGTH && code.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')),
        "{address:?} does not end in a display code"
    );
    Ok(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_handoffs_address_has_a_code() {
        assert_eq!(display_code("HTTP://127.0.0.1:9/K/ABCDEFGHIJKLMNOPQRSTUVWX27").unwrap(), "ABCDEFGHIJKLMNOPQRSTUVWX27");
        assert!(display_code("http://127.0.0.1:9/k").is_err());
        assert!(display_code("WIFI:T:WPA;S:shop;;").is_err());
    }
}
