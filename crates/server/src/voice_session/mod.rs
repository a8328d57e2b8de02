//! Spoken conversations: what a voice agent reports of them, and what their people see afterwards.
//!
//! A page reserves a room of the media server ([`reserve`]), begins a conversation in it ([`start`]), follows its transcript
//! ([`transcript`]) and stops it ([`stop`]). The shop's voice agent asks how to hold it ([`agent`]) and reports what was said
//! ([`ingest`]). Who may hear or stop a conversation is decided in [`starter`] alone; how it ends, in [`end`].
//!
//! The server's transcript is the truth. Only final words are kept; those of anonymous callers live as long as their
//! conversation and are never listed.

mod agent;
mod diagnostics;
mod end;
mod history;
mod ingest;
mod list;
mod media;
mod page;
mod prompt;
mod reserve;
mod save;
mod settings;
mod start;
#[cfg(test)]
mod start_tests;
mod starter;
mod stop;
mod sweep;
#[cfg(test)]
mod tests;
mod transcript;
mod wire;

pub use media::{Reach, media_answers};
pub use settings::{VoiceConfig, VoiceSettings};
pub use sweep::sweep;
pub use transcript::Transcripts;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

/// Longest room label in characters.
const LONGEST_ROOM: usize = 128;
/// Longest persona in characters.
const LONGEST_PERSONA: usize = 2_000;

/// The documented endpoints about spoken conversations.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(history::get_list))
        .routes(routes!(history::get_entry))
        .routes(routes!(save::post))
        .routes(routes!(ingest::post))
        .routes(routes!(list::get_sessions))
        .routes(routes!(list::get_utterances))
        .routes(routes!(reserve::get))
        .routes(routes!(start::post))
        .routes(routes!(stop::delete))
        .routes(routes!(transcript::get))
        .routes(routes!(agent::get_briefing))
        .routes(routes!(agent::put_agent))
        .routes(routes!(diagnostics::get))
}
