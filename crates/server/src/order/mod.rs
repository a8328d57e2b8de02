//! Customers, orders and payments, for whom they concern.

mod http;
mod payments;
#[cfg(test)]
mod tests;
mod wire;

pub use http::routes;
pub use wire::order as wire_order;
