use lettre::Address;

/// Longest e-mail in characters.
const LONGEST: usize = 254;

/// What was typed is no e-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Enter a valid email address.")]
pub struct InvalidEmail;

/// An e-mail as it is kept and compared: in lower case, without space around it.
///
/// # Errors
/// It is none.
pub fn normalise(typed: &str) -> Result<String, InvalidEmail> {
    let email = typed.trim().to_lowercase();
    let plain = email.chars().count() <= LONGEST
        && !email.chars().any(|letter| letter.is_control() || letter.is_whitespace() || matches!(letter, '"' | '<' | '>' | ','));
    if plain && email.parse::<Address>().is_ok() { Ok(email) } else { Err(InvalidEmail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_kept_in_lower_case() {
        for typed in ["Asha@Shop.Example", " asha@shop.example\n"] {
            assert_eq!(normalise(typed).as_deref(), Ok("asha@shop.example"));
        }
        assert_eq!(normalise("asha+shop@mail.example").as_deref(), Ok("asha+shop@mail.example"));
    }

    #[test]
    fn what_is_no_email_is_refused() {
        let long = format!("{}@shop.example", "a".repeat(250));
        for typed in [
            "",
            "asha",
            "@shop.example",
            "asha@",
            "a b@shop.example",
            "\"a b\"@shop.example",
            "a@b@c.example",
            &long,
            "asha@shop.example\r\nBcc: all@shop.example",
            "Asha <asha@shop.example>",
            "a@x.example,b@x.example",
            "a@-.example",
        ] {
            assert_eq!(normalise(typed), Err(InvalidEmail), "{typed}");
        }
    }
}
