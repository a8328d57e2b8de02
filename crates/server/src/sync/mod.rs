//! Changes from kiosks' outboxes, each applied once.

mod apply;
#[cfg(test)]
mod away_tests;
mod http;
#[cfg(test)]
mod profile_tests;
#[cfg(test)]
mod tests;

pub use http::routes;
