//! Whether an intent is well formed, whatever the kiosk is doing.

use std::collections::BTreeMap;

use protocol::{ApiError, ErrorCode, ids::Sku, intent::Intent, kiosk_profile::LONGEST_VALUE, look_up::LONGEST_LOOK_UP};

/// Longest message of a customer, in characters.
const MAX_MESSAGE: usize = 4_000;
/// Most pieces of one cart line.
pub(crate) const MAX_QUANTITY: u32 = 99;
/// Longest product id, option name or option value, in characters.
const MAX_NAME: usize = 100;
/// Most options of one cart line.
const MAX_OPTIONS: usize = 10;

pub(crate) fn check(intent: &Intent) -> Result<(), ApiError> {
    match intent {
        Intent::PressDigit { digit } | Intent::PressPin { digit } if *digit > 9 => wrong("A digit is 0 to 9."),
        Intent::SendMessage { text } if text.trim().is_empty() => wrong("Write something first."),
        Intent::SendMessage { text } if text.chars().count() > MAX_MESSAGE => {
            wrong("The message is too long. Please send it in shorter pieces of up to 4000 characters.")
        }
        Intent::LookUp { text } if text.chars().count() > LONGEST_LOOK_UP => {
            wrong("The text is too long. Look up a product by some of its words.")
        }
        Intent::ChangeProfile { value: Some(value), .. } if !is_value(value) => {
            wrong("That cannot be kept. Please choose again.")
        }
        Intent::SetQuantity { quantity, .. } if *quantity > MAX_QUANTITY => {
            wrong("At most 99 pieces of one product are possible.")
        }
        Intent::AddToCart { sku, options } | Intent::SetQuantity { sku, options, .. } => product(sku, options),
        _ => Ok(()),
    }
}

fn is_value(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST_VALUE && !text.chars().any(char::is_control)
}

fn product(sku: &Sku, options: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let long = |text: &str| text.chars().count() > MAX_NAME;
    if sku.0.is_empty()
        || long(&sku.0)
        || options.len() > MAX_OPTIONS
        || options.iter().any(|(name, value)| long(name) || long(value))
    {
        return wrong("That product cannot be read. Please choose it again.");
    }
    Ok(())
}

fn wrong(detail: &str) -> Result<(), ApiError> {
    Err(ApiError::new(ErrorCode::ValidationError, detail))
}

#[cfg(test)]
mod tests {
    use protocol::kiosk_profile::ProfileField;

    use super::*;

    #[test]
    fn what_no_screen_sends_is_refused() {
        let long = "x".repeat(MAX_MESSAGE + 1);
        for intent in [
            Intent::PressDigit { digit: 10 },
            Intent::SendMessage { text: "  ".into() },
            Intent::SendMessage { text: long.clone() },
            Intent::LookUp { text: long },
            Intent::ChangeProfile { field: ProfileField::ShoeSize, value: Some(" ".into()) },
            Intent::ChangeProfile { field: ProfileField::ShoeSize, value: Some("4".repeat(21)) },
            Intent::AddToCart { sku: "".into(), options: BTreeMap::new() },
            Intent::SetQuantity { sku: "SKU-1".into(), options: BTreeMap::new(), quantity: 100 },
            Intent::SetQuantity { sku: "SKU-1".into(), options: [("size".to_owned(), "x".repeat(101))].into(), quantity: 1 },
        ] {
            assert_eq!(check(&intent).unwrap_err().code, ErrorCode::ValidationError);
        }
    }

    #[test]
    fn what_a_screen_sends_is_taken() {
        for intent in [
            Intent::PressDigit { digit: 9 },
            Intent::LookUp { text: String::new() },
            Intent::ChangeProfile { field: ProfileField::ShoeSize, value: Some("42".into()) },
            Intent::ChangeProfile { field: ProfileField::Fit, value: None },
            Intent::SendMessage { text: "ह".repeat(MAX_MESSAGE) },
            Intent::SetQuantity { sku: "SKU-1".into(), options: BTreeMap::new(), quantity: 0 },
        ] {
            assert_eq!(check(&intent), Ok(()));
        }
    }
}
