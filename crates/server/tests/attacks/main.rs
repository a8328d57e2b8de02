//! Attacks on the handoff, each of which fails because of one guard: remove the guard, and its test fails.
//!
//! The server is the real one on a real socket with a real database; only its clock and dice are the test's own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod claims;
mod codes;
mod devices;
mod digits;
mod holds;
mod interleaving;
mod phones;
mod proofs;
mod shop;
mod speech;
