use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use protocol::shop::Locale;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::{
    engine::{Engine, Rendering},
    espeak::Espeak,
    flite::Flite,
    spoken::spoken,
    wav::streaming_header,
};

/// Texts rendered side by side.
const SIDE_BY_SIDE: usize = 8;
/// Longest wait for a place among them.
const WAIT: Duration = Duration::from_secs(2);
/// Longest wait for the first sound.
const FIRST_SOUND: Duration = Duration::from_secs(5);
/// Longest time for a whole text.
const WHOLE: Duration = Duration::from_mins(2);

/// The engines of this machine, in order of preference.
#[derive(Clone, Debug)]
pub struct Voices {
    engines: Vec<Arc<dyn Engine>>,
    places: Arc<Semaphore>,
}

/// Why nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mute {
    /// No engine speaks this language.
    #[error("No speech engine is installed for this language. Install flite or espeak-ng.")]
    NoEngine,
    /// Engines are there, but none gave a sound in time.
    #[error("Speech is not available just now. Show the text instead.")]
    NotNow,
    /// There is nothing to say in the text.
    #[error("The text has nothing that can be said.")]
    Nothing,
}

impl Voices {
    /// Those installed here. What they must write for a moment goes below `folder`.
    #[must_use]
    pub fn installed(folder: &Path) -> Self {
        Self::found(Some(folder))
    }

    /// Those installed here of which nothing gets to a disk: `folder`, where there is one, must be in memory.
    #[must_use]
    pub fn in_memory(folder: Option<&Path>) -> Self {
        Self::found(folder)
    }

    /// Flite needs a folder.
    fn found(folder: Option<&Path>) -> Self {
        let flite = folder.and_then(Flite::installed).map(|engine| Arc::new(engine) as Arc<dyn Engine>);
        let espeak = Espeak::installed().map(|engine| Arc::new(engine) as Arc<dyn Engine>);
        Self::new(flite.into_iter().chain(espeak).collect())
    }

    /// These.
    #[must_use]
    pub fn new(engines: Vec<Arc<dyn Engine>>) -> Self {
        Self { engines, places: Arc::new(Semaphore::new(SIDE_BY_SIDE)) }
    }

    /// `text` as a WAV that comes while it is rendered. Dropping it stops the engine.
    ///
    /// # Errors
    /// No engine can say it now.
    pub async fn wav(
        &self,
        text: &str,
        locale: Locale,
    ) -> Result<impl Stream<Item = std::io::Result<Bytes>> + Send + use<>, Mute> {
        let text = spoken(text, locale);
        if !text.chars().any(char::is_alphanumeric) {
            return Err(Mute::Nothing);
        }
        if !self.engines.iter().any(|engine| engine.speaks(locale)) {
            return Err(Mute::NoEngine);
        }
        let place = tokio::time::timeout(WAIT, self.places.clone().acquire_owned()).await;
        let place = place.ok().and_then(Result::ok).ok_or(Mute::NotNow)?;
        for engine in self.engines.iter().filter(|engine| engine.speaks(locale)) {
            match tokio::time::timeout(FIRST_SOUND, engine.render(&text, locale)).await {
                Ok(Ok(rendering)) => return Ok(sounding(rendering, place)),
                Ok(Err(error)) => tracing::warn!(%error, ?engine, "a speech engine failed"),
                Err(_) => tracing::warn!(?engine, "a speech engine took too long"),
            }
        }
        Err(Mute::NotNow)
    }
}

/// The header, then the sound, until the time is up; the place is held as long.
fn sounding(rendering: Rendering, place: OwnedSemaphorePermit) -> impl Stream<Item = std::io::Result<Bytes>> + Send + use<> {
    let header = Bytes::copy_from_slice(&streaming_header(rendering.sample_rate));
    let until = Instant::now() + WHOLE;
    let sound = stream::unfold((rendering.pcm, place), move |(mut pcm, place)| async move {
        let piece = tokio::time::timeout_at(until, pcm.next()).await.ok().flatten()?;
        Some((piece, (pcm, place)))
    });
    stream::once(async { Ok(header) }).chain(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed() -> (Voices, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Voices::installed(folder.path()), folder)
    }

    async fn said(text: &str, locale: Locale) -> Vec<u8> {
        let (voices, folder) = installed();
        let pieces: Vec<_> = Box::pin(voices.wav(text, locale).await.unwrap()).collect().await;
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "sound stays behind");
        pieces.into_iter().flat_map(|piece| piece.unwrap()).collect()
    }

    fn seconds(wav: &[u8]) -> f64 {
        let format = crate::wav::read_header(wav).unwrap();
        f64::from(u32::try_from(wav.len() - format.data_at).unwrap()) / 2.0 / f64::from(format.sample_rate)
    }

    fn loudest(wav: &[u8]) -> u16 {
        wav[44..].chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]]).unsigned_abs()).max().unwrap_or_default()
    }

    #[tokio::test]
    async fn each_language_is_heard() {
        for (text, locale) in [
            ("Good evening, Asha. Shall we go on?", Locale::En),
            ("नमस्ते, आपका स्वागत है।", Locale::Hi),
            ("Buenas tardes, ¿seguimos?", Locale::Es),
            ("مرحبا، هل نواصل؟", Locale::Ar),
        ] {
            let wav = said(text, locale).await;
            assert!((0.8..8.0).contains(&seconds(&wav)), "{text}: {} s", seconds(&wav));
            assert!(loudest(&wav) > 2_000, "{text} is silent");
        }
    }

    #[tokio::test]
    async fn twice_the_text_takes_about_twice_the_time() {
        let once = seconds(&said("Three black kurtas.", Locale::En).await);
        let twice = seconds(&said("Three black kurtas. Three black kurtas.", Locale::En).await);
        assert!((1.7..2.3).contains(&(twice / once)), "{once} s, {twice} s");
    }

    #[tokio::test]
    async fn what_cannot_be_said_is_told() {
        let mute = |voices: Voices, text: &'static str| async move { voices.wav(text, Locale::En).await.err() };
        assert_eq!(mute(Voices::new(Vec::new()), "Hello").await, Some(Mute::NoEngine));
        assert_eq!(mute(installed().0, " ** \u{7}").await, Some(Mute::Nothing));
        assert_eq!(mute(Voices::new(vec![Arc::new(Broken)]), "Hello").await, Some(Mute::NotNow));
    }

    #[tokio::test]
    async fn an_engine_that_fails_is_stood_in_for() {
        let espeak = Espeak::installed().map(|engine| Arc::new(engine) as Arc<dyn Engine>).unwrap();
        let voices = Voices::new(vec![Arc::new(Broken), espeak]);
        let pieces: Vec<_> = Box::pin(voices.wav("Hello", Locale::En).await.unwrap()).collect().await;
        assert!(pieces.len() > 1);
    }

    #[tokio::test]
    async fn a_dropped_sound_gives_its_place_back() {
        let (voices, _folder) = installed();
        for _ in 0..SIDE_BY_SIDE * 2 {
            let mut sound = Box::pin(voices.wav("Hello there, this is a sentence.", Locale::Es).await.unwrap());
            assert!(sound.next().await.is_some());
        }
        assert_eq!(voices.places.available_permits(), SIDE_BY_SIDE);
    }

    #[derive(Debug)]
    struct Broken;

    #[async_trait::async_trait]
    impl Engine for Broken {
        fn speaks(&self, _locale: Locale) -> bool {
            true
        }
        async fn render(&self, _text: &str, _locale: Locale) -> Result<Rendering, crate::engine::EngineError> {
            Err(crate::engine::EngineError::Silent("broken"))
        }
    }
}
