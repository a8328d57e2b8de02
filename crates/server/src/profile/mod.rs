//! What the shop remembers of people: of those with an account, and of guests for as long as their session lives.
//!
//! A profile is opened by whoever it belongs to: by the account, or by the token of the guest's session. The id that a client
//! gave its guest is kept as another name of that guest's profile and opens nothing by itself.

pub mod at_kiosk;
pub mod change;
pub mod guest;
mod http;
pub mod link;
#[cfg(test)]
mod link_tests;
pub mod operations;
#[cfg(test)]
pub(crate) mod tests;
mod wire;

pub use guest::blank;
pub(crate) use http::readable;
use utoipa_axum::{router::OpenApiRouter, routes};
pub use wire::{empty, profile as wire_profile};

use crate::state::AppState;

/// The endpoints about profiles.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(http::post_guest))
        .routes(routes!(http::get, http::put, http::patch))
        .routes(routes!(http::patch_location))
        .routes(routes!(http::post_link))
}
