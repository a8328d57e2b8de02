//! Who works in the shop: people enrol, and a manager verifies or rejects them. Nothing verifies itself.

mod http;
mod manager;
pub mod operations;
mod state;
#[cfg(test)]
mod tests;

pub use operations::EnrolmentError;
pub use state::{NotPossible, Step};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

/// The endpoints about enrolments.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(http::post_start))
        .routes(routes!(http::get, http::patch))
        .routes(routes!(http::post_submit))
        .routes(routes!(manager::get_list))
        .routes(routes!(manager::post_verify))
        .routes(routes!(manager::post_reject))
}
