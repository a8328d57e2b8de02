//! The loudspeaker as the core needs it.

use std::io;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use protocol::speech::SpeechRequest;
use tokio::sync::watch;

/// A WAV file as it arrives: 16-bit mono PCM behind its header.
pub type WavStream = BoxStream<'static, io::Result<Bytes>>;

/// Plays speech. Calls return at once and never block, but for [`Self::render`].
#[async_trait]
pub trait Speaker: Send + Sync {
    /// Plays a WAV while it still arrives. What was playing stops first.
    fn speak(&self, wav: WavStream);

    /// Silences the voice within 50 ms and forgets what was still to be played.
    fn stop(&self);

    /// Speech by this machine itself, for times when the server does not speak; none where it cannot. Whoever overrides it leaves
    /// nothing of the text behind.
    async fn render(&self, _request: &SpeechRequest) -> Option<WavStream> {
        None
    }

    /// How the voice is doing, now and later.
    fn state(&self) -> watch::Receiver<VoiceState>;
}

/// How the voice is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceState {
    /// There is a sound device.
    pub available: bool,
    /// It is speaking now: true from the call of [`Speaker::speak`] to the last sample.
    pub speaking: bool,
}
