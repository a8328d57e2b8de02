//! Kiosks and staff desktops. A device is a key that an operator accepted, with the place where it stands.

pub mod operations;
mod route;

use axum::{
    Router,
    routing::{get, post},
};
pub use operations::EnrolError;
use protocol::routes;

use crate::state::AppState;

/// The area's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route(routes::DEVICE_ENROLMENTS, post(route::post_enrolment)).route(routes::DEVICE_SELF, get(route::get_self))
}
