//! Loyalty: points, tiers, coupons and promotions.
//!
//! Coupons, promotions and what a tier gives are the shop's data; the limits of the tiers stand in [`tier`].

mod http;
pub mod operations;
mod promotion;
#[cfg(test)]
mod tests;
pub mod tier;

pub use http::routes;
