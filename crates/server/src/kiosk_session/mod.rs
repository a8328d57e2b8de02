//! Kiosks' holds of sessions: a token of the kiosk's own, bound to its device key, for as long as the customer stands there.
//!
//! A hold ends when the kiosk, the phone or an associate says so, when nobody uses it, at its absolute limit, when somebody
//! else comes, and when the kiosk is no longer enrolled. A customer's session goes on without it; a guest's ends with it.

mod attach;
mod away;
pub mod guest;
pub mod operations;
mod route;

pub use attach::attach;
pub use away::{Away, begin_away, end_guest};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

/// The area's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(route::post_guest)).routes(routes!(route::get))
}
