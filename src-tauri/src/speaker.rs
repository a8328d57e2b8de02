//! The core's loudspeaker: the voice's player.

use std::path::PathBuf;

use futures_util::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};
use kiosk_core::{Speaker, VoiceState, WavStream};
use protocol::speech::SpeechRequest;
use speech::Voices;
use tokio::sync::{mpsc, watch};
use voice::Player;

/// The loudspeaker of this machine.
pub(crate) struct Loudspeaker {
    player: Player,
    state: watch::Receiver<VoiceState>,
    /// What this machine speaks with by itself.
    voices: Voices,
}

impl Loudspeaker {
    /// Starts the voice at `volume`, 0 to 1. Needs the runtime.
    pub(crate) fn start(volume: f32) -> Self {
        let player = Player::start();
        player.set_volume(volume);
        let (publish, state) = watch::channel(VoiceState::default());
        let mut heard = player.state();
        tauri::async_runtime::spawn(async move {
            heard.mark_changed();
            while heard.changed().await.is_ok() {
                let voice::VoiceState { available, speaking } = *heard.borrow_and_update();
                publish.send_replace(VoiceState { available, speaking });
            }
        });
        Self { player, state, voices: Voices::in_memory(memory_folder().as_deref()) }
    }
}

/// The session's folder for files that are in memory alone. Without one, nothing that is said goes into a file.
fn memory_folder() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
    (folder.is_absolute() && folder.is_dir()).then(|| folder.join("vitrine"))
}

/// Sound that is made on the runtime of the caller, a piece ahead. Making it starts programs, and the voice's thread, which plays
/// it, has a timer and nothing else. Dropping it stops them.
fn fetched_here<T: Send + 'static>(wav: impl Stream<Item = T> + Send + 'static) -> BoxStream<'static, T> {
    let (pieces, mut made) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut wav = std::pin::pin!(wav);
        loop {
            let piece = tokio::select! {
                () = pieces.closed() => return,
                piece = wav.next() => piece,
            };
            let Some(piece) = piece else { return };
            if pieces.send(piece).await.is_err() {
                return;
            }
        }
    });
    stream::poll_fn(move |context| made.poll_recv(context)).boxed()
}

#[async_trait::async_trait]
impl Speaker for Loudspeaker {
    fn speak(&self, wav: WavStream) {
        self.player.speak(wav);
    }

    fn stop(&self) {
        self.player.stop();
    }

    async fn render(&self, request: &SpeechRequest) -> Option<WavStream> {
        match self.voices.wav(&request.input, request.locale).await {
            Ok(wav) => Some(fetched_here(wav)),
            Err(mute) => {
                tracing::warn!(%mute, "this machine does not speak either");
                None
            }
        }
    }

    fn state(&self) -> watch::Receiver<VoiceState> {
        self.state.clone()
    }
}

#[cfg(test)]
mod tests {
    use protocol::shop::Locale;

    use super::*;

    #[test]
    fn several_sentences_are_played_by_a_thread_that_can_start_no_program() {
        let folder = tempfile::tempdir().unwrap();
        let voices = Voices::in_memory(Some(folder.path()));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let wav = runtime.block_on(async {
            let text = "One fits. There are two more of them. Shall I put one into your cart?";
            fetched_here(voices.wav(text, Locale::En).await.unwrap())
        });
        let played = std::thread::spawn(|| {
            let timer = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            timer.block_on(wav.collect::<Vec<_>>())
        });
        let pieces = played.join().unwrap();
        assert!(pieces.len() > 3, "the header and a piece per sentence: {}", pieces.len());
        assert!(pieces.iter().all(Result::is_ok));
    }
}
