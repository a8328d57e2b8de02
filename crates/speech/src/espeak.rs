use std::{path::PathBuf, process::Stdio};

use async_trait::async_trait;
use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::stream;
use protocol::shop::Locale;
use tokio::io::AsyncReadExt as _;

use crate::{
    engine::{Engine, EngineError, Rendering},
    program::{self, start},
    wav::{HEADER_BYTES, read_header},
};

pub(crate) const NAME: &str = "espeak-ng";
/// Bytes taken from the program at a time: an eighth of a second.
const PIECE: usize = 8 * 1024;

/// Many languages by `espeak-ng`, which writes its sound while it renders.
#[derive(Clone, Debug)]
pub struct Espeak {
    file: PathBuf,
}

impl Espeak {
    /// The installed one.
    #[must_use]
    pub fn installed() -> Option<Self> {
        program::installed(NAME).map(|file| Self { file })
    }
}

#[async_trait]
impl Engine for Espeak {
    fn speaks(&self, _locale: Locale) -> bool {
        true
    }

    async fn render(&self, text: &str, locale: Locale) -> Result<Rendering, EngineError> {
        let voice = match locale {
            Locale::En => "en",
            Locale::Hi => "hi",
            Locale::Es => "es",
            Locale::Ar => "ar",
        };
        let failed = |cause| EngineError::Program { program: NAME, cause };
        let mut child = start(NAME, &self.file, &["-v", voice, "-b", "1", "--stdin", "--stdout"], text, Stdio::piped()).await?;
        let mut output = child.stdout.take().ok_or(EngineError::Silent(NAME))?;
        let mut begun = BytesMut::with_capacity(PIECE);
        let format = loop {
            if output.read_buf(&mut begun).await.map_err(failed)? == 0 {
                return Err(EngineError::Silent(NAME));
            }
            if let Some(format) = read_header(&begun).filter(|format| begun.len() > format.data_at) {
                break format;
            }
            if begun.len() > HEADER_BYTES * 16 {
                return Err(EngineError::Silent(NAME));
            }
        };
        begun.advance(format.data_at);
        // The process lives in the stream's state, so that it dies with the stream.
        let pcm = stream::unfold((child, output, begun.freeze()), |(child, mut output, ready)| async move {
            if !ready.is_empty() {
                return Some((Ok(ready), (child, output, Bytes::new())));
            }
            let mut piece = BytesMut::with_capacity(PIECE);
            match output.read_buf(&mut piece).await {
                Ok(0) => None,
                Ok(_) => Some((Ok(piece.freeze()), (child, output, Bytes::new()))),
                Err(error) => Some((Err(error), (child, output, Bytes::new()))),
            }
        });
        Ok(Rendering { sample_rate: format.sample_rate, pcm: Box::pin(pcm) })
    }
}
