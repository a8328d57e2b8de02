//! Spoken conversations: what a voice agent reports of them, and what their people see afterwards.
//!
//! The server's transcript is the truth. Only final words are kept; those of anonymous callers live as long as their
//! conversation and are never listed.

mod history;
mod ingest;
mod list;
mod page;
mod save;
#[cfg(test)]
mod tests;
mod wire;

pub use ingest::forget_anonymous;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

/// The documented endpoints about spoken conversations.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(history::get_list))
        .routes(routes!(history::get_entry))
        .routes(routes!(save::post))
        .routes(routes!(ingest::post))
        .routes(routes!(list::get_sessions))
        .routes(routes!(list::get_utterances))
}
