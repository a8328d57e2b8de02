//! What customers ask staff for: a customer makes a request, changes and cancels it; verified staff see it as a lead, answer
//! it and take it on. Whose it is, staff are not told.

mod customer;
mod dashboard;
mod error;
mod lead;
pub mod operations;
mod state;
#[cfg(test)]
pub(crate) mod tests;
mod wire;

pub use dashboard::dashboard;
pub use error::RequestError;
pub use operations::create;
pub use state::{NotPossible, Step};
use utoipa_axum::{router::OpenApiRouter, routes};
pub use wire::lead as wire_lead;

use crate::state::AppState;

/// The endpoints about requests.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(lead::get_list))
        .routes(routes!(lead::get, customer::patch))
        .routes(routes!(lead::put_view))
        .routes(routes!(lead::put_status))
        .routes(routes!(customer::post))
        .routes(routes!(customer::post_cancel))
        .routes(routes!(customer::get_dashboard))
}
