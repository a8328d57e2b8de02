//! Text to speech: texts go to engines behind a trait, sound comes back while it is rendered.

mod engine;
mod espeak;
mod flite;
mod program;
mod route;
mod spoken;
mod voices;
mod wav;

pub use engine::{Engine, EngineError, Rendering};
pub use espeak::Espeak;
pub use flite::Flite;
use utoipa_axum::{router::OpenApiRouter, routes};
pub use voices::{Mute, Voices};

use crate::state::AppState;

/// The engines that this machine has, by their names.
#[must_use]
pub fn installed_engines() -> Vec<&'static str> {
    [flite::NAME, espeak::NAME].into_iter().filter(|name| program::installed(name).is_some()).collect()
}

/// The area's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(route::post))
}
