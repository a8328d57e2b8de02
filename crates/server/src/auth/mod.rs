//! Accounts and passwords: sign-up, login, logout.

mod http;
pub mod operations;
mod qr;
#[cfg(test)]
mod qr_tests;
#[cfg(test)]
mod tests;

pub use http::routes;
