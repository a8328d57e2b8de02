//! Text to speech for kiosks.

mod route;

pub use ::speech::{Engine, EngineError, Espeak, Flite, Mute, Rendering, Voices, installed_engines};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

/// The area's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(route::post))
}
