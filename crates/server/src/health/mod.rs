//! Whether the server is alive, and whether it can do its work.

mod http;
#[cfg(test)]
mod tests;

pub use http::routes;
