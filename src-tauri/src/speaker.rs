//! The core's loudspeaker: the voice's player.

use std::path::PathBuf;

use futures_util::StreamExt as _;
use kiosk_core::{Speaker, VoiceState, WavStream};
use protocol::speech::SpeechRequest;
use speech::Voices;
use tokio::sync::watch;
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
            Ok(wav) => Some(wav.boxed()),
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
