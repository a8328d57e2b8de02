//! Proofs that a call comes from the holder of a device's key (RFC 9449), and what they open.
//!
//! [`Proven`] is any key that signed this very call; [`Device`] is a key that an operator enrolled. A proof is good once:
//! it names method and address, carries a nonce that this server made in the last minutes, and its id is remembered until
//! that nonce has gone out of use. A single node makes its nonces under a key drawn at each start, so that nothing is replayed
//! over a restart either. Several nodes make them under one key and also remember ids together, in the database.

mod address;
mod extract;
mod nonce;
mod replay;
mod verify;

use std::sync::Arc;

pub use address::Addresses;
pub use extract::{Device, Proven, fresh_nonce};
pub(crate) use nonce::LONGEST as LONGEST_PROOF;
use protocol::Clock;
pub use verify::{Expected, Refused, Verified, thumbprint, verify};

use self::{nonce::Nonces, replay::Seen};
use crate::limit::Lifetimes;

/// What the server remembers to judge proofs.
#[derive(Debug)]
pub struct Proofs {
    nonces: Nonces,
    seen: Seen,
}

impl Proofs {
    /// Nothing seen yet. `secret` makes the nonces.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, lifetimes: Lifetimes, secret: &[u8; 32]) -> Self {
        Self { nonces: Nonces::new(lifetimes, secret), seen: Seen::new(clock) }
    }

    /// A nonce for the caller's next proof.
    #[must_use]
    pub fn nonce(&self) -> String {
        self.nonces.current()
    }
}
