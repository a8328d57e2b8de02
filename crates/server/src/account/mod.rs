//! Accounts by e-mail: registering, signing in and out, what the person says about himself, the password.

mod email;
mod error;
mod first_password;
mod http;
mod links;
mod links_http;
#[cfg(test)]
mod links_tests;
pub mod operations;
#[cfg(test)]
pub(crate) mod tests;
mod user;
mod validate;
mod wire;

pub use email::{InvalidEmail, normalise as normalise_email};
pub use error::AccountError;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

/// The documented account endpoints.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(http::health))
        .routes(routes!(http::register))
        .routes(routes!(http::login))
        .routes(routes!(http::logout))
        .routes(routes!(http::me))
        .routes(routes!(user::get_profile, user::patch_profile))
        .routes(routes!(user::put_preferences))
        .routes(routes!(user::change_password))
        .routes(routes!(links_http::ask_reset))
        .routes(routes!(links_http::confirm_reset))
        .routes(routes!(links_http::ask_verification))
        .routes(routes!(links_http::confirm_email))
        .routes(routes!(first_password::post))
        .routes(routes!(validate::post))
}
