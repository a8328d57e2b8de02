//! The page on a customer's phone, and what it asks for.
//!
//! The page's credential is the cookie `sessionid`; a second cookie ties tickets and claims to the browser that got them.
//! Unsafe calls come from our own page ([`person`]).

mod claim;
mod follow;
mod me;
mod page;
mod person;
mod provider;
mod sign_in;
mod visit;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

/// The area's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(page::get_scanned))
        .routes(routes!(page::get))
        .routes(routes!(page::get_typed))
        .routes(routes!(page::get_reset))
        .routes(routes!(page::get_verify))
        .routes(routes!(page::get_asset))
        .routes(routes!(visit::post))
        .routes(routes!(me::get))
        .routes(routes!(sign_in::post_sign_in))
        .routes(routes!(sign_in::post_sign_up))
        .routes(routes!(me::post_sign_out))
        .routes(routes!(provider::post_start))
        .routes(routes!(provider::get_callback))
        .routes(routes!(claim::post))
        .routes(routes!(follow::get))
        .routes(routes!(claim::post_cancel))
        .routes(routes!(claim::post_end))
}
