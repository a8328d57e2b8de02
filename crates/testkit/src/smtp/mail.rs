//! What came, and its parts.

use anyhow::{Context as _, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD};

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Head and body, without the dots that the wire needs.
    pub text: String,
}

impl Mail {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next()?;
        head.lines()
            .find_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    }

    /// The body for eyes without pictures.
    ///
    /// # Errors
    /// There is none.
    pub fn plain(&self) -> Result<String> {
        self.part("text/plain")
    }

    /// The body with a layout.
    ///
    /// # Errors
    /// There is none.
    pub fn html(&self) -> Result<String> {
        self.part("text/html")
    }

    fn part(&self, kind: &str) -> Result<String> {
        let boundary = self.text.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()).context("one part only")?;
        let part = self.text.split(&format!("--{boundary}")).find(|part| part.contains(&format!("Content-Type: {kind}")));
        let (head, body) = part.and_then(|part| part.split_once("\r\n\r\n")).with_context(|| format!("there is no {kind}"))?;
        let head = head.to_ascii_lowercase();
        let bytes = if head.contains("base64") {
            BASE64_STANDARD.decode(body.split_whitespace().collect::<String>())?
        } else if head.contains("quoted-printable") {
            quoted_printable(body)?
        } else {
            body.as_bytes().to_vec()
        };
        Ok(String::from_utf8(bytes)?)
    }
}

fn quoted_printable(text: &str) -> Result<Vec<u8>> {
    let joined = text.replace("=\r\n", "");
    let mut pieces = joined.split('=');
    let mut out = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (hex, rest) = piece.split_at_checked(2).context("a broken quoted letter")?;
        out.push(u8::from_str_radix(hex, 16)?);
        out.extend_from_slice(rest.as_bytes());
    }
    Ok(out)
}
