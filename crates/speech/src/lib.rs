//! Text to speech by the programs of this machine: texts go to engines behind a trait, sound comes back while it is rendered.
//!
//! The server speaks for its kiosks with it, and a kiosk for itself while the server is out of reach.

mod engine;
mod espeak;
mod flite;
mod program;
mod spoken;
mod voices;
mod wav;

pub use engine::{Engine, EngineError, Rendering};
pub use espeak::Espeak;
pub use flite::Flite;
pub use voices::{Mute, Voices};

/// The engines that this machine has, by their names.
#[must_use]
pub fn installed_engines() -> Vec<&'static str> {
    [flite::NAME, espeak::NAME].into_iter().filter(|name| program::installed(name).is_some()).collect()
}
