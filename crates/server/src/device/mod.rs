//! Kiosks and staff desktops. A device is a key that an operator accepted, with the place where it stands.

pub mod operations;
mod pin;
mod route;

pub use operations::EnrolError;
pub use pin::staff_pin;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

/// The area's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(route::post_enrolment)).routes(routes!(route::get_self))
}
