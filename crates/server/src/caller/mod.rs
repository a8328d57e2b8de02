//! Who calls.
//!
//! A caller is known by a proof and by nothing else: the token of a session, the key of a trusted channel, the signature of
//! an enrolled device. Phone numbers, customer ids and session ids are names, whoever sends them. [`Credentials`] takes the
//! proofs of a request and refuses nothing, so that a body of the wrong shape is told first; [`Credentials::judge`] then
//! answers the [`Caller`], or which proof is none.

mod channel;
mod credentials;
pub mod keys;
mod own;
#[cfg(test)]
mod tests;

pub use channel::TrustedChannel;
pub use credentials::{Caller, Credentials};
pub use own::Own;
