//! What an operator gives the server in confidence.

use std::path::Path;

use anyhow::Context as _;
use zeroize::Zeroizing;

/// A text that is shown to nobody. It comes from the environment or a file, never from a command line, which every user of
/// the machine can read.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A secret that is known.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Reads the environment variable `name`; none where it is not set or empty.
    ///
    /// # Errors
    /// It is no text.
    pub fn from_environment(name: &str) -> anyhow::Result<Option<Self>> {
        match std::env::var(name) {
            Ok(text) => Ok(Some(Self::new(text.trim())).filter(|secret| !secret.0.is_empty())),
            Err(std::env::VarError::NotPresent) => Ok(None),
            // The error of the standard library would quote it.
            Err(std::env::VarError::NotUnicode(_)) => anyhow::bail!("{name} is no text"),
        }
    }

    /// Reads a file; space around the secret does not count.
    ///
    /// # Errors
    /// The file cannot be read, or is empty.
    pub fn from_file(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).map(Zeroizing::new);
        let text = text.with_context(|| format!("the secret in {} cannot be read", path.display()))?;
        anyhow::ensure!(!text.trim().is_empty(), "{} is empty; write the secret into it", path.display());
        Ok(Self::new(text.trim()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_from_its_file_and_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        assert!(Secret::from_file(&path).is_err());
        std::fs::write(&path, "\n").unwrap();
        assert!(Secret::from_file(&path).unwrap_err().to_string().contains("is empty"));
        std::fs::write(&path, "one two\n").unwrap();
        let secret = Secret::from_file(&path).unwrap();
        assert_eq!(secret.reveal(), "one two");
        assert_eq!(format!("{secret:?}"), "Secret");
    }
}
