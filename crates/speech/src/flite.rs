use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    process::Stdio,
};

use async_trait::async_trait;
use bytes::{Buf as _, Bytes};
use futures_util::stream;
use protocol::shop::Locale;
use tempfile::TempDir;

use crate::{
    engine::{Engine, EngineError, Rendering},
    program::{self, start},
    spoken::pieces,
    wav::read_header,
};

pub(crate) const NAME: &str = "flite";

/// English by `flite`. It writes only whole files, so a text is rendered sentence by sentence, each into a file that is
/// gone as soon as it was read.
#[derive(Clone, Debug)]
pub struct Flite {
    file: PathBuf,
    /// Where its files are for a moment.
    folder: PathBuf,
}

impl Flite {
    /// The installed one; it writes below `folder`.
    #[must_use]
    pub fn installed(folder: &Path) -> Option<Self> {
        program::installed(NAME).map(|file| Self { file, folder: folder.to_owned() })
    }

    async fn piece(&self, text: &str) -> Result<(u32, Bytes), EngineError> {
        let failed = |cause| EngineError::Program { program: NAME, cause };
        let folder = folder_below(&self.folder).map_err(failed)?;
        let sound = folder.path().join("sound.wav");
        let target = sound.to_string_lossy().into_owned();
        let arguments = ["-voice", "slt", "-f", "/dev/stdin", "-o", &target];
        let mut child = start(NAME, &self.file, &arguments, text, Stdio::null()).await?;
        child.wait().await.map_err(failed)?;
        let mut wav = Bytes::from(tokio::fs::read(&sound).await.map_err(failed)?);
        let format = read_header(&wav).ok_or(EngineError::Silent(NAME))?;
        wav.advance(format.data_at);
        Ok((format.sample_rate, wav))
    }
}

#[async_trait]
impl Engine for Flite {
    fn speaks(&self, locale: Locale) -> bool {
        locale == Locale::En
    }

    async fn render(&self, text: &str, _locale: Locale) -> Result<Rendering, EngineError> {
        let mut rest: VecDeque<String> = pieces(text).into_iter().map(str::to_owned).collect();
        let first = rest.pop_front().ok_or(EngineError::Silent(NAME))?;
        let (sample_rate, sound) = self.piece(&first).await?;
        let engine = self.clone();
        let pcm = stream::unfold((engine, Some(sound), rest), |(engine, ready, mut rest)| async move {
            if let Some(sound) = ready {
                return Some((Ok(sound), (engine, None, rest)));
            }
            let next = rest.pop_front()?;
            let sound = engine.piece(&next).await.map(|(_, sound)| sound).map_err(std::io::Error::other);
            Some((sound, (engine, None, rest)))
        });
        Ok(Rendering { sample_rate, pcm: Box::pin(pcm) })
    }
}

/// A folder that only we can read, gone when dropped.
fn folder_below(folder: &Path) -> std::io::Result<TempDir> {
    std::fs::create_dir_all(folder)?;
    tempfile::Builder::new().prefix("sound-").tempdir_in(folder)
}
