//! Customers, orders and payments, for whom they concern; placing orders, and what becomes of their payments.

mod buying;
#[cfg(test)]
mod buying_tests;
pub mod checkout;
mod http;
mod payments;
pub mod settlement;
#[cfg(test)]
mod tests;
mod wire;

pub use http::routes;
pub use wire::order as wire_order;
