//! Proofs that a call comes from the holder of a device's key (RFC 9449), and what they open.
//!
//! [`Proven`] is any key that signed this very call; [`Device`] is a key that an operator enrolled. A proof is good once:
//! it names method and address, carries a nonce that this server made in the last minutes, and its id is remembered until
//! that nonce has gone out of use. Nonces are made under a key drawn at each start, so that nothing is replayed over a
//! restart either.

mod address;
mod extract;
mod nonce;
mod replay;
mod verify;

use std::sync::Arc;

pub use address::Addresses;
pub use extract::{Device, Proven, fresh_nonce};
use protocol::{Clock, Entropy};
pub use verify::{Expected, Refused, Verified, thumbprint, verify};

use self::{nonce::Nonces, replay::Seen};

/// What the server remembers to judge proofs.
#[derive(Debug)]
pub struct Proofs {
    nonces: Nonces,
    seen: Seen,
}

impl Proofs {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        Self { nonces: Nonces::new(clock.clone(), entropy), seen: Seen::new(clock) }
    }

    /// A nonce for the caller's next proof.
    #[must_use]
    pub fn nonce(&self) -> String {
        self.nonces.current()
    }
}
