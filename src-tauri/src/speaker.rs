//! The core's loudspeaker: the voice's player.

use kiosk_core::{Speaker, VoiceState, WavStream};
use tokio::sync::watch;
use voice::Player;

/// The loudspeaker of this machine.
pub(crate) struct Loudspeaker {
    player: Player,
    state: watch::Receiver<VoiceState>,
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
        Self { player, state }
    }
}

impl Speaker for Loudspeaker {
    fn speak(&self, wav: WavStream) {
        self.player.speak(wav);
    }

    fn stop(&self) {
        self.player.stop();
    }

    fn state(&self) -> watch::Receiver<VoiceState> {
        self.state.clone()
    }
}
