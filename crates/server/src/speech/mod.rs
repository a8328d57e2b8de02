//! Text to speech: texts go to engines behind a trait, sound comes back while it is rendered.

mod engine;
mod espeak;
mod flite;
mod program;
mod route;
mod spoken;
mod voices;
mod wav;

use axum::{Router, routing::post};
pub use engine::{Engine, EngineError, Rendering};
pub use espeak::Espeak;
pub use flite::Flite;
use protocol::routes;
pub use voices::{Mute, Voices};

use crate::state::AppState;

/// The area's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route(routes::SPEECH, post(route::post))
}
