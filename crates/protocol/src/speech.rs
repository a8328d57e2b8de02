//! Text to speech: `POST /v1/speech` answers `audio/wav`, 16-bit mono PCM, streamed as it is rendered.

use serde::{Deserialize, Serialize};

use crate::shop::Locale;

/// Longest text of one request, in characters.
pub const MAX_CHARACTERS: usize = 4_096;

/// `POST /v1/speech`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpeechRequest {
    /// What to say.
    pub input: String,
    /// In which language.
    #[serde(default)]
    pub locale: Locale,
}
