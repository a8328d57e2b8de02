//! Signing in with a real, certified OpenID Connect provider that the tests start: by bearer token, and by its own page.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bearer;
mod page;
mod phone;
mod shop;
