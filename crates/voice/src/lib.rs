//! The kiosk's voice: plays speech while it is still being rendered.
//!
//! One [`Player`] lives as long as the program. Its thread owns the sound device, opens it again when it vanishes, and
//! leaves everything else alone when there is none. Sound comes in as a WAV that arrives in pieces of any size.

mod cookie;
mod output;
mod player;
mod speech;
mod state;
mod system;
mod wav;

pub use output::{Fault, Output, Sink, Trouble};
pub use player::{Player, Sound};
pub use speech::Speech;
pub use state::VoiceState;
