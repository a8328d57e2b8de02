//! Changes from kiosks' outboxes, each applied once.

mod apply;
#[cfg(test)]
mod away_tests;
mod http;
#[cfg(test)]
mod tests;

pub use http::routes;
