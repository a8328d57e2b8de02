//! What a speech engine is.

use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use protocol::shop::Locale;

/// Sound as it is rendered: 16-bit little-endian mono PCM. Dropping it stops the engine.
pub struct Rendering {
    /// Samples a second.
    pub sample_rate: u32,
    /// The sound; a piece may end within a sample.
    pub pcm: Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>,
}

impl std::fmt::Debug for Rendering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendering").field("sample_rate", &self.sample_rate).finish_non_exhaustive()
    }
}

/// Why an engine does not speak.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Its program cannot be run.
    #[error("the speech program {program} cannot be run: {cause}")]
    Program {
        /// Which.
        program: &'static str,
        /// What the system says.
        cause: std::io::Error,
    },
    /// It gave no sound.
    #[error("the speech program {0} gave no sound")]
    Silent(&'static str),
}

/// Renders text as sound.
#[async_trait]
pub trait Engine: Send + Sync + std::fmt::Debug {
    /// Whether it is here and speaks the language.
    fn speaks(&self, locale: Locale) -> bool;

    /// Renders `text`. Returns once the first sound is there.
    ///
    /// # Errors
    /// It cannot.
    async fn render(&self, text: &str, locale: Locale) -> Result<Rendering, EngineError>;
}
