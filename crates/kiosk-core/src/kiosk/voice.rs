//! What the voice says, and when it stops.

use protocol::speech::{MAX_CHARACTERS, SpeechRequest};

use super::Kiosk;
use crate::{
    VoiceState,
    message::{Effect, Moment},
    state::State,
};

/// The voice, as far as the kiosk knows.
#[derive(Default)]
pub(crate) struct Voice {
    /// The loudspeaker's own news.
    pub(crate) device: VoiceState,
    /// The customer switched it off.
    pub(crate) muted: bool,
    /// Counts what it was asked to say; what is not the last of it is not played.
    pub(super) utterance: u64,
    /// Speech is on its way.
    pub(super) fetching: bool,
    /// What the server is asked to say, in case that it does not.
    pub(super) asked: Option<SpeechRequest>,
}

impl Kiosk {
    /// Says something, in place of what was being said.
    pub(super) fn say(&mut self, text: &str) {
        if self.voice.muted || !self.voice.device.available || text.trim().is_empty() {
            return;
        }
        self.voice.utterance += 1;
        self.voice.fetching = true;
        let input = text.chars().take(MAX_CHARACTERS).collect();
        let request = SpeechRequest { input, locale: self.locale };
        let utterance = self.voice.utterance;
        if self.online {
            self.voice.asked = Some(request.clone());
            self.act(Effect::RequestSpeech(utterance, request));
        } else {
            self.voice.asked = None;
            self.act(Effect::Render(utterance, request));
        }
    }

    /// Stops the voice, and what it was to say.
    pub(super) fn hush(&mut self) {
        self.voice.utterance += 1;
        self.voice.fetching = false;
        self.voice.asked = None;
        self.act(Effect::Silence);
    }

    pub(super) fn is_speaking(&self) -> bool {
        self.voice.device.speaking || self.voice.fetching
    }

    pub(super) fn voice_changed(&mut self, voice: VoiceState, now: Moment) {
        let was = std::mem::replace(&mut self.voice.device, voice);
        if was.speaking && !voice.speaking {
            self.voice_ended(now);
        }
    }

    /// Silence begins.
    pub(super) fn voice_ended(&mut self, now: Moment) {
        if let State::Conversation(conversation) = &mut self.state {
            conversation.idle.heard(now);
        }
    }
}
