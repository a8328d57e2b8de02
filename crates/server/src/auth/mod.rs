//! Accounts and passwords: sign-up, login, logout.

mod http;
pub mod operations;
#[cfg(test)]
mod tests;

pub use http::routes;
