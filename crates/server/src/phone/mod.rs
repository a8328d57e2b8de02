//! The page on a customer's phone, and what it asks for.
//!
//! The page's credential is the cookie `sessionid`; a second cookie ties tickets and claims to the browser that got them.
//! Unsafe calls come from our own page ([`person`]).

mod claim;
mod cookie;
mod follow;
mod me;
mod page;
mod person;
mod sign_in;
mod visit;

use axum::{
    Router,
    routing::{get, post},
};
use protocol::routes;

use crate::state::AppState;

/// The area's routes.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(&format!("{}/{{code}}", routes::PHONE_PAGE), get(page::get))
        .route(routes::PHONE_PAGE, get(page::get))
        .route(routes::PHONE_TYPED_PAGE, get(page::get))
        .route(&format!("{}/", routes::PHONE_TYPED_PAGE), get(page::get))
        .route("/phone/assets/{*path}", get(page::get_asset))
        .route(routes::PHONE_VISITS, post(visit::post))
        .route(routes::PHONE_ME, get(me::get))
        .route(routes::PHONE_SIGN_IN, post(sign_in::post_sign_in))
        .route(routes::PHONE_SIGN_UP, post(sign_in::post_sign_up))
        .route(routes::PHONE_SIGN_OUT, post(me::post_sign_out))
        .route(routes::PHONE_CLAIMS, post(claim::post))
        .route(routes::PHONE_CLAIM_EVENTS, get(follow::get))
        .route(routes::PHONE_CLAIM_CANCEL, post(claim::post_give_up))
        .route(routes::PHONE_CLAIM_END, post(claim::post_give_up))
}
