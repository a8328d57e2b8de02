//! Stock: what is free where, pieces held for somebody, and sales.

mod http;
pub mod operations;
#[cfg(test)]
mod tests;

pub use http::routes;
