//! What others may know about the voice.

/// The voice at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceState {
    /// There is a sound device.
    pub available: bool,
    /// It is speaking: true from the order to speak until the last sample was heard.
    pub speaking: bool,
}
