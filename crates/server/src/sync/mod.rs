//! Changes from kiosks' outboxes, each applied once.

mod apply;
mod http;
#[cfg(test)]
mod tests;

pub use http::routes;
