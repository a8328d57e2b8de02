//! Handoffs: a customer comes to a kiosk with a phone.
//!
//! The kiosk opens one and shows its codes ([`open`]), a phone looks at a code ([`visit`]) and, once somebody is signed in
//! there, claims the handoff ([`claim`]); it shows two digits, which are typed at the kiosk and turn the claim into a hold
//! of the customer's session ([`issue`]). The kiosk never learns the digits before they are typed, so whoever scans a
//! photographed code gets nowhere without standing at the kiosk, and a bystander who claims first shows the customer nothing.
//!
//! Each step is one compare-and-set in a transaction with its event ([`state`]). Lifetimes are judged when something
//! happens, and swept so that nobody waits for what is over ([`expiry`]).

pub mod claim;
pub mod codes;
mod digits;
mod error;
pub mod expiry;
pub mod issue;
pub mod open;
mod route;
mod seal;
pub mod state;
pub mod visit;

pub use error::HandoffError;
pub use seal::{BadKey, read_key, seal};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

/// The area's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(route::post)).routes(routes!(route::delete)).routes(routes!(route::post_match))
}
